import './dashboard.css'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { api, type Schemas, unwrap, useMay } from '@/api'
import { useLocale } from '@/i18n'
import {
  Card,
  Chart,
  Empty,
  formatDayBrief,
  formatMoney,
  formatMoneyBrief,
  formatNumber,
  Loaded,
  Money,
  Page,
  PathLink,
  PlainTable,
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
        {of.products ? <BestSellers of={of.products.best_sellers} /> : null}
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
/** Cancelled orders are in none of the figures. */
const COUNTED = 'placed,confirmed,completed'

/** What was ordered, what was paid and what went back, apart, each beside the period before. */
function Sales({ sums }: { sums: Sums }) {
  const t = useT()
  const locale = useLocale()
  const may = useMay()
  const { currency } = sums
  return (
    <Card title={`${t('sales')} · ${currency}`}>
      <PlainTable label={t('sales')} stack>
        <thead>
          <tr>
            <th scope="col">{t('period')}</th>
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
        <tbody className="zg-periods">
          {sums.periods.map(period => (
            <tr key={period.period}>
              <th scope="row">
                {may('reports.read') ? (
                  <PathLink to={`/reports/orders?from=${period.from}&to=${period.to}&compare=true`}>
                    {t(period.period)}
                  </PathLink>
                ) : (
                  t(period.period)
                )}
              </th>
              <td data-align="right" data-label={t('orders')}>
                <PathLink to={`/orders?placed_from=${period.from}&placed_to=${period.to}&state=${COUNTED}`}>
                  <Quantity value={period.orders} />
                </PathLink>
                <div className="zg-quiet">{t('before', { value: formatNumber(period.orders_before, locale) })}</div>
              </td>
              {FIGURES.map(name => (
                <td key={name} data-align="right" data-label={t(name)}>
                  <Money value={period[name]} />
                  <div className="zg-quiet">
                    {t('before', { value: formatMoney(period[`${name}_before`], locale) })}
                  </div>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </PlainTable>
      {sums.days.every(day => day.orders === 0) ? (
        <p className="zg-quiet">{t('chart.none')}</p>
      ) : (
        <Chart
          title={t('chart')}
          heading={<h3 className="zg-subhead">{t('chart')}</h3>}
          labels={sums.days.map(day => formatDayBrief(day.day, locale))}
          series={[{ name: t('ordered'), values: sums.days.map(day => day.ordered.amount) }]}
          format={amount => formatMoney({ amount, currency }, locale)}
          axis={amount => formatMoneyBrief({ amount, currency }, locale)}
          height={220}
        />
      )}
    </Card>
  )
}

type ProductKpis = NonNullable<Dashboard['products']>

function Products({ of }: { of: ProductKpis }) {
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
    </Card>
  )
}

function BestSellers({ of }: { of: ProductKpis['best_sellers'] }) {
  const t = useT()
  return (
    <Card title={t('best')}>
      {of.length === 0 ? <span className="zg-quiet">{t('best.none')}</span> : null}
      <ol className="zg-best">
        {of.map(one => (
          <li key={one.sku}>
            {one.product_id ? (
              <PathLink to={`/products/${one.product_id}`}>{one.name}</PathLink>
            ) : (
              <span>{one.name}</span>
            )}
            <span className="zg-quiet zg-num">{t('pieces', { count: one.pieces })}</span>
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

const CUSTOMERS = ['new', 'active'] as const

function Customers({ of }: { of: NonNullable<Dashboard['customers']> }) {
  const t = useT()
  const locale = useLocale()
  return (
    <Card
      title={t('customers')}
      extra={<PathLink to="/customers">{t('customers.total', { count: of.total })}</PathLink>}
    >
      <PlainTable label={t('customers')} dense>
        <thead>
          <tr>
            <th scope="col">{t('period')}</th>
            {CUSTOMERS.map(name => (
              <th key={name} scope="col" data-align="right">
                {t(`customers.${name}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {of.periods.map(period => (
            <tr key={period.period}>
              <th scope="row">
                <PathLink to={`/customers?from=${period.from}&to=${period.to}`}>{t(period.period)}</PathLink>
              </th>
              {CUSTOMERS.map(name => (
                <td key={name} data-align="right">
                  <Quantity value={period[name]} />
                  <div className="zg-quiet">
                    {t('before', { value: formatNumber(period[`${name}_before`], locale) })}
                  </div>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </PlainTable>
    </Card>
  )
}
