import './orders.css'
import { LockOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Tooltip } from 'antd'
import { useMemo } from 'react'
import { api, type paths, unwrap, useMay, useMe } from '@/api'
import { useLabel, useLocale } from '@/i18n'
import {
  type Column,
  dateFilter,
  Empty,
  enumFilter,
  FULFILMENT_STATES,
  formatMinute,
  type ListQuery,
  Money,
  moneyFilter,
  None,
  type Option,
  ORDER_STATES,
  PAYMENT_STATES,
  Page,
  Person,
  ResourceTable,
  StateBadge,
  Time,
  useListState,
} from '@/ui'
import { ConfirmMany } from './confirm-many'
import { useMethodName, useMethods } from './methods'
import { type OrderRow, orderKeys } from './queries'
import { QUEUES } from './states'
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
  | 'payment_method'

/** All orders: the queues of work as tabs, everything else as filters (M4.2, M4.7). */
export default function Orders() {
  const t = useT()
  const label = useLabel()
  const currency = useMe().shop.currency
  const methods = useMethods()
  const methodOf = useMethodName()
  const customer = useCustomer()
  const columns = useColumns(methodOf)
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
      ...(methods.length > 0 ? [enumFilter('payment_method', t('method'), methods, true)] : []),
      ...(customer ? [enumFilter('customer_id', t('customer'), [customer], true)] : []),
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
  }, [t, label, currency, methods, customer])
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

/** The customer whose orders are asked for, by name. */
function useCustomer(): Option | undefined {
  const { search } = useListState()
  const t = useT()
  const may = useMay()
  const id = Number(search['customer_id'])
  const asked = Number.isSafeInteger(id) && id > 0
  const name = useQuery({
    queryKey: ['customers', 'detail', id, 'name'],
    enabled: asked && may('customers.read'),
    queryFn: async () => (await unwrap(api.GET('/api/v1/admin/customers/{id}', { params: { path: { id } } }))).name,
  }).data
  const label = name === '' ? t('erased') : (name ?? String(id))
  return useMemo(() => (asked ? { value: String(id), label } : undefined), [asked, id, label])
}

function useColumns(methodOf: (code: string) => string): readonly Column<OrderRow>[] {
  const t = useT()
  return useMemo<readonly Column<OrderRow>[]>(
    () => [
      { id: 'number', title: t('number'), cell: row => <OrderNumber row={row} />, sort: 'number', width: 160 },
      {
        id: 'placed',
        title: t('placed'),
        cell: row => <Time at={row.placed_at} />,
        sort: 'placed_at',
        wide: true,
      },
      {
        id: 'customer',
        title: t('customer'),
        cell: row => <Person name={row.customer || t('erased')} />,
        wide: true,
      },
      {
        id: 'total',
        title: t('total'),
        cell: row => <Money value={row.total} />,
        align: 'right',
        sort: 'total',
        wide: true,
      },
      { id: 'state', title: t('state'), cell: row => <StateBadge state={row.state} of={ORDER_STATES} /> },
      {
        id: 'payment',
        title: t('payment'),
        // Nobody waits for the money of a cancelled order.
        cell: row =>
          row.state === 'cancelled' && row.payment === 'unpaid' ? (
            <None />
          ) : (
            <StateBadge state={row.payment} of={PAYMENT_STATES} />
          ),
      },
      {
        id: 'fulfilment',
        title: t('fulfilment'),
        cell: row =>
          row.fulfilment === 'none' ? <None /> : <StateBadge state={row.fulfilment} of={FULFILMENT_STATES} />,
      },
      { id: 'items', title: t('items'), cell: row => <Items row={row} /> },
      { id: 'destination', title: t('destination'), cell: row => <Destination row={row} /> },
      { id: 'shipping', title: t('shipping'), cell: row => row.shipping, extra: true },
      {
        id: 'method',
        title: t('method'),
        cell: row => row.payment_method && methodOf(row.payment_method),
        extra: true,
      },
    ],
    [t, methodOf],
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
        <Tooltip title={t('locked', { name: row.lock.name, until: formatMinute(row.lock.until, locale, zone) })}>
          <LockOutlined
            style={{ marginInlineStart: 6 }}
            aria-label={t('locked', { name: row.lock.name, until: formatMinute(row.lock.until, locale, zone) })}
          />
        </Tooltip>
      ) : null}
      <span className="zg-phone zg-quiet">
        {row.customer || t('erased')} · <Money value={row.total} />
      </span>
      <span className="zg-phone zg-quiet">
        <Time at={row.placed_at} />
      </span>
    </span>
  )
}

/** A municipality stands for its own province: 北京市 北京市 is said once. */
function Destination({ row }: { row: OrderRow }) {
  const said = [...new Set(row.destination?.split(' '))].join(' ')
  return (
    <span className="zg-clip" title={said} style={{ maxWidth: 130 }}>
      {said}
    </span>
  )
}

function Items({ row }: { row: OrderRow }) {
  const t = useT()
  if (!row.first) return null
  return (
    <span className="zg-first">
      <span className="zg-clip" title={row.first}>
        {row.first}
      </span>
      {row.items > 0 ? <span className="zg-quiet">{t('itemsOf', { count: row.items })}</span> : null}
    </span>
  )
}
