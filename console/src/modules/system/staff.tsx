import './system.css'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { api, done, Problem, unwrap, useMay, useMe } from '@/api'
import { useList } from '@/i18n'
import {
  Action,
  Badge,
  Card,
  DetailPage,
  Facts,
  Form,
  Loaded,
  ProblemView,
  SwitchField,
  TextField,
  Time,
  useForm,
  useRouteId,
} from '@/ui'
import { rolesQuery, type StaffView, staffKeys, staffQuery, tagOf, useRefresh } from './queries'
import { RolesField } from './roles-field'
import { useT } from './texts'

type Values = { name: string; roles: readonly string[]; disabled: boolean }

/** Somebody who works here: name, roles, whether they may sign in. */
export default function StaffPage() {
  const id = useRouteId()
  const people = useQuery(staffQuery)
  return (
    <Loaded of={people}>
      {all => {
        const row = all.find(each => each.id === id)
        if (!row) return <ProblemView error={new Problem(404, { code: 'staff_not_found' })} />
        return <Editor key={id} row={row} />
      }}
    </Loaded>
  )
}

function Editor({ row }: { row: StaffView }) {
  const t = useT()
  const may = useMay()
  const me = useMe()
  const list = useList()
  const client = useQueryClient()
  const refresh = useRefresh(staffKeys.all, ['roles'])
  const roles = useQuery(rolesQuery)
  const form = useForm({
    name: `staff/${row.id}`,
    source: row,
    etag: tagOf(row),
    values: useCallback(
      (source: StaffView): Values => ({
        name: source.name,
        roles: source.roles.map(String),
        disabled: Boolean(source.disabled_at),
      }),
      [],
    ),
    save: async ({ values, etag }) => {
      await unwrap(
        api.PUT('/api/v1/admin/staff/{id}', {
          params: { path: { id: row.id }, header: { 'If-Match': etag ?? '' } },
          body: { ...values, roles: values.roles.map(Number) },
        }),
      )
      await refresh()
    },
    fresh: async () => {
      const all = await client.fetchQuery({ ...staffQuery, staleTime: 0 })
      const source = all.find(each => each.id === row.id) ?? row
      return { source, etag: tagOf(source) }
    },
  })
  const f = form.field
  const mine = row.id === me.staff.id
  return (
    <DetailPage
      title={row.name}
      badges={
        row.disabled_at ? (
          <Badge tone="bad">{t('staff.disabled')}</Badge>
        ) : row.invited ? (
          <Badge tone="warn">{t('staff.invited')}</Badge>
        ) : (
          <Badge tone="good">{t('staff.active')}</Badge>
        )
      }
      list={{ name: 'staff', path: '/staff', title: t('staff.title') }}
      side={
        <Card title={t('staff.facts')}>
          <Facts
            of={[
              [t('staff.email'), row.email],
              [t('staff.factor'), row.totp_enabled ? t('staff.factorOn') : t('staff.factorOff')],
              [t('staff.created'), <Time key="c" at={row.created_at} />],
              ...(row.disabled_at ? [[t('staff.disabledAt'), <Time key="d" at={row.disabled_at} />] as const] : []),
            ]}
          />
          {may('staff.write') ? <Help row={row} refresh={refresh} /> : null}
        </Card>
      }
    >
      <Form
        form={form}
        labels={{ name: t('staff.name'), roles: t('staff.roles'), disabled: t('staff.disabled') }}
        show={(key, value) =>
          key === 'roles' && Array.isArray(value)
            ? list((roles.data?.data ?? []).filter(role => value.includes(String(role.id))).map(role => role.name))
            : undefined
        }
      >
        <Card>
          <div className="zg-form">
            <TextField
              of={f.at('name')}
              label={t('staff.name')}
              required
              maxLength={100}
              disabled={!may('staff.write')}
            />
            <RolesField of={f.at('roles')} disabled={!may('staff.write')} />
            <SwitchField
              of={f.at('disabled')}
              label={t('staff.disable')}
              help={mine ? t('staff.disableSelf') : t('staff.disableHelp')}
              disabled={mine || !may('staff.write')}
            />
          </div>
        </Card>
      </Form>
    </DetailPage>
  )
}

/** What can be done for somebody who cannot get in, or should not be in. */
function Help({ row, refresh }: { row: StaffView; refresh: () => Promise<void> }) {
  const t = useT()
  const path = { params: { path: { id: row.id } } }
  const name = { name: row.name }
  return (
    <div className="zg-row zg-staff-do">
      {row.disabled_at ? null : (
        <Action
          name="send-link"
          label={t('staff.sendLink')}
          title={t('staff.sendLinkTitle', name)}
          consequences={t('staff.sendLinkText')}
          initial={{}}
          run={() => done(api.POST('/api/v1/admin/staff/{id}/password-link', path))}
          done={t('staff.linkSent')}
        />
      )}
      <Action
        name="end-sessions"
        label={t('staff.endSessions')}
        title={t('staff.endSessionsTitle', name)}
        initial={{}}
        run={() => done(api.DELETE('/api/v1/admin/staff/{id}/sessions', path))}
        done={t('staff.sessionsEnded')}
      />
      {row.totp_enabled ? (
        <Action
          name="clear-factor"
          label={t('staff.factorClear')}
          danger
          title={t('staff.factorClearTitle', name)}
          consequences={t('staff.factorClearText')}
          initial={{}}
          run={async () => {
            await done(api.DELETE('/api/v1/admin/staff/{id}/second-factor', path))
            await refresh()
          }}
          done={t('staff.factorCleared')}
        />
      ) : null}
    </div>
  )
}
