import { PlusOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useMemo } from 'react'
import { api, unwrap, useMay } from '@/api'
import { useLabel } from '@/i18n'
import {
  Badge,
  type Column,
  Empty,
  enumFilter,
  JOB_STATES,
  None,
  Page,
  Person,
  Quantity,
  ResourceTable,
  StateBadge,
  Time,
  useGo,
  useJobName,
} from '@/ui'
import { type JobView, jobKeys } from './import-queries'
import { useImportT } from './import-texts'

/** Long work, past and present: imports above all. */
export default function Imports() {
  const t = useImportT()
  const go = useGo()
  const may = useMay()
  const label = useLabel()
  const nameOf = useJobName()
  const columns = useMemo<readonly Column<JobView>[]>(
    () => [
      { id: 'kind', title: t('job'), width: 220, cell: row => nameOf(row.kind) },
      {
        id: 'state',
        title: t('state'),
        cell: row => (
          <span className="zg-row">
            <StateBadge state={row.state} of={JOB_STATES} />
            {row.dry_run ? <Badge tone="neutral">{t('dryRun')}</Badge> : null}
          </span>
        ),
      },
      {
        id: 'file',
        title: t('file'),
        cell: row =>
          row.file_name ? (
            <span className="zg-clip" title={row.file_name}>
              {row.file_name}
            </span>
          ) : (
            <None />
          ),
      },
      { id: 'by', title: t('by'), cell: row => (row.started_by ? <Person name={row.started_by} /> : <None />) },
      { id: 'total', title: t('rows'), align: 'right', cell: row => <Quantity value={row.total} /> },
      {
        id: 'failed',
        title: t('wrong'),
        align: 'right',
        cell: row =>
          row.failed > 0 ? (
            <span style={{ color: 'var(--zg-bad)' }}>
              <Quantity value={row.failed} />
            </span>
          ) : (
            <None />
          ),
      },
      { id: 'created', title: t('started'), cell: row => <Time at={row.created_at} /> },
      { id: 'finished', title: t('finished'), cell: row => <Time at={row.finished_at} /> },
    ],
    [t, nameOf],
  )
  const filters = useMemo(
    () => [
      enumFilter(
        'state',
        t('state'),
        Object.entries(JOB_STATES).map(([value, look]) => ({ value, label: label(look.label) })),
        true,
      ),
    ],
    [t, label],
  )
  const create = may('imports.write') ? (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => go('/imports/new')}>
      {t('new')}
    </Button>
  ) : null
  return (
    <Page title={t('title')} actions={create}>
      <ResourceTable
        name="imports"
        columns={columns}
        filters={filters}
        queryKey={jobKeys.lists}
        load={({ sort: _sort, q: _q, ...query }, signal) =>
          unwrap(api.GET('/api/v1/admin/jobs', { params: { query }, signal }))
        }
        rowId={row => row.id}
        link={linkOf}
        live="jobs.read"
        empty={
          <Empty title={t('none')} action={create}>
            {t('noneHelp')}
          </Empty>
        }
      />
    </Page>
  )
}

const linkOf = (row: JobView) => `/jobs/${row.id}`
