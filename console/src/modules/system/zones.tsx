import { PlusOutlined } from '@ant-design/icons'
import { useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useCallback, useMemo } from 'react'
import { useMay } from '@/api'
import { useList, useName } from '@/i18n'
import { type Column, Empty, Page, Quantity, ResourceTable, useGo } from '@/ui'
import { type ZoneView, zoneKeys, zonesQuery } from './shipping-queries'
import { useShippingT } from './shipping-texts'

/** Where a zone delivers and where not, the first few by name. */
function useReach(): (row: ZoneView) => string {
  const t = useShippingT()
  const nameOf = useName()
  const list = useList()
  return useCallback(
    row => {
      const said = (lines: ZoneView['lines']) =>
        list([
          ...lines.slice(0, MOST).map(line => nameOf(line.name)),
          ...(lines.length > MOST ? [t('zone.others', { count: lines.length - MOST })] : []),
        ])
      const inside = said(row.lines.filter(line => !line.excluded))
      const outside = row.lines.filter(line => line.excluded)
      return outside.length === 0 ? inside : t('zone.except', { inside, outside: said(outside) })
    },
    [t, nameOf, list],
  )
}

const MOST = 3

/** Regions with the same rates (M8.8). */
export default function Zones() {
  const t = useShippingT()
  const go = useGo()
  const may = useMay()
  const client = useQueryClient()
  const reach = useReach()
  const columns = useMemo<readonly Column<ZoneView>[]>(
    () => [
      { id: 'name', title: t('name'), width: 300, cell: row => row.name },
      { id: 'code', title: t('code'), cell: row => <span className="zg-mono">{row.code}</span> },
      { id: 'count', title: t('zone.count'), align: 'right', cell: row => <Quantity value={row.lines.length} /> },
      {
        id: 'lines',
        title: t('zone.lines'),
        cell: row => <span className="zg-quiet">{reach(row)}</span>,
      },
    ],
    [t, reach],
  )
  const create = may('shipping.write') ? (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => go('/zones/new')}>
      {t('zone.new')}
    </Button>
  ) : null
  return (
    <Page title={t('zone.title')} actions={create}>
      <ResourceTable
        name="zones"
        columns={columns}
        queryKey={zoneKeys.extra('table')}
        load={() => client.fetchQuery(zonesQuery)}
        rowId={row => row.id}
        link={linkOf}
        empty={
          <Empty title={t('zone.empty')} action={create}>
            {t('zone.emptyHelp')}
          </Empty>
        }
      />
    </Page>
  )
}

const linkOf = (row: ZoneView) => `/zones/${row.id}`
