import './inventory.css'
import { DiffOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useMemo } from 'react'
import { api, unwrap, useMay } from '@/api'
import { Badge, type Column, Empty, enumFilter, None, Page, Quantity, ResourceTable, useGo } from '@/ui'
import { type StockRow, stockKeys, warehousesQuery } from './queries'
import { useT } from './texts'
import { useWhat } from './what'

/** Stock by SKU (M5.1). */
export default function StockList() {
  const t = useT()
  const go = useGo()
  const may = useMay()
  const whatOf = useWhat()
  const warehouses = useQuery(warehousesQuery).data
  const columns = useMemo<readonly Column<StockRow>[]>(
    () => [
      {
        id: 'sku',
        title: t('sku'),
        width: 280,
        cell: row => (
          <span className="zg-stock-what">
            <span className="zg-mono">{row.sku}</span>
            <span className="zg-quiet">{whatOf(row)}</span>
          </span>
        ),
      },
      { id: 'available', title: t('available'), align: 'right', cell: row => <Available row={row} /> },
      { id: 'state', title: t('state'), cell: row => <Level row={row} /> },
      { id: 'on_hand', title: t('onHand'), align: 'right', cell: row => <Quantity value={row.on_hand} /> },
      { id: 'reserved', title: t('reserved'), align: 'right', cell: row => <Some n={row.reserved} /> },
      { id: 'held', title: t('held'), align: 'right', cell: row => <Some n={row.held} /> },
      { id: 'incoming', title: t('incoming'), align: 'right', cell: row => <Some n={row.incoming} /> },
      {
        id: 'min',
        title: t('min'),
        align: 'right',
        cell: row => <Some n={row.levels.reduce((sum, level) => sum + level.min, 0)} />,
      },
      { id: 'barcode', title: t('barcode'), extra: true, cell: row => <span className="zg-mono">{row.barcode}</span> },
    ],
    [t, whatOf],
  )
  const filters = useMemo(
    () => [
      enumFilter(
        'level',
        t('state'),
        [
          { value: 'low', label: t('level.low') },
          { value: 'out', label: t('level.out') },
          { value: 'in', label: t('level.in') },
        ],
        true,
      ),
      enumFilter(
        'warehouse_id',
        t('warehouse'),
        (warehouses ?? []).map(each => ({ value: String(each.id), label: each.name })),
        true,
      ),
    ],
    [t, warehouses],
  )
  return (
    <Page
      title={t('title')}
      actions={
        may('stock.write') ? (
          <Button type="primary" icon={<DiffOutlined />} onClick={() => go('/stock/count')}>
            {t('adjust')}
          </Button>
        ) : null
      }
    >
      <ResourceTable
        name="stock"
        columns={columns}
        filters={filters}
        queryKey={stockKeys.lists}
        load={({ level, warehouse_id, sort: _sort, ...query }, signal) =>
          unwrap(
            api.GET('/api/v1/admin/stock', {
              params: {
                query: {
                  ...query,
                  ...(isLevel(level) ? { level } : {}),
                  ...(warehouse_id ? { warehouse_id: Number(warehouse_id) } : {}),
                },
              },
              signal,
            }),
          )
        }
        rowId={row => row.sku_id}
        link={linkOf}
        searchHint={t('searchHint')}
        live="stock.read"
        views={[
          { name: t('level.low'), search: { level: 'low' } },
          { name: t('level.out'), search: { level: 'out' } },
        ]}
        empty={<Empty title={t('empty')}>{t('emptyHelp')}</Empty>}
      />
    </Page>
  )
}

const linkOf = (row: StockRow) => `/stock/${row.sku_id}`

const LEVELS = ['low', 'out', 'in'] as const

function isLevel(level: string | undefined): level is (typeof LEVELS)[number] {
  return LEVELS.some(each => each === level)
}

export function Level({ row }: { row: StockRow }) {
  const t = useT()
  if (!row.tracked) return <Badge tone="neutral">{t('level.untracked')}</Badge>
  if (row.available <= 0) return <Badge tone="bad">{t('level.out')}</Badge>
  if (row.levels.some(level => level.low)) return <Badge tone="warn">{t('level.low')}</Badge>
  return <Badge tone="good">{t('level.in')}</Badge>
}

/** Mostly there is none, and a column of noughts hides the others. */
function Some({ n }: { n: number }) {
  return n === 0 ? <None /> : <Quantity value={n} />
}

function Available({ row }: { row: StockRow }) {
  if (!row.tracked) return <span className="zg-quiet">∞</span>
  return (
    <strong className="zg-free" data-short={row.available <= 0}>
      <Quantity value={row.available} />
    </strong>
  )
}
