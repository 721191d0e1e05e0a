import './orders.css'
import { useQuery } from '@tanstack/react-query'
import { useMe } from '@/api'
import { useLocale } from '@/i18n'
import {
  Badge,
  Card,
  DetailPage,
  FULFILMENT_STATES,
  formatMinute,
  Loaded,
  ORDER_STATES,
  PAYMENT_STATES,
  StateBadge,
  useLiveRefresh,
  useRouteId,
} from '@/ui'
import { CancelLines } from './cancel-lines'
import { Checks } from './checks'
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
          {row.fulfilment === 'none' ? null : <StateBadge state={row.fulfilment} of={FULFILMENT_STATES} />}
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
      <Checks of={row.checks} />
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
  const { shop, staff } = useMe()
  if (!row.lock) return null
  const until = formatMinute(row.lock.until, locale, shop.time_zone)
  return (
    <div className="zg-note" role="status">
      <strong>
        {row.lock.staff_id === staff.id ? t('lockedByMe', { until }) : t('locked', { name: row.lock.name, until })}
      </strong>
      {row.lock.reason ? <span> {row.lock.reason}</span> : null}
    </div>
  )
}
