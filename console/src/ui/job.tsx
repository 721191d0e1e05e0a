import './job.css'
import { Button } from 'antd'
import { type ReactNode, useCallback } from 'react'
import { type Label, useLocale } from '@/i18n'
import { formatNumber } from './format'
import { useUi } from './texts'
import { useNow } from './use-now'
import { Badge, StateBadge, type StateLook, Time } from './values'

/** Long work, as the server tells of it. */
export type JobLike = {
  readonly id: number
  readonly kind: string
  readonly state: string
  readonly total: number
  readonly done: number
  readonly failed: number
  readonly dry_run?: boolean | undefined
  readonly created_at: string
  readonly started_at?: string | null | undefined
  readonly finished_at?: string | null | undefined
}

type JobState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled'

export const JOB_STATES = {
  queued: { tone: 'neutral', label: { 'zh-CN': '排队中', en: 'Waiting' } },
  running: { tone: 'busy', label: { 'zh-CN': '进行中', en: 'Running' } },
  done: { tone: 'good', label: { 'zh-CN': '已完成', en: 'Done' } },
  failed: { tone: 'bad', label: { 'zh-CN': '失败', en: 'Failed' } },
  cancelled: { tone: 'neutral', label: { 'zh-CN': '已取消', en: 'Cancelled' } },
} satisfies Record<JobState, StateLook>

export const isOpen = (job: JobLike): boolean => job.state === 'queued' || job.state === 'running'

const KINDS: Readonly<Record<string, Label>> = {
  'import.products': { 'zh-CN': '导入商品', en: 'Import products' },
  'import.customers': { 'zh-CN': '导入客户', en: 'Import customers' },
  'import.categories': { 'zh-CN': '导入分类', en: 'Import categories' },
  'import.orders': { 'zh-CN': '导入历史订单', en: 'Import past orders' },
}

/** What a job is called. */
export function useJobName(): (kind: string) => string {
  const locale = useLocale()
  return useCallback(kind => KINDS[kind]?.[locale] ?? kind, [locale])
}

/** How fast, and how long still; undefined until there is something to reckon from. */
export function pace(job: JobLike, now: Date): { rate: number; left: number } | undefined {
  if (job.state !== 'running' || !job.started_at || job.done <= 0) return undefined
  const seconds = (now.getTime() - new Date(job.started_at).getTime()) / 1000
  if (seconds < 1) return undefined
  const rate = job.done / seconds
  return { rate: Math.round(rate), left: Math.max(0, Math.round((job.total - job.done) / rate)) }
}

type Props = {
  job: JobLike
  title?: ReactNode
  /** Where the list of failed rows is downloaded. */
  errorsHref?: string | undefined
  cancel?: (() => void) | undefined
  children?: ReactNode
}

/** Progress of long work: it goes on when the page is left, and is found again under the bell. */
export function Job({ job, title, errorsHref, cancel, children }: Props) {
  const t = useUi()
  const locale = useLocale()
  const now = useNow()
  const speed = pace(job, now)
  const nameOf = useJobName()
  return (
    <article className="zg-job">
      <div className="zg-job-head">
        <strong style={{ fontWeight: 600 }}>{title ?? nameOf(job.kind)}</strong>
        {job.dry_run ? <Badge tone="neutral">{t('job.dryRun')}</Badge> : null}
        <StateBadge state={job.state} of={JOB_STATES} />
        {cancel && isOpen(job) ? (
          <Button size="small" type="text" onClick={cancel}>
            {t('job.cancel')}
          </Button>
        ) : null}
      </div>
      {isOpen(job) ? (
        <progress
          className="zg-bar"
          aria-label={t('job.running')}
          max={Math.max(1, job.total)}
          value={job.total > 0 ? job.done : undefined}
        />
      ) : null}
      <div className="zg-job-foot">
        {job.total > 0 && isOpen(job) ? (
          <span>{t('job.of', { done: formatNumber(job.done, locale), total: formatNumber(job.total, locale) })}</span>
        ) : null}
        {speed ? <span>{t('job.rate', { n: formatNumber(speed.rate, locale) })}</span> : null}
        {speed && speed.left > 0 ? <span>{t('job.left', { time: duration(speed.left, t) })}</span> : null}
        {job.failed > 0 ? (
          <span style={{ color: 'var(--zg-bad)' }}>{t('job.errors', { count: job.failed })}</span>
        ) : null}
        {job.failed > 0 && errorsHref ? (
          <a href={errorsHref} download>
            {t('job.errorsFile')}
          </a>
        ) : null}
        <Time at={job.finished_at ?? job.created_at} />
      </div>
      {children}
    </article>
  )
}

function duration(seconds: number, t: ReturnType<typeof useUi>): string {
  if (seconds < 90) return t('job.seconds', { count: seconds })
  if (seconds < 5_400) return t('job.minutes', { count: Math.round(seconds / 60) })
  return t('job.hours', { count: Math.round(seconds / 3_600) })
}
