import { Button } from 'antd'
import { useMemo } from 'react'
import { useLabel } from '@/i18n'
import {
  type Column,
  dateFilter,
  Empty,
  enumFilter,
  Money,
  moneyFilter,
  Page,
  Person,
  Quantity,
  ResourceTable,
  StateBadge,
  Time,
} from '@/ui'
import { load, type Row, STATES } from './rows'
import { useT } from './texts'

export default function Orders() {
  const t = useT()
  const label = useLabel()
  const columns = useMemo<readonly Column<Row>[]>(
    () => [
      { id: 'number', title: t('number'), cell: row => <span className="zg-num">{row.number}</span> },
      { id: 'customer', title: t('customer'), cell: row => <Person name={row.customer} /> },
      { id: 'state', title: t('state'), cell: row => <StateBadge state={row.state} of={STATES} /> },
      { id: 'items', title: t('items'), cell: row => <Quantity value={row.items} />, align: 'right' },
      { id: 'total', title: t('total'), cell: row => <Money value={row.total} />, align: 'right', sort: 'total' },
      { id: 'placed', title: t('placed'), cell: row => <Time at={row.placed_at} />, sort: 'placed_at' },
    ],
    [t],
  )
  const filters = useMemo(
    () => [
      enumFilter(
        'state',
        t('state'),
        Object.entries(STATES).map(([value, look]) => ({ value, label: label(look.label) })),
      ),
      dateFilter('placed_from', 'placed_to', t('placed')),
      moneyFilter('total_min', 'total_max', t('total'), 'CNY'),
    ],
    [t, label],
  )
  return (
    <Page title={t('title')}>
      <ResourceTable
        name="orders"
        columns={columns}
        filters={filters}
        queryKey={['orders', 'list']}
        load={load}
        rowId={row => row.id}
        link={linkOf}
        sort="-placed_at"
        searchHint={t('hint')}
        views={[{ name: t('mine'), search: { state: 'placed' } }]}
        live="orders.read"
        exportHref={(format, query) => `/api/v1/admin/orders?${query}&format=${format}`}
        bulk={(selection, done) => (
          <Button type="primary" size="small" onClick={done}>
            {t('confirmAll', { count: selection.count ?? 0 })}
          </Button>
        )}
        empty={<Empty title={t('empty')}>{t('emptyHelp')}</Empty>}
      />
    </Page>
  )
}

const linkOf = (row: Row) => `/orders/${row.id}`
