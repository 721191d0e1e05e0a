import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useRef } from 'react'
import { api, done, Problem, unwrap, useMay } from '@/api'
import { useLabel } from '@/i18n'
import { Action, Badge, Card, DetailPage, Form, Loaded, ProblemView, TextField, useForm, useGo, useRouteId } from '@/ui'
import { type RoleView, roleKeys, rolesQuery, staffKeys, tagOf, useRefresh } from './queries'
import { actionLabel, groupsOf, resourceLabel } from './rights'
import { RightsMatrix } from './rights-matrix'
import { useT } from './texts'

type Values = { name: string; description: string; rights: readonly string[] }

/** A role and what it grants; a change is in force with its holders' next request. */
export default function RolePage() {
  const id = useRouteId()
  const roles = useQuery(rolesQuery)
  return (
    <Loaded of={roles}>
      {({ data, rights }) => {
        const row = data.find(each => each.id === id)
        if (!row) return <ProblemView error={new Problem(404, { code: 'role_not_found' })} />
        return <Editor key={id} row={row} known={rights} />
      }}
    </Loaded>
  )
}

/** A new role. */
export function NewRole() {
  const roles = useQuery(rolesQuery)
  return <Loaded of={roles}>{({ rights }) => <Maker known={rights} />}</Loaded>
}

const valuesOf = ({ name, description, rights }: Values): Values => ({ name, description, rights })
const EMPTY: Values = { name: '', description: '', rights: [] }

function Maker({ known }: { known: readonly string[] }) {
  const t = useT()
  const go = useGo()
  const refresh = useRefresh(roleKeys.all)
  const made = useRef(0)
  const form = useForm({
    name: 'roles/new',
    source: EMPTY,
    values: valuesOf,
    save: async ({ values }) => {
      const row = await unwrap(api.POST('/api/v1/admin/roles', { body: { ...values, rights: [...values.rights] } }))
      made.current = row.id
      await refresh()
    },
    saved: () => go(`/roles/${made.current}`, { replace: true }),
  })
  return (
    <DetailPage title={t('role.newTitle')} list={{ name: 'roles', path: '/roles', title: t('role.title') }}>
      <Fields form={form} known={known} bar="always" disabled={false} />
    </DetailPage>
  )
}

function Editor({ row, known }: { row: RoleView; known: readonly string[] }) {
  const t = useT()
  const go = useGo()
  const may = useMay()
  const client = useQueryClient()
  const refresh = useRefresh(roleKeys.all, staffKeys.all)
  const form = useForm<RoleView, Values>({
    name: `roles/${row.id}`,
    source: row,
    etag: tagOf(row),
    values: valuesOf,
    save: async ({ values, etag }) => {
      await unwrap(
        api.PUT('/api/v1/admin/roles/{id}', {
          params: { path: { id: row.id }, header: { 'If-Match': etag ?? '' } },
          body: { ...values, rights: [...values.rights] },
        }),
      )
      await refresh()
    },
    fresh: async () => {
      const { data } = await client.fetchQuery({ ...rolesQuery, staleTime: 0 })
      const source = data.find(each => each.id === row.id) ?? row
      return { source, etag: tagOf(source) }
    },
  })
  const locked = row.is_super || !may('roles.write')
  return (
    <DetailPage
      title={row.name}
      badges={
        <>
          {row.is_super ? <Badge tone="busy">{t('rights.all')}</Badge> : null}
          <Badge tone="neutral">{t('role.heldBy', { count: row.holders })}</Badge>
        </>
      }
      list={{ name: 'roles', path: '/roles', title: t('role.title') }}
      more={
        may('roles.write') && !row.is_super ? (
          <Action
            of={{ actions: [{ name: 'delete', allowed: row.holders === 0, reason: t('role.inUse') }] }}
            name="delete"
            label={t('role.delete')}
            danger
            title={t('role.deleteTitle', { name: row.name })}
            consequences={t('role.deleteText')}
            initial={{}}
            run={async () => {
              await done(api.DELETE('/api/v1/admin/roles/{id}', { params: { path: { id: row.id } } }))
              go('/roles', { replace: true })
              await refresh()
            }}
            done={t('role.deleted')}
          />
        ) : null
      }
      notice={row.is_super ? <div className="zg-notice">{t('role.super')}</div> : null}
    >
      <Fields form={form} known={known} bar="dirty" disabled={locked} every={row.is_super} />
    </DetailPage>
  )
}

type FieldsProps = {
  form: ReturnType<typeof useForm<Values, Values>>
  known: readonly string[]
  bar: 'dirty' | 'always'
  disabled: boolean
  every?: boolean
}

function Fields({ form, known, bar, disabled, every = false }: FieldsProps) {
  const t = useT()
  const label = useLabel()
  const f = form.field
  const words = useCallback(
    (names: readonly unknown[]) =>
      groupsOf(names.map(String))
        .map(
          group =>
            `${label(resourceLabel(group.resource))}: ${group.rights.map(each => label(actionLabel(each.action))).join(' ')}`,
        )
        .join('\n'),
    [label],
  )
  return (
    <Form
      form={form}
      bar={bar}
      labels={{ name: t('role.name'), description: t('role.description'), rights: t('role.rights') }}
      show={(key, value) => (key === 'rights' && Array.isArray(value) ? words(value) : undefined)}
    >
      <Card>
        <div className="zg-fields">
          <TextField of={f.at('name')} label={t('role.name')} required maxLength={100} disabled={disabled} />
          <TextField of={f.at('description')} label={t('role.description')} maxLength={500} disabled={disabled} />
        </div>
      </Card>
      <Card title={t('role.matrix')} flush>
        <RightsMatrix
          title={t('role.matrix')}
          known={known}
          value={every ? known : form.values.rights}
          disabled={disabled}
          change={rights => f.at('rights').set(rights)}
        />
      </Card>
    </Form>
  )
}
