/** The abacus: the shop's own sign. */
export function Mark({ size = 26 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="var(--zg-accent)" />
      <g stroke="#fff" strokeOpacity=".55" strokeWidth="1.6" strokeLinecap="round">
        <path d="M10 6.5v19M16 6.5v19M22 6.5v19" />
      </g>
      <path d="M6.5 12.5h19" stroke="#fff" strokeWidth="1.8" strokeLinecap="round" />
      <g fill="#fff">
        {BEADS.map(([x, y]) => (
          <ellipse key={`${x}-${y}`} cx={x} cy={y} rx="2.7" ry="1.7" />
        ))}
      </g>
    </svg>
  )
}

const BEADS = [
  [10, 9.4],
  [10, 17],
  [10, 20.8],
  [16, 16.4],
  [16, 23.6],
  [22, 9.4],
  [22, 23.6],
] as const
