import { PlusOutlined } from '@ant-design/icons'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useMemo } from 'react'
import { useMay } from '@/api'
import { useName } from '@/i18n'
import { type Column, Empty, None, Page, Quantity, ResourceTable, useGo } from '@/ui'
import { CostTester } from './cost-tester'
import { OnOff } from './on-off'
import { carriersQuery, type MethodView, methodKeys, methodsQuery } from './shipping-queries'
import { useShippingT } from './shipping-texts'

/** Ways to ship, in the shopper's order (M8.7). */
export default function Methods() {
  const t = useShippingT()
  const go = useGo()
  const may = useMay()
  const nameOf = useName()
  const client = useQueryClient()
  const carriers = useQuery(carriersQuery).data?.data
  const columns = useMemo<readonly Column<MethodView>[]>(
    () => [
      { id: 'name', title: t('name'), width: 220, cell: row => nameOf(row.name) },
      { id: 'code', title: t('code'), cell: row => <span className="zg-mono">{row.code}</span> },
      { id: 'state', title: t('state'), cell: row => <OnOff on={row.enabled} /> },
      {
        id: 'carrier',
        title: t('method.carrier'),
        cell: row => carriers?.find(each => each.id === row.carrier_id)?.name ?? <None />,
      },
      { id: 'cod', title: t('method.cod'), cell: row => (row.cod ? t('method.codYes') : <None />) },
      { id: 'zones', title: t('method.zones'), align: 'right', cell: row => <Quantity value={row.rates.length} /> },
      { id: 'position', title: t('method.position'), align: 'right', cell: row => <Quantity value={row.position} /> },
    ],
    [t, nameOf, carriers],
  )
  const create = may('shipping.write') ? (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => go('/shipping-methods/new')}>
      {t('method.new')}
    </Button>
  ) : null
  return (
    <Page title={t('method.title')} actions={create}>
      <ResourceTable
        name="shipping-methods"
        columns={columns}
        queryKey={methodKeys.extra('table')}
        load={() => client.fetchQuery(methodsQuery)}
        rowId={row => row.id}
        link={linkOf}
        empty={
          <Empty title={t('method.empty')} action={create}>
            {t('method.emptyHelp')}
          </Empty>
        }
      />
      <CostTester />
    </Page>
  )
}

const linkOf = (row: MethodView) => `/shipping-methods/${row.id}`
