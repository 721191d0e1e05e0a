import { useQuery } from '@tanstack/react-query'
import { useMay } from '@/api'
import { Card, Facts, Loaded, Money, None, PathLink, Quantity, Time } from '@/ui'
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
            <Facts
              of={[
                [t('sums.count'), <Quantity key="n" value={found.count} />],
                [t('sums.open'), <Quantity key="o" value={found.open} />],
                [
                  t('sums.spent'),
                  found.spent.length === 0 ? (
                    <None key="s" />
                  ) : (
                    found.spent.map(sum => <Money key={sum.currency} value={sum} />)
                  ),
                ],
                [t('sums.last'), <Time key="l" at={found.last_at} />],
              ]}
            />
            {found.data.length === 0 ? <span className="zg-quiet">{t('order.none')}</span> : null}
            <ul className="zg-rows">
              {found.data.map(order => (
                <li key={order.id}>
                  {linked ? (
                    <PathLink to={`/orders/${order.id}`}>{order.number}</PathLink>
                  ) : (
                    <span className="zg-num">{order.number}</span>
                  )}
                  <span className="zg-quiet">
                    <Time at={order.placed_at} />
                  </span>
                  <Money value={order.total} />
                </li>
              ))}
            </ul>
            {linked && found.count > 0 ? (
              <PathLink to={`/orders?customer_id=${row.id}`}>{t('order.all')}</PathLink>
            ) : null}
          </div>
        )}
      </Loaded>
    </Card>
  )
}
