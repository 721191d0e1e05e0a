import './feedback.css'
import { Button } from 'antd'
import type { ReactNode } from 'react'
import { asProblem, type Problem } from '@/api/problem'
import { useUi } from './texts'

/** Says what this place is for and offers the first step. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="zg-empty">
      <strong>{title}</strong>
      {children ? <p>{children}</p> : null}
      {action ? <div className="zg-empty-do">{action}</div> : null}
    </div>
  )
}

const WIDTHS = ['62%', '88%', '74%', '46%', '80%', '58%'] as const

/** The shape of what will come; never a spinner over content. */
export function Skeleton({ lines = 4 }: { lines?: number }) {
  const t = useUi()
  return (
    <div className="zg-bones" role="status" aria-label={t('common.loading')}>
      {Array.from({ length: lines }, (_, at) => WIDTHS[at % WIDTHS.length] ?? '70%').map((width, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: bones have no identity
        <span key={at} className="zg-bone" style={{ width }} />
      ))}
    </div>
  )
}

export function Loading({ lines = 6 }: { lines?: number }) {
  return (
    <div className="zg-page">
      <Skeleton lines={lines} />
    </div>
  )
}

/** What a problem says to a person. */
export function useProblemText(): (problem: Problem) => string {
  const t = useUi()
  return problem => {
    if (problem.detail !== '') return problem.detail
    if (problem.code === 'offline') return t('problem.offline')
    if (problem.status === 0) return t('problem.unexpected')
    return t('problem.http', { status: problem.status })
  }
}

/** What went wrong, in the server's words, with the request's id and a way on. */
export function ProblemView({ error, retry }: { error: unknown; retry?: (() => void) | undefined }) {
  const t = useUi()
  const textOf = useProblemText()
  const problem = asProblem(error)
  // Asked again, what is not there is still not there.
  const missing = problem.status === 404
  return (
    <div className="zg-problem" role="alert">
      <strong>{missing ? t('problem.missing') : t('problem.title')}</strong>
      <span>{textOf(problem)}</span>
      {problem.errors.length > 0 ? (
        <ul>
          {problem.errors.map(field => (
            <li key={field.pointer + field.code}>{field.detail}</li>
          ))}
        </ul>
      ) : null}
      {problem.requestId ? (
        <span className="zg-quiet">
          {t('problem.request')} <code className="zg-mono">{problem.requestId}</code>
        </span>
      ) : null}
      {retry ? (
        <Button onClick={missing ? goBack : retry}>{missing ? t('problem.back') : t('problem.retry')}</Button>
      ) : null}
    </div>
  )
}

/** To where one came from; a page opened by its address alone has only the start. */
function goBack() {
  if (history.length > 1) history.back()
  else location.assign('/admin/')
}

/** A card with a heading. */
export function Card({
  title,
  extra,
  flush = false,
  children,
}: {
  title?: ReactNode
  extra?: ReactNode
  flush?: boolean
  children: ReactNode
}) {
  return (
    <section className="zg-card">
      {title ? (
        <header>
          <h2>{title}</h2>
          {extra ? <div>{extra}</div> : null}
        </header>
      ) : null}
      <div className={flush ? 'zg-card-flush' : 'zg-card-body'}>{children}</div>
    </section>
  )
}

/** Pairs of a name and a value; what does not apply is left out. */
export function Facts({ of }: { of: readonly (readonly [name: string, value: ReactNode] | undefined)[] }) {
  return (
    <dl className="zg-facts">
      {of
        .filter(pair => pair !== undefined)
        .map(([name, value]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  )
}

/** The head of a page: its title and what can be done here. */
export function Page({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <div className="zg-page">
      <title>{`${title} · 掌柜`}</title>
      <header className="zg-page-head">
        <h1>{title}</h1>
        {actions ? <div className="zg-page-actions">{actions}</div> : null}
      </header>
      {children}
    </div>
  )
}
