import { BellOutlined } from '@ant-design/icons'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Popover } from 'antd'
import { api, unwrap } from '@/api/client'
import { newKey, sends } from '@/api/intent'
import { useMay } from '@/api/session'
import { Skeleton } from '../feedback'
import { isOpen, Job, useJobName } from '../job'
import { useLiveRefresh } from '../live'
import { PathLink } from '../path'
import { useUi } from '../texts'

const JOBS = ['jobs', 'recent'] as const

/** The bell: long work, also after the page that began it was left. */
export function JobBell() {
  const may = useMay()
  return may('jobs.read') ? <Bell /> : null
}

function Bell() {
  const t = useUi()
  const may = useMay()
  const nameOf = useJobName()
  const client = useQueryClient()
  useLiveRefresh('jobs.read', JOBS)
  const jobs = useQuery({
    queryKey: JOBS,
    queryFn: () => unwrap(api.GET('/api/v1/admin/jobs', { params: { query: { limit: 10 } } })),
    refetchInterval: query => (query.state.data?.data.some(isOpen) ? 5_000 : 60_000),
    retry: false,
  })
  const rows = jobs.data?.data ?? []
  const cancel = async (id: number) => {
    await unwrap(
      api.POST('/api/v1/admin/jobs/{id}/cancel', { params: { path: { id } }, headers: sends({ key: newKey() }) }),
    )
    await client.invalidateQueries({ queryKey: JOBS })
  }
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      arrow={false}
      rootClassName="zg-jobs-pop"
      title={t('top.jobs')}
      content={
        <div className="zg-jobs">
          {jobs.isPending ? <Skeleton lines={3} /> : null}
          {!jobs.isPending && rows.length === 0 ? <span className="zg-quiet">{t('job.none')}</span> : null}
          {rows.map(job => (
            <Job
              key={job.id}
              job={job}
              title={<PathLink to={`/jobs/${job.id}`}>{nameOf(job.kind)}</PathLink>}
              errorsHref={`/api/v1/admin/jobs/${job.id}/errors.csv`}
              cancel={may('imports.write') ? () => void cancel(job.id) : undefined}
            />
          ))}
        </div>
      }
    >
      <button type="button" className="zg-plain zg-icon-button" aria-label={t('top.jobs')} title={t('top.jobs')}>
        <BellOutlined />
        {rows.some(isOpen) ? <span className="zg-dot" /> : null}
      </button>
    </Popover>
  )
}
