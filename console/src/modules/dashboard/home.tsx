import './dashboard.css'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { api, type Schemas, unwrap } from '@/api'
import { useLocale } from '@/i18n'
import {
  Card,
  Chart,
  Empty,
  formatMoney,
  formatNumber,
  Loaded,
  Money,
  Page,
  PathLink,
  Quantity,
  Time,
  useLiveRefresh,
} from '@/ui'
import { useT } from './texts'

type Dashboard = Schemas['Dashboard']
type Sums = Schemas['OrderSums']

const KEY = ['dashboard', 'home'] as const

const dashboardQuery = queryOptions({
  queryKey: KEY,
  queryFn: () => unwrap(api.GET('/api/v1/admin/dashboard')),
})

/** What there is to do and how the shop is doing; counted anew when something happens (M1.2). */
export default function Home() {
  const t = useT()
  const found = useQuery(dashboardQuery)
  useLiveRefresh('orders.read', KEY)
  useLiveRefresh('stock.read', KEY)
  return (
    <Page title={t('title')}>
      <Loaded of={found}>{data => <Content of={data} />}</Loaded>
    </Page>
  )
}

function Content({ of }: { of: Dashboard }) {
  const t = useT()
  if (!of.orders && !of.products && !of.stock && !of.customers) {
    return <Empty title={t('none')}>{t('noneHelp')}</Empty>
  }
  return (
    <div className="zg-stack">
      {of.orders ? <Todo queues={of.orders.queues} /> : null}
      {of.orders?.currencies.map(sums => (
        <Sales key={sums.currency} sums={sums} />
      ))}
      <div className="zg-tiles">
        {of.products ? <Products of={of.products} /> : null}
        {of.stock ? <Stock of={of.stock} /> : null}
        {of.customers ? <Customers of={of.customers} /> : null}
      </div>
      <p className="zg-quiet">
        {t('at')} <Time at={of.at} exact />
      </p>
    </div>
  )
}

/** Each number opens the list it was counted from. */
function Todo({ queues }: { queues: NonNullable<Dashboard['orders']>['queues'] }) {
  const t = useT()
  return (
    <Card title={t('todo')}>
      <ul className="zg-queues">
        {queues.map(({ queue, orders }) => (
          <li key={queue} data-waiting={orders > 0}>
            <PathLink to={`/orders?queue=${queue}`}>
              <span className="zg-figure">
                <Quantity value={orders} />
              </span>
              <span>{t(`queue.${queue}`)}</span>
            </PathLink>
          </li>
        ))}
      </ul>
    </Card>
  )
}

const FIGURES = ['ordered', 'paid', 'refunded'] as const

/** What was ordered, what was paid and what went back, apart; cancelled orders are in none of it. */
function Sales({ sums }: { sums: Sums }) {
  const t = useT()
  const locale = useLocale()
  const money = (amount: number) => formatMoney({ amount, currency: sums.currency }, locale)
  return (
    <Card title={`${t('sales')} · ${sums.currency}`}>
      <section
        className="zg-table-scroll"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        tabIndex={0}
        aria-label={t('sales')}
      >
        <table className="zg-table" data-density="roomy">
          <thead>
            <tr>
              <th scope="col" />
              <th scope="col" data-align="right">
                {t('orders')}
              </th>
              {FIGURES.map(name => (
                <th key={name} scope="col" data-align="right">
                  {t(name)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sums.periods.map(period => (
              <tr key={period.period}>
                <th scope="row">{t(period.period)}</th>
                <td data-align="right">
                  <Quantity value={period.orders} />
                  <div className="zg-quiet">{t('before', { value: formatNumber(period.orders_before, locale) })}</div>
                </td>
                {FIGURES.map(name => (
                  <td key={name} data-align="right">
                    <Money value={period[name]} />
                    <div className="zg-quiet">
                      {t('before', { value: formatMoney(period[`${name}_before`], locale) })}
                    </div>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <Chart
        title={t('chart')}
        labels={sums.days.map(day => day.day)}
        series={[{ name: t('ordered'), values: sums.days.map(day => day.ordered.amount) }]}
        format={money}
        height={220}
      />
    </Card>
  )
}

function Products({ of }: { of: NonNullable<Dashboard['products']> }) {
  const t = useT()
  return (
    <Card title={t('products')}>
      <ul className="zg-rows">
        {(['published', 'draft', 'archived'] as const).map(status => (
          <li key={status}>
            <PathLink to={`/products?status=${status}`}>{t(`products.${status}`)}</PathLink>
            <Quantity value={of[status]} />
          </li>
        ))}
      </ul>
      <h3 className="zg-subhead">{t('best')}</h3>
      {of.best_sellers.length === 0 ? <span className="zg-quiet">{t('best.none')}</span> : null}
      <ol className="zg-rows">
        {of.best_sellers.map(one => (
          <li key={one.sku}>
            {one.product_id ? (
              <PathLink to={`/products/${one.product_id}`}>{one.name}</PathLink>
            ) : (
              <span>{one.name}</span>
            )}
            <span className="zg-quiet">{t('pieces', { count: one.pieces })}</span>
            <Money value={one.amount} />
          </li>
        ))}
      </ol>
    </Card>
  )
}

function Stock({ of }: { of: NonNullable<Dashboard['stock']> }) {
  const t = useT()
  return (
    <Card title={t('stock')}>
      <ul className="zg-rows">
        {(['low', 'out'] as const).map(level => (
          <li key={level}>
            <PathLink to={`/stock?level=${level}`}>{t(`stock.${level}`)}</PathLink>
            <Quantity value={of[level]} />
          </li>
        ))}
      </ul>
    </Card>
  )
}

function Customers({ of }: { of: NonNullable<Dashboard['customers']> }) {
  const t = useT()
  const locale = useLocale()
  return (
    <Card title={t('customers')}>
      <ul className="zg-rows">
        <li>
          <PathLink to="/customers">{t('customers.total')}</PathLink>
          <Quantity value={of.total} />
        </li>
        {of.periods.map(period => (
          <li key={period.period}>
            <PathLink to={`/customers?from=${period.from}&to=${period.to}`}>
              {t(period.period)} · {t('customers.new')}
            </PathLink>
            <span>
              <Quantity value={period.new} />{' '}
              <span className="zg-quiet">{t('before', { value: formatNumber(period.new_before, locale) })}</span>
            </span>
          </li>
        ))}
      </ul>
    </Card>
  )
}
