import { PlusOutlined } from '@ant-design/icons'
import { useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useMemo } from 'react'
import { useMay } from '@/api'
import { type Column, Empty, None, Page, ResourceTable, useGo } from '@/ui'
import { OnOff } from './on-off'
import { type CarrierView, carrierKeys, carriersQuery } from './shipping-queries'
import { useShippingT } from './shipping-texts'

/** Who takes parcels (M8.6). */
export default function Carriers() {
  const t = useShippingT()
  const go = useGo()
  const may = useMay()
  const client = useQueryClient()
  const columns = useMemo<readonly Column<CarrierView>[]>(
    () => [
      { id: 'name', title: t('name'), width: 220, cell: row => row.name },
      { id: 'code', title: t('code'), cell: row => <span className="zg-mono">{row.code}</span> },
      { id: 'state', title: t('state'), cell: row => <OnOff on={row.enabled} /> },
      {
        id: 'tracking',
        title: t('carrier.tracking'),
        cell: row => (row.tracking_url ? <span className="zg-mono">{row.tracking_url}</span> : <None />),
      },
    ],
    [t],
  )
  const create = may('shipping.write') ? (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => go('/carriers/new')}>
      {t('carrier.new')}
    </Button>
  ) : null
  return (
    <Page title={t('carrier.title')} actions={create}>
      <ResourceTable
        name="carriers"
        columns={columns}
        queryKey={carrierKeys.extra('table')}
        load={() => client.fetchQuery(carriersQuery)}
        rowId={row => row.id}
        link={linkOf}
        empty={
          <Empty title={t('carrier.empty')} action={create}>
            {t('carrier.emptyHelp')}
          </Empty>
        }
      />
    </Page>
  )
}

const linkOf = (row: CarrierView) => `/carriers/${row.id}`
