import './inventory.css'
import { useLocale } from '@/i18n'
import { formatNumber } from '@/ui'

/** A change: `+3`, `−2`, nothing for none. */
export function Delta({ n }: { n: number }) {
  const locale = useLocale()
  if (n === 0) return <span className="zg-quiet">·</span>
  return (
    <span className="zg-num zg-delta" data-sign={n > 0 ? 'up' : 'down'}>
      {n > 0 ? '+' : '−'}
      {formatNumber(Math.abs(n), locale)}
    </span>
  )
}
