type Line = { readonly sku: string; readonly quantity: number }

/** `MUG-220 × 2` and so on, each kept whole; past the first few only how many more. */
export function Pieces({ of, most = Number.POSITIVE_INFINITY }: { of: readonly Line[]; most?: number }) {
  const text = (line: Line) => `${line.sku} × ${line.quantity}`
  const rest = of.slice(most)
  return (
    <span className="zg-pieces">
      {of.slice(0, most).map(line => (
        <span key={line.sku}>{text(line)}</span>
      ))}
      {rest.length > 0 ? (
        <span className="zg-quiet" title={rest.map(text).join('\n')}>
          +{rest.length}
        </span>
      ) : null}
    </span>
  )
}
