import type { ErrorComponentProps } from '@tanstack/react-router'
import { asProblem } from '@/api/problem'
import { Empty, ProblemView } from '@/ui/feedback'
import { useUi } from '@/ui/texts'

/** A page that could not be shown; the rest of the console stays. */
export function PageProblem({ error, reset }: ErrorComponentProps) {
  const t = useUi()
  const problem = asProblem(error)
  if (problem.code === 'right_missing') {
    return <Empty title={t('problem.title')}>{t('problem.forbidden', { right: String(problem.more['right']) })}</Empty>
  }
  return (
    <div className="zg-page">
      <ProblemView
        error={error}
        retry={() => {
          // A chunk that is gone after an upgrade comes back only with the new page.
          if (error instanceof Error && /import|module/i.test(error.message)) location.reload()
          else reset()
        }}
      />
    </div>
  )
}
