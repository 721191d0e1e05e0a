import '../system.css'
import { useMemo } from 'react'
import { api, unwrap } from '@/api'
import { useLabel } from '@/i18n'
import {
  type Column,
  dateFilter,
  Empty,
  enumFilter,
  type ListQuery,
  None,
  Page,
  Quantity,
  ResourceTable,
  StateBadge,
  Time,
  textFilter,
} from '@/ui'
import { type CallRow, queueKeys } from './queries'
import { CALL_STATES, TASK_WORDS, useQueueT } from './texts'
import { TaskName } from './words'

type Param = 'state' | 'task' | 'queue' | 'from' | 'to'

/** Every call of a task that is kept, the latest first (P8). */
export default function Tasks() {
  const t = useQueueT()
  const label = useLabel()
  const columns = useMemo<readonly Column<CallRow>[]>(
    () => [
      { id: 'task', title: t('task'), width: 300, cell: row => <TaskName name={row.task} /> },
      { id: 'state', title: t('state'), cell: row => <StateBadge state={row.state} of={CALL_STATES} /> },
      { id: 'created', title: t('created'), cell: row => <Time at={row.created_at} /> },
      { id: 'due', title: t('due'), extra: true, cell: row => <Time at={row.due_at} /> },
      { id: 'finished', title: t('finished'), cell: row => <Time at={row.finished_at} /> },
      { id: 'tries', title: t('tries'), align: 'right', cell: row => <Quantity value={row.tries} /> },
      {
        id: 'error',
        title: t('error'),
        cell: row =>
          row.error ? (
            <span className="zg-clip" title={row.error}>
              {row.error}
            </span>
          ) : (
            <None />
          ),
      },
      { id: 'worker', title: t('worker'), extra: true, cell: row => row.worker ?? <None /> },
      { id: 'queue', title: t('queue'), extra: true, cell: row => row.queue },
    ],
    [t],
  )
  const filters = useMemo(
    () =>
      [
        enumFilter(
          'state',
          t('state'),
          Object.entries(CALL_STATES).map(([value, look]) => ({ value, label: label(look.label) })),
        ),
        enumFilter(
          'task',
          t('task'),
          Object.entries(TASK_WORDS).map(([value, words]) => ({ value, label: label(words) })),
          true,
        ),
        textFilter('queue', t('queue')),
        dateFilter('from', 'to', t('day')),
      ] as const,
    [t, label],
  )
  const views = useMemo(
    () => [
      { name: t('notDone'), search: { state: 'failed,poison' } },
      { name: t('running'), search: { state: 'running' } },
    ],
    [t],
  )
  return (
    <Page title={t('tasksTitle')}>
      <ResourceTable<CallRow, Param>
        name="tasks"
        columns={columns}
        filters={filters}
        queryKey={queueKeys.lists}
        load={load}
        rowId={row => row.id}
        link={linkOf}
        views={views}
        empty={<Empty title={t('tasksEmpty')}>{t('tasksEmptyHelp')}</Empty>}
      />
    </Page>
  )
}

const linkOf = (row: CallRow) => `/queue/tasks/${row.id}`

function load({ sort: _, q: __, ...query }: ListQuery<Param>, signal: AbortSignal) {
  return unwrap(api.GET('/api/v1/admin/queue/tasks', { params: { query }, signal }))
}
