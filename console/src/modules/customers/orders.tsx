import './customers.css'
import { useQuery } from '@tanstack/react-query'
import { type Schemas, useMay } from '@/api'
import {
  Card,
  FULFILMENT_STATES,
  Loaded,
  Money,
  None,
  ORDER_STATES,
  PAYMENT_STATES,
  PathLink,
  PlainTable,
  Quantity,
  StateBadge,
  Time,
} from '@/ui'
import { type Customer, ordersOfQuery } from './queries'
import { useT } from './texts'

/** What they bought: sums as the server has them, and the latest orders. */
export function Business({ row }: { row: Customer }) {
  const t = useT()
  const orders = useQuery(ordersOfQuery(row.id))
  const linked = useMay()('orders.read')
  return (
    <Card title={t('orders')}>
      <Loaded of={orders}>
        {found => (
          <div className="zg-stack">
            {found.data.length === 0 ? (
              <span className="zg-quiet">{t('order.none')}</span>
            ) : (
              <>
                <dl className="zg-bought">
                  <div>
                    <dt>{t('sums.count')}</dt>
                    <dd>
                      <Quantity value={found.count} />
                    </dd>
                  </div>
                  <div>
                    <dt>{t('sums.open')}</dt>
                    <dd>
                      <Quantity value={found.open} />
                    </dd>
                  </div>
                  <div>
                    <dt>{t('sums.spent')}</dt>
                    <dd>
                      {found.spent.length === 0 ? (
                        <None />
                      ) : (
                        found.spent.map(sum => <Money key={sum.currency} value={sum} />)
                      )}
                    </dd>
                  </div>
                  <div>
                    <dt>{t('sums.last')}</dt>
                    <dd>
                      <Time at={found.last_at} />
                    </dd>
                  </div>
                </dl>
                <Latest of={found.data} linked={linked} />
              </>
            )}
            {linked && found.count > 0 ? (
              <PathLink to={`/orders?customer_id=${row.id}`}>{t('order.all')}</PathLink>
            ) : null}
          </div>
        )}
      </Loaded>
    </Card>
  )
}

function Latest({ of, linked }: { of: readonly Schemas['CustomerOrder'][]; linked: boolean }) {
  const t = useT()
  return (
    <PlainTable label={t('orders')} dense stack>
      <tbody>
        {of.map(order => (
          <tr key={order.id}>
            <td className="zg-num">
              {linked ? <PathLink to={`/orders/${order.id}`}>{order.number}</PathLink> : order.number}
            </td>
            <td>
              <Time at={order.placed_at} />
            </td>
            <td>
              <StateBadge state={order.state} of={ORDER_STATES} />
            </td>
            <td>
              <StateBadge state={order.payment} of={PAYMENT_STATES} />
            </td>
            <td>
              {order.fulfilment === 'none' ? null : <StateBadge state={order.fulfilment} of={FULFILMENT_STATES} />}
            </td>
            <td data-align="right">
              <Money value={order.total} />
            </td>
          </tr>
        ))}
      </tbody>
    </PlainTable>
  )
}
