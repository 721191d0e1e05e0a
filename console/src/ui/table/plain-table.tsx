import './table.css'
import type { ReactNode } from 'react'

/** A table that stands on a page with the rest of it: as long as its rows, wide ones scroll sideways. */
export function PlainTable({
  label,
  dense = false,
  stack = false,
  kind,
  children,
}: {
  label: string
  dense?: boolean
  /** On a phone each row is a block of its own, its cells named by their `data-label`. */
  stack?: boolean
  /** A class of its own, for what only this table has. */
  kind?: string
  children: ReactNode
}) {
  return (
    <section
      className="zg-table-wide"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
      tabIndex={0}
      aria-label={label}
    >
      <table
        className={kind ? `zg-table ${kind}` : 'zg-table'}
        data-density={dense ? 'dense' : 'roomy'}
        data-stack={stack}
      >
        {children}
      </table>
    </section>
  )
}
