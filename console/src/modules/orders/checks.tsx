import type { Schemas } from '@/api'
import { Badge, Card } from '@/ui'
import { useT } from './texts'

type Check = Schemas['Check']

const CHECKS = ['payment', 'address', 'contact', 'stock'] as const

/** What must be in order before picking, each in a word (M4.7). */
export function CheckList({ of }: { of: readonly Check[] }) {
  const t = useT()
  return (
    <ul className="zg-checks">
      {of.map(({ code, passed }) => {
        const known = CHECKS.find(each => each === code)
        return (
          <li key={code}>
            <Badge tone={passed ? 'good' : 'bad'}>
              {known ? t(`check.${known}`) : code}
              <span className="zg-sr">{passed ? t('passed') : t('failed')}</span>
            </Badge>
          </li>
        )
      })}
    </ul>
  )
}

/** The checks of an order that waits for picking. */
export function Checks({ of }: { of: readonly Check[] }) {
  const t = useT()
  if (of.length === 0) return null
  return (
    <Card title={t('checks')}>
      <CheckList of={of} />
    </Card>
  )
}
