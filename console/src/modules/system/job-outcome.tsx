import './system.css'
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { api, unwrap, useMay } from '@/api'
import { isRecord } from '@/api/json'
import { useLabel, useLocale } from '@/i18n'
import { Action, Card, isOpen, Job, None, Quantity, Skeleton, useLiveEvents } from '@/ui'
import { type JobView, jobKeys } from './import-queries'
import { useImportT } from './import-texts'
import { COLUMNS } from './import-words'
import { useRefresh } from './queries'

/** How a job goes, and what came of it. */
export function JobOutcome({ job }: { job: JobView }) {
  const t = useImportT()
  const may = useMay()
  const refresh = useRefresh(jobKeys.all)
  useLiveEvents('jobs.read', event => {
    if (event.entity_id === job.id) void refresh()
  })
  const pictures = job.pictures ?? undefined
  const heading = job.dry_run && job.state === 'done' ? t('dryDone') : headingOf(job.state, t)
  const result = isRecord(job.result) ? job.result : {}
  const count = (name: string) => (typeof result[name] === 'number' ? result[name] : undefined)
  return (
    <>
      <Card
        title={heading}
        extra={
          !may('imports.write') ? null : job.resumable ? (
            <Action
              name="resume-job"
              label={t('resume')}
              size="small"
              primary
              title={t('resumeTitle')}
              consequences={t('resumeText')}
              initial={{}}
              run={async () => {
                await unwrap(api.POST('/api/v1/admin/jobs/{id}/resume', { params: { path: { id: job.id } } }))
                await refresh()
              }}
            />
          ) : isOpen(job) ? (
            <Action
              name="cancel-job"
              label={t('cancel')}
              size="small"
              title={t('cancel')}
              consequences={t('cancelText')}
              initial={{}}
              run={async () => {
                await unwrap(api.POST('/api/v1/admin/jobs/{id}/cancel', { params: { path: { id: job.id } } }))
                await refresh()
              }}
            />
          ) : null
        }
      >
        <div className="zg-stack">
          <Job job={job} />
          {isOpen(job) && pictures ? (
            <span>{t('picturesOf', { done: pictures.done + pictures.failed, total: pictures.total })}</span>
          ) : null}
          {isOpen(job) ? <span className="zg-quiet">{t('leave')}</span> : null}
          {job.state === 'cancelled' ? <span className="zg-quiet">{t('cancelledHelp')}</span> : null}
          {result['code'] === 'worker_lost' ? <div className="zg-summary">{t('workerLost')}</div> : null}
          {typeof result['reason'] === 'string' ? <div className="zg-summary">{result['reason']}</div> : null}
          {count('rows') === undefined ? null : (
            <dl className="zg-counts">
              {(['rows', 'created', 'updated'] as const).map(name => (
                <div key={name}>
                  <dt>{t(name)}</dt>
                  <dd>
                    <Quantity value={count(name)} />
                  </dd>
                </div>
              ))}
              <div>
                <dt>{t('wrong')}</dt>
                <dd data-bad={job.failed > 0}>
                  <Quantity value={job.failed} />
                </dd>
              </div>
              {pictures ? (
                <>
                  <div>
                    <dt>{t('picturesDone')}</dt>
                    <dd>
                      <Quantity value={job.dry_run ? pictures.total : pictures.done} />
                    </dd>
                  </div>
                  <div>
                    <dt>{t('picturesMissing')}</dt>
                    <dd data-bad={pictures.failed > 0}>
                      <Quantity value={pictures.failed} />
                    </dd>
                  </div>
                </>
              ) : null}
            </dl>
          )}
        </div>
      </Card>
      {job.failed > 0 || job.state === 'failed' || (pictures?.failed ?? 0) > 0 ? <Errors job={job} /> : null}
    </>
  )
}

function headingOf(state: string, t: ReturnType<typeof useImportT>): string {
  switch (state) {
    case 'done':
      return t('done')
    case 'failed':
      return t('failed')
    case 'cancelled':
      return t('cancelled')
    default:
      return t('progress')
  }
}

const SHOWN = 50

function Errors({ job }: { job: JobView }) {
  const t = useImportT()
  const locale = useLocale()
  const label = useLabel()
  const errors = useQuery({
    queryKey: [...jobKeys.part(job.id, 'errors'), job.state, job.failed, job.pictures?.failed],
    queryFn: () =>
      unwrap(api.GET('/api/v1/admin/jobs/{id}/errors', { params: { path: { id: job.id }, query: { limit: SHOWN } } })),
  })
  const rows = errors.data?.data
  const missing = job.pictures?.failed ?? 0
  const columnOf = (column: string | null | undefined) => {
    const words = column ? COLUMNS[column] : undefined
    return words ? label(words) : (column ?? <None />)
  }
  return (
    <Card
      title={missing > 0 ? t('errorsPictures') : t('errors')}
      flush
      extra={
        <Button href={`/api/v1/admin/jobs/${job.id}/errors.csv`} download>
          {t('downloadErrors')}
        </Button>
      }
    >
      {rows === undefined ? (
        <Skeleton />
      ) : (
        <section
          className="zg-scroll-x"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
          tabIndex={0}
          aria-label={t('errors')}
        >
          <table className="zg-grid">
            <thead>
              <tr>
                <th scope="col">{t('row')}</th>
                <th scope="col">{t('column')}</th>
                <th scope="col">{t('problem')}</th>
                <th scope="col">{t('value')}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((error, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a row may have the same fault twice
                <tr key={`${error.row}-${at}`}>
                  <td className="zg-num">{error.row > 0 ? error.row : '—'}</td>
                  <td>{columnOf(error.column)}</td>
                  <td>{inLanguage(error.message, locale)}</td>
                  <td className="zg-mono zg-cut" title={error.value ?? ''}>
                    {error.value ?? ''}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {rows && job.failed + missing > rows.length ? (
        <p className="zg-quiet" style={{ padding: 12 }}>
          {t('moreErrors', { count: rows.length })}
        </p>
      ) : null}
    </Card>
  )
}

/** A message that stands in both languages, `必填 · required`, in one of them. */
export function inLanguage(message: string, locale: string): string {
  const at = message.indexOf(' · ')
  if (at < 0) return message
  return locale === 'en' ? message.slice(at + 3) : message.slice(0, at)
}
