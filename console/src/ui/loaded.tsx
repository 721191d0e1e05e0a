import type { ReactNode } from 'react'
import { Loading, ProblemView } from './feedback'

type Asked<T> = {
  readonly data: T | undefined
  readonly isError: boolean
  readonly error: unknown
  readonly refetch: () => unknown
}

/** A page of what was asked for: its shape while it comes, what went wrong if it does not. */
export function Loaded<T>({ of, children }: { of: Asked<T>; children: (data: T) => ReactNode }) {
  if (of.data !== undefined) return children(of.data)
  if (of.isError) {
    return (
      <div className="zg-page">
        <ProblemView error={of.error} retry={() => void of.refetch()} />
      </div>
    )
  }
  return <Loading />
}
