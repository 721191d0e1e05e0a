import { PlusOutlined } from '@ant-design/icons'
import { useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useMemo } from 'react'
import { useMay } from '@/api'
import { useList, useName } from '@/i18n'
import { type Column, Empty, Page, Quantity, ResourceTable, useGo } from '@/ui'
import { type ZoneView, zoneKeys, zonesQuery } from './shipping-queries'
import { useShippingT } from './shipping-texts'

/** Regions with the same rates (M8.8). */
export default function Zones() {
  const t = useShippingT()
  const go = useGo()
  const may = useMay()
  const nameOf = useName()
  const list = useList()
  const client = useQueryClient()
  const columns = useMemo<readonly Column<ZoneView>[]>(
    () => [
      { id: 'name', title: t('name'), width: 220, cell: row => row.name },
      { id: 'code', title: t('code'), cell: row => <span className="zg-mono">{row.code}</span> },
      { id: 'count', title: t('zone.count'), align: 'right', cell: row => <Quantity value={row.lines.length} /> },
      {
        id: 'lines',
        title: t('zone.lines'),
        cell: row => (
          <span className="zg-quiet">
            {list([
              ...row.lines.slice(0, 6).map(line => `${line.excluded ? '− ' : ''}${nameOf(line.name)}`),
              ...(row.lines.length > 6 ? [t('zone.others', { count: row.lines.length - 6 })] : []),
            ])}
          </span>
        ),
      },
    ],
    [t, nameOf, list],
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
