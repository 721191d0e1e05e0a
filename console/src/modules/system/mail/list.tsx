import '../system.css'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { api, unwrap, useMay } from '@/api'
import { useLabel } from '@/i18n'
import {
  Action,
  type Column,
  dateFilter,
  Empty,
  enumFilter,
  type ListQuery,
  None,
  Page,
  Quantity,
  ResourceTable,
  type Selection,
  StateBadge,
  Time,
} from '@/ui'
import { MailDeeds } from './deeds'
import { useLastError } from './last-error'
import { type MailRow, mailKeys, mailQueueQuery, type WhichMails } from './queries'
import { MAIL_KINDS, MAIL_STATES, useMailT } from './texts'

type Param = 'state' | 'template' | 'from' | 'to'

/** Every mail of the shop, newest first: what waits, what left, what did not (M8.15). */
export default function Mails() {
  const t = useMailT()
  const label = useLabel()
  const why = useLastError()
  const columns = useMemo<readonly Column<MailRow>[]>(
    () => [
      {
        id: 'to',
        title: t('to'),
        width: 220,
        cell: row => (
          <>
            <span className="zg-clip">{row.to || <span className="zg-quiet">{t('erased')}</span>}</span>
            <span className="zg-phone">{row.subject}</span>
          </>
        ),
      },
      {
        id: 'subject',
        title: t('subject'),
        wide: true,
        cell: row => (
          <span className="zg-clip" title={row.subject}>
            {row.subject || <None />}
          </span>
        ),
      },
      { id: 'state', title: t('state'), cell: row => <StateBadge state={row.state} of={MAIL_STATES} /> },
      {
        id: 'template',
        title: t('kind'),
        wide: true,
        cell: row => label(MAIL_KINDS[row.template] ?? same(row.template)),
      },
      { id: 'attempts', title: t('attempts'), align: 'right', cell: row => <Quantity value={row.attempts} /> },
      { id: 'created', title: t('created'), cell: row => <Time at={row.created_at} /> },
      { id: 'next', title: t('next'), cell: row => <Time at={row.next_at} /> },
      {
        id: 'error',
        title: t('error'),
        cell: row =>
          row.last_error ? (
            <span className="zg-clip" title={why(row.last_error)}>
              {why(row.last_error)}
            </span>
          ) : (
            <None />
          ),
      },
      { id: 'sent', title: t('sent'), extra: true, cell: row => <Time at={row.sent_at} /> },
    ],
    [t, label, why],
  )
  const filters = useMemo(
    () =>
      [
        enumFilter(
          'state',
          t('state'),
          Object.entries(MAIL_STATES).map(([value, look]) => ({ value, label: label(look.label) })),
        ),
        enumFilter(
          'template',
          t('kind'),
          Object.entries(MAIL_KINDS).map(([value, kind]) => ({ value, label: label(kind) })),
          true,
        ),
        dateFilter('from', 'to', t('day')),
      ] as const,
    [t, label],
  )
  const views = useMemo(
    () => [
      { name: t('notLeft'), search: { state: 'failed,bounced' } },
      { name: t('waiting'), search: { state: 'queued,paused,sending' } },
    ],
    [t],
  )
  return (
    <Page title={t('title')} actions={<HoldAll />}>
      <HoldNotice />
      <ResourceTable<MailRow, Param>
        name="mails"
        columns={columns}
        filters={filters}
        queryKey={mailKeys.lists}
        load={load}
        rowId={row => row.id}
        link={linkOf}
        searchHint={t('hint')}
        views={views}
        live="mails.read"
        bulk={(selection, done) => (
          <MailDeeds
            deeds={['requeue', 'pause', 'delete']}
            which={whichOf(selection)}
            count={selection.count ?? 0}
            size="small"
            then={done}
          />
        )}
        empty={<Empty title={t('empty')}>{t('emptyHelp')}</Empty>}
      />
    </Page>
  )
}

const same = (text: string) => ({ 'zh-CN': text, en: text })
const linkOf = (row: MailRow) => `/mails/${row.id}`

function load({ sort: _, ...query }: ListQuery<Param>, signal: AbortSignal) {
  return unwrap(api.GET('/api/v1/admin/mails', { params: { query }, signal }))
}

/** Rows by their ids; all that match by the list's own filters. */
function whichOf(selection: Selection): WhichMails {
  if (selection.kind === 'rows') return { ids: selection.ids.map(Number) }
  const text = (name: string) => {
    const value = selection.query[name]
    return typeof value === 'string' ? { [name]: value } : {}
  }
  return { filter: { ...text('state'), ...text('template'), ...text('q'), ...text('from'), ...text('to') } }
}

/** Says on the page that nothing leaves. */
function HoldNotice() {
  const t = useMailT()
  const queue = useQuery(mailQueueQuery).data
  return queue?.paused ? (
    <div className="zg-notice" role="status">
      {t('holdNotice')}
    </div>
  ) : null
}

/** Holds all mail, or lets it go. */
function HoldAll() {
  const t = useMailT()
  const may = useMay()
  const client = useQueryClient()
  const queue = useQuery(mailQueueQuery).data
  if (!queue || !may('mails.write')) return null
  const { paused, version, queued } = queue
  const way = paused ? 'letGo' : 'hold'
  return (
    <Action<object>
      key={way}
      name="mail-hold"
      label={t(paused ? 'letGo' : 'holdAll')}
      danger={!paused}
      primary={paused}
      title={t(`${way}Title`)}
      consequences={t(`${way}Text`, { count: queued })}
      confirm={t(way)}
      initial={{}}
      run={async () => {
        try {
          await unwrap(
            api.PUT('/api/v1/admin/mail-queue', {
              params: { header: { 'If-Match': `"${version}"` } },
              body: { paused: !paused },
            }),
          )
        } finally {
          await client.invalidateQueries({ queryKey: mailKeys.all })
        }
      }}
      done={t('done')}
    />
  )
}
