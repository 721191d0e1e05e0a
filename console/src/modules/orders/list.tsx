import './orders.css'
import { LockOutlined } from '@ant-design/icons'
import { Tooltip } from 'antd'
import { useMemo } from 'react'
import { api, type paths, unwrap, useMe } from '@/api'
import { useLabel, useLocale } from '@/i18n'
import {
  type Column,
  dateFilter,
  Empty,
  enumFilter,
  formatInstant,
  type ListQuery,
  Money,
  moneyFilter,
  Page,
  Person,
  ResourceTable,
  StateBadge,
  Time,
} from '@/ui'
import { ConfirmMany } from './confirm-many'
import { type OrderRow, orderKeys } from './queries'
import { FULFILMENT_STATES, ORDER_STATES, PAYMENT_STATES, QUEUES } from './states'
import { useT } from './texts'

type Param =
  | 'queue'
  | 'state'
  | 'payment'
  | 'fulfilment'
  | 'origin'
  | 'placed_from'
  | 'placed_to'
  | 'total_min'
  | 'total_max'
  | 'customer_id'

/** All orders: the queues of work as tabs, everything else as filters (M4.2, M4.7). */
export default function Orders() {
  const t = useT()
  const label = useLabel()
  const currency = useMe().shop.currency
  const columns = useColumns()
  const filters = useMemo(() => {
    const options = (states: Readonly<Record<string, { label: { 'zh-CN': string; en: string } }>>) =>
      Object.entries(states).map(([value, look]) => ({ value, label: label(look.label) }))
    return [
      enumFilter(
        'queue',
        t('queue'),
        QUEUES.map(value => ({ value, label: t(`queue.${value}`) })),
        true,
      ),
      enumFilter('state', t('state'), options(ORDER_STATES)),
      enumFilter('payment', t('payment'), options(PAYMENT_STATES)),
      enumFilter('fulfilment', t('fulfilment'), options(FULFILMENT_STATES)),
      dateFilter('placed_from', 'placed_to', t('placed')),
      moneyFilter('total_min', 'total_max', t('total'), currency),
      enumFilter(
        'origin',
        t('origin'),
        [
          { value: 'store', label: t('origin.store') },
          { value: 'import', label: t('origin.import') },
        ],
        true,
      ),
    ] as const
  }, [t, label, currency])
  const views = useMemo(() => QUEUES.map(queue => ({ name: t(`queue.${queue}`), search: { queue } })), [t])
  return (
    <Page title={t('title')}>
      <ResourceTable<OrderRow, Param>
        name="orders"
        columns={columns}
        filters={filters}
        queryKey={orderKeys.lists}
        load={load}
        rowId={row => row.id}
        link={linkOf}
        sort="-placed_at"
        searchHint={t('hint')}
        views={views}
        live="orders.read"
        bulk={(selection, done) => <ConfirmMany selection={selection} done={done} />}
        empty={<Empty title={t('empty')}>{t('emptyHelp')}</Empty>}
      />
    </Page>
  )
}

const linkOf = (row: OrderRow) => `/orders/${row.id}`

function load(query: ListQuery<Param>, signal: AbortSignal) {
  return unwrap(api.GET('/api/v1/admin/orders', { params: { query: asked(query) }, signal }))
}

type Asked = NonNullable<paths['/api/v1/admin/orders']['get']['parameters']['query']>

/** The URL's texts as the API's types. */
function asked(query: ListQuery<Param>): Asked {
  const { total_min, total_max, customer_id, queue, sort, ...rest } = query
  return {
    ...rest,
    ...(sort === undefined ? {} : { sort: SORTS.find(each => each === sort) ?? '-placed_at' }),
    ...(queue === undefined ? {} : { queue: QUEUES.find(each => each === queue) ?? 'to_confirm' }),
    ...(total_min === undefined ? {} : { total_min: Number(total_min) }),
    ...(total_max === undefined ? {} : { total_max: Number(total_max) }),
    ...(customer_id === undefined ? {} : { customer_id: Number(customer_id) }),
  }
}

const SORTS = ['-placed_at', 'placed_at', '-number', 'number', '-total', 'total'] as const

function useColumns(): readonly Column<OrderRow>[] {
  const t = useT()
  return useMemo<readonly Column<OrderRow>[]>(
    () => [
      { id: 'number', title: t('number'), cell: row => <OrderNumber row={row} />, sort: 'number', width: 168 },
      { id: 'placed', title: t('placed'), cell: row => <Time at={row.placed_at} />, sort: 'placed_at' },
      { id: 'customer', title: t('customer'), cell: row => <Person name={row.customer} /> },
      { id: 'state', title: t('state'), cell: row => <StateBadge state={row.state} of={ORDER_STATES} /> },
      { id: 'payment', title: t('payment'), cell: row => <StateBadge state={row.payment} of={PAYMENT_STATES} /> },
      {
        id: 'fulfilment',
        title: t('fulfilment'),
        cell: row => <StateBadge state={row.fulfilment} of={FULFILMENT_STATES} />,
      },
      { id: 'items', title: t('items'), cell: row => <Items row={row} /> },
      { id: 'destination', title: t('destination'), cell: row => row.destination },
      { id: 'total', title: t('total'), cell: row => <Money value={row.total} />, align: 'right', sort: 'total' },
      { id: 'shipping', title: t('shipping'), cell: row => row.shipping, extra: true },
      { id: 'method', title: t('method'), cell: row => row.payment_method, extra: true },
    ],
    [t],
  )
}

function OrderNumber({ row }: { row: OrderRow }) {
  const t = useT()
  const locale = useLocale()
  const zone = useMe().shop.time_zone
  return (
    <span className="zg-num">
      {row.number}
      {row.lock ? (
        <Tooltip title={t('locked', { name: row.lock.name, until: formatInstant(row.lock.until, locale, zone) })}>
          <LockOutlined
            style={{ marginInlineStart: 6 }}
            aria-label={t('locked', { name: row.lock.name, until: formatInstant(row.lock.until, locale, zone) })}
          />
        </Tooltip>
      ) : null}
    </span>
  )
}

function Items({ row }: { row: OrderRow }) {
  const t = useT()
  if (!row.first) return null
  return (
    <span className="zg-clip" title={row.first}>
      {t('itemsOne', { first: row.first, count: row.items })}
    </span>
  )
}
