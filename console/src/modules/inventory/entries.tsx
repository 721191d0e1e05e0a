import './inventory.css'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { api, unwrap, useMay, useMe } from '@/api'
import { useLabel } from '@/i18n'
import {
  type Column,
  dateFilter,
  dayStart,
  Empty,
  enumFilter,
  None,
  nextDay,
  Page,
  PathLink,
  Person,
  Quantity,
  ResourceTable,
  StateBadge,
  Time,
  textFilter,
} from '@/ui'
import { Delta } from './delta'
import { type StockEntry, stockKeys, warehousesQuery } from './queries'
import { useT } from './texts'
import { ACTORS, CAUSES, KINDS, optionsOf, REASONS } from './words'

/** The ledger of every change of stock (M5.6, M5.7). */
export default function Ledger() {
  const t = useT()
  const label = useLabel()
  const zone = useMe().shop.time_zone
  const warehouses = useQuery(warehousesQuery).data
  const columns = useMemo<readonly Column<StockEntry>[]>(
    () => [
      { id: 'at', title: t('at'), width: 150, cell: row => <Time at={row.at} /> },
      {
        id: 'sku',
        title: t('sku'),
        cell: row => (
          <PathLink to={`/stock/${row.sku_id}`} className="zg-mono">
            {row.sku}
          </PathLink>
        ),
      },
      { id: 'warehouse', title: t('warehouse'), extra: true, cell: row => row.warehouse },
      { id: 'kind', title: t('kind'), cell: row => <StateBadge state={row.kind} of={KINDS} /> },
      { id: 'on_hand', title: t('onHandDelta'), align: 'right', cell: row => <Delta n={row.on_hand_delta} /> },
      { id: 'after', title: t('onHandAfter'), align: 'right', cell: row => <Quantity value={row.on_hand_after} /> },
      { id: 'reserved', title: t('reservedDelta'), align: 'right', cell: row => <Delta n={row.reserved_delta} /> },
      {
        id: 'reservedAfter',
        title: t('reservedAfter'),
        align: 'right',
        cell: row => <Quantity value={row.reserved_after} />,
      },
      { id: 'cause', title: t('cause'), cell: row => <Cause row={row} /> },
      { id: 'why', title: t('why'), cell: row => <Why row={row} /> },
      { id: 'who', title: t('who'), cell: row => <Actor row={row} /> },
    ],
    [t],
  )
  const filters = useMemo(
    () => [
      textFilter('sku', t('sku')),
      dateFilter('from', 'until', t('at')),
      enumFilter('kind', t('kind'), optionsOf(KINDS, label), true),
      enumFilter('cause', t('cause'), optionsOf(CAUSES, label), true),
      enumFilter('actor_kind', t('who'), optionsOf(ACTORS, label), true),
      enumFilter(
        'warehouse_id',
        t('warehouse'),
        (warehouses ?? []).map(each => ({ value: String(each.id), label: each.name })),
        true,
      ),
    ],
    [t, label, warehouses],
  )
  return (
    <Page title={t('ledger.title')}>
      <ResourceTable
        name="stock-ledger"
        columns={columns}
        filters={filters}
        queryKey={stockKeys.extra('ledger')}
        load={({ from, until, warehouse_id, sort: _sort, q: _q, ...query }, signal) =>
          unwrap(
            api.GET('/api/v1/admin/stock/entries', {
              params: {
                query: {
                  ...query,
                  ...(from ? { from: dayStart(from, zone) } : {}),
                  ...(until ? { until: dayStart(nextDay(until), zone) } : {}),
                  ...(warehouse_id ? { warehouse_id: Number(warehouse_id) } : {}),
                },
              },
              signal,
            }),
          )
        }
        rowId={row => row.id}
        live="stock.read"
        exportHref={(_format, query) => {
          const from = query.get('from')
          const until = query.get('until')
          if (from) query.set('from', dayStart(from, zone))
          if (until) query.set('until', dayStart(nextDay(until), zone))
          query.delete('sort')
          query.delete('q')
          return `/api/v1/admin/stock/entries.csv?${query}`
        }}
        empty={<Empty title={t('ledger.empty')}>{t('ledger.emptyHelp')}</Empty>}
      />
    </Page>
  )
}

/** The program's own parts sign with their names, which say nothing to people. */
export function Actor({ row }: { row: StockEntry }) {
  return <Person name={row.actor_kind === 'system' ? undefined : row.actor_name} />
}

export function Cause({ row }: { row: StockEntry }) {
  const label = useLabel()
  const may = useMay()
  const words = CAUSES[row.cause]
  const name = words ? label(words) : row.cause
  if (row.cause === 'order' && row.cause_id) {
    return <PathLink to={`/orders/${row.cause_id}`}>{row.cause_number ?? `${name} ${row.cause_id}`}</PathLink>
  }
  if (row.cause === 'shipment' && row.cause_number && may('fulfilment.read')) {
    return (
      <PathLink to={`/shipments?q=${row.cause_number}`}>
        {name} {row.cause_number}
      </PathLink>
    )
  }
  return row.cause_number ? `${name} ${row.cause_number}` : name
}

export function Why({ row }: { row: StockEntry }) {
  const label = useLabel()
  const words = row.reason ? REASONS[row.reason] : undefined
  const parts = [words ? label(words) : row.reason, row.note].filter(part => part)
  return parts.length > 0 ? parts.join(' · ') : <None />
}
