import './orders.css'
import { useQuery } from '@tanstack/react-query'
import { useMe } from '@/api'
import { useLocale } from '@/i18n'
import {
  Badge,
  Card,
  DetailPage,
  FULFILMENT_STATES,
  formatInstant,
  Loaded,
  ORDER_STATES,
  PAYMENT_STATES,
  StateBadge,
  useLiveRefresh,
  useRouteId,
} from '@/ui'
import { CancelLines } from './cancel-lines'
import { Commands, Primary } from './commands'
import { Facts } from './facts'
import { History } from './history'
import { Lines } from './lines'
import { Ledger } from './money'
import { Parcels } from './parcels'
import { type Order, orderKeys, orderQuery } from './queries'
import { useT } from './texts'
import { Why } from './why'

/** One order: what was ordered, what came of it, and what can be done. */
export default function OrderPage() {
  const id = useRouteId()
  const order = useQuery(orderQuery(id))
  useLiveRefresh('orders.read', orderKeys.detail(id), event => event.entity_id === id)
  return <Loaded of={order}>{row => <Detail key={id} row={row} />}</Loaded>
}

function Detail({ row }: { row: Order }) {
  const t = useT()
  return (
    <DetailPage
      title={<span className="zg-num">{row.number}</span>}
      windowTitle={row.number}
      list={{ name: 'orders', path: '/orders', title: t('title') }}
      badges={
        <>
          <StateBadge state={row.state} of={ORDER_STATES} />
          <StateBadge state={row.payment} of={PAYMENT_STATES} />
          <StateBadge state={row.fulfilment} of={FULFILMENT_STATES} />
          {row.origin === 'import' ? <Badge tone="neutral">{t('origin.import')}</Badge> : null}
        </>
      }
      primary={<Primary row={row} />}
      more={
        <>
          <Commands row={row} />
          <CancelLines row={row} />
        </>
      }
      notice={<Lock row={row} />}
      side={<Facts row={row} />}
    >
      <Card title={t('lines')}>
        <Lines row={row} />
      </Card>
      {row.checks.length === 0 ? null : <Checks row={row} />}
      <Ledger row={row} />
      <Parcels row={row} />
      <Why row={row} />
      <History row={row} />
    </DetailPage>
  )
}

/** Who works on it, if somebody does (M4.2). */
function Lock({ row }: { row: Order }) {
  const t = useT()
  const locale = useLocale()
  const zone = useMe().shop.time_zone
  if (!row.lock) return null
  return (
    <div className="zg-note" role="status">
      <strong>{t('locked', { name: row.lock.name, until: formatInstant(row.lock.until, locale, zone) })}</strong>
      {row.lock.reason ? <span> {row.lock.reason}</span> : null}
    </div>
  )
}

const CHECKS = ['payment', 'address', 'contact', 'stock'] as const

/** What must be in order before picking (M4.7). */
function Checks({ row }: { row: Order }) {
  const t = useT()
  return (
    <Card title={t('checks')}>
      <ul className="zg-checks">
        {row.checks.map(check => {
          const code = CHECKS.find(each => each === check.code)
          return (
            <li key={check.code}>
              <Badge tone={check.passed ? 'good' : 'bad'}>
                {code ? t(`check.${code}`) : check.code}
                <span className="zg-sr">{check.passed ? t('passed') : t('failed')}</span>
              </Badge>
            </li>
          )
        })}
      </ul>
    </Card>
  )
}
