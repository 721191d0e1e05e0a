import { PlusOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useMemo } from 'react'
import { api, type paths, unwrap, useMay } from '@/api'
import {
  Badge,
  type Column,
  dateFilter,
  Empty,
  enumFilter,
  flagFilter,
  type ListQuery,
  Money,
  None,
  Page,
  Person,
  Quantity,
  ResourceTable,
  Time,
  textFilter,
  useGo,
} from '@/ui'
import { type CustomerRow, customerKeys, segmentsQuery } from './queries'
import { useT } from './texts'

type Param = 'tag' | 'segment' | 'state' | 'has_account' | 'from' | 'to'
type Asked = NonNullable<paths['/api/v1/admin/customers']['get']['parameters']['query']>

const STATES = ['active', 'merged', 'erased'] as const
const SORTS = ['-created_at', 'created_at', 'name'] as const

/** Who buys here (M7.1). */
export default function Customers() {
  const t = useT()
  const go = useGo()
  const may = useMay()
  const found = useQuery(segmentsQuery).data
  const segments = useMemo(
    () => (found && found.length > 0 ? found.map(({ segment }) => ({ value: segment, label: segment })) : undefined),
    [found],
  )
  const columns = useMemo<readonly Column<CustomerRow>[]>(
    () => [
      {
        id: 'name',
        title: t('name'),
        cell: row => <Person name={row.name || t(`state.${row.state}`)} note={row.code} />,
        sort: 'name',
        width: 220,
      },
      { id: 'email', title: t('email'), cell: row => row.email },
      { id: 'phone', title: t('phone'), cell: row => <span className="zg-num">{row.phone}</span> },
      { id: 'segment', title: t('segment'), cell: row => row.segment },
      { id: 'tags', title: t('tags'), cell: row => row.tags.join(t('comma')) },
      { id: 'orders', title: t('orders'), cell: row => <Quantity value={row.orders} />, align: 'right' },
      {
        id: 'spent',
        title: t('spent'),
        cell: row =>
          row.spent.length === 0 ? <None /> : row.spent.map(sum => <Money key={sum.currency} value={sum} />),
        align: 'right',
      },
      {
        id: 'account',
        title: t('account'),
        cell: row => (
          <Badge tone={row.has_account ? 'good' : 'neutral'}>{t(row.has_account ? 'account.yes' : 'account.no')}</Badge>
        ),
        extra: true,
      },
      { id: 'since', title: t('since'), cell: row => <Time at={row.created_at} />, sort: 'created_at' },
    ],
    [t],
  )
  const filters = useMemo(
    () =>
      [
        segments ? enumFilter('segment', t('segment'), segments, true) : textFilter('segment', t('segment')),
        textFilter('tag', t('tags')),
        flagFilter('has_account', t('account')),
        dateFilter('from', 'to', t('since')),
        enumFilter(
          'state',
          t('state'),
          STATES.map(value => ({ value, label: t(`state.${value}`) })),
          true,
        ),
      ] as const,
    [t, segments],
  )
  return (
    <Page
      title={t('title')}
      actions={
        may('customers.write') ? (
          <Button type="primary" icon={<PlusOutlined />} onClick={() => go('/customers/new')}>
            {t('new')}
          </Button>
        ) : null
      }
    >
      <ResourceTable<CustomerRow, Param>
        name="customers"
        columns={columns}
        filters={filters}
        queryKey={customerKeys.lists}
        load={load}
        rowId={row => row.id}
        link={linkOf}
        sort="-created_at"
        searchHint={t('hint')}
        live="customers.read"
        empty={<Empty title={t('empty')}>{t('emptyHelp')}</Empty>}
      />
    </Page>
  )
}

const linkOf = (row: CustomerRow) => `/customers/${row.id}`

function load(query: ListQuery<Param>, signal: AbortSignal) {
  return unwrap(api.GET('/api/v1/admin/customers', { params: { query: asked(query) }, signal }))
}

/** The URL's texts as the API's types. */
function asked({ state, has_account, sort, ...rest }: ListQuery<Param>): Asked {
  return {
    ...rest,
    ...(sort === undefined ? {} : { sort: SORTS.find(each => each === sort) ?? '-created_at' }),
    ...(state === undefined ? {} : { state: STATES.find(each => each === state) ?? 'active' }),
    ...(has_account === undefined ? {} : { has_account: has_account === 'true' }),
  }
}
