import { PlusOutlined } from '@ant-design/icons'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useMemo } from 'react'
import { useMay } from '@/api'
import { useList } from '@/i18n'
import { Badge, type Column, Empty, None, Page, Person, ResourceTable, Time, useGo } from '@/ui'
import { rolesQuery, type StaffView, staffKeys, staffQuery } from './queries'
import { useT } from './texts'

/** Who works here (M8.1). */
export default function StaffList() {
  const t = useT()
  const go = useGo()
  const may = useMay()
  const client = useQueryClient()
  const list = useList()
  const roles = useQuery(rolesQuery).data?.data
  const columns = useMemo<readonly Column<StaffView>[]>(
    () => [
      { id: 'name', title: t('staff.name'), cell: row => <Person name={row.name} />, width: 220 },
      { id: 'email', title: t('staff.email'), cell: row => row.email },
      {
        id: 'roles',
        title: t('staff.roles'),
        cell: row => {
          const names = (roles ?? []).filter(role => row.roles.includes(role.id)).map(role => role.name)
          return names.length === 0 ? <None /> : list(names)
        },
      },
      {
        id: 'factor',
        title: t('staff.factor'),
        cell: row =>
          row.totp_enabled ? (
            <Badge tone="good">{t('staff.factorOn')}</Badge>
          ) : (
            <Badge tone="neutral">{t('staff.factorOff')}</Badge>
          ),
      },
      {
        id: 'state',
        title: t('staff.state'),
        cell: row =>
          row.disabled_at ? (
            <Badge tone="bad">{t('staff.disabled')}</Badge>
          ) : (
            <Badge tone="good">{t('staff.active')}</Badge>
          ),
      },
      { id: 'created', title: t('staff.created'), cell: row => <Time at={row.created_at} /> },
    ],
    [t, roles, list],
  )
  return (
    <Page
      title={t('staff.title')}
      actions={
        may('staff.write') ? (
          <Button type="primary" icon={<PlusOutlined />} onClick={() => go('/staff/new')}>
            {t('staff.new')}
          </Button>
        ) : null
      }
    >
      <ResourceTable
        name="staff"
        columns={columns}
        queryKey={staffKeys.extra('table')}
        load={async () => {
          const data = await client.fetchQuery(staffQuery)
          return { data, meta: { total: data.length } }
        }}
        rowId={row => row.id}
        link={linkOf}
        empty={<Empty title={t('staff.empty')} />}
      />
    </Page>
  )
}

const linkOf = (row: StaffView) => `/staff/${row.id}`
