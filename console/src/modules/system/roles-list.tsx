import { PlusOutlined } from '@ant-design/icons'
import { useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useMemo } from 'react'
import { useMay } from '@/api'
import { Badge, type Column, Empty, Page, Quantity, ResourceTable, useGo } from '@/ui'
import { type RoleView, roleKeys, rolesQuery } from './queries'
import { useT } from './texts'

/** Roles (M8.2). */
export default function RolesList() {
  const t = useT()
  const go = useGo()
  const may = useMay()
  const client = useQueryClient()
  const columns = useMemo<readonly Column<RoleView>[]>(
    () => [
      { id: 'name', title: t('role.name'), cell: row => row.name, width: 220 },
      { id: 'description', title: t('role.description'), cell: row => row.description },
      {
        id: 'rights',
        title: t('role.rights'),
        align: 'right',
        cell: row =>
          row.is_super ? <Badge tone="busy">{t('rights.all')}</Badge> : <Quantity value={row.rights.length} />,
      },
      { id: 'holders', title: t('role.holders'), align: 'right', cell: row => <Quantity value={row.holders} /> },
    ],
    [t],
  )
  return (
    <Page
      title={t('role.title')}
      actions={
        may('roles.write') ? (
          <Button type="primary" icon={<PlusOutlined />} onClick={() => go('/roles/new')}>
            {t('role.new')}
          </Button>
        ) : null
      }
    >
      <ResourceTable
        name="roles"
        columns={columns}
        queryKey={roleKeys.extra('table')}
        load={async () => {
          const { data } = await client.fetchQuery(rolesQuery)
          return { data, meta: { total: data.length } }
        }}
        rowId={row => row.id}
        link={linkOf}
        empty={<Empty title={t('role.empty')}>{t('role.emptyHelp')}</Empty>}
      />
    </Page>
  )
}

const linkOf = (row: RoleView) => `/roles/${row.id}`
