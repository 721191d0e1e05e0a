import { PlusOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { App, Button, Modal } from 'antd'
import { useMemo, useState } from 'react'
import { api, asProblem, done, type FieldProblem, unwrap, useMe } from '@/api'
import {
  Action,
  Badge,
  type Column,
  DayField,
  dayStart,
  Empty,
  Field,
  None,
  nextDay,
  Page,
  ProblemView,
  ResourceTable,
  TextField,
  Time,
  useFocusBack,
} from '@/ui'
import { type ApiKeyView, apiKeyKeys, rolesQuery, useRefresh } from './queries'
import { RightsMatrix } from './rights-matrix'
import { Secret } from './secret'
import { useT } from './texts'

/** Rights that a key never holds: they are about people and keys. */
const NEVER = ['staff.read', 'staff.write', 'roles.write', 'api_keys.write']

/** Keys of other programs (B4). */
export default function ApiKeys() {
  const t = useT()
  const refresh = useRefresh(apiKeyKeys.all)
  const [making, setMaking] = useState(false)
  const columns = useMemo<readonly Column<ApiKeyView>[]>(
    () => [
      { id: 'name', title: t('key.name'), cell: row => row.name, width: 200 },
      { id: 'prefix', title: t('key.prefix'), cell: row => <code className="zg-mono">{row.prefix}…</code> },
      {
        id: 'scopes',
        title: t('key.scopes'),
        cell: row => <span className="zg-mono">{row.scopes.join(' ')}</span>,
      },
      { id: 'state', title: t('key.state'), cell: row => <KeyState row={row} /> },
      {
        id: 'expires',
        title: t('key.expires'),
        cell: row => (row.expires_at ? <Time at={row.expires_at} /> : t('key.never')),
      },
      { id: 'created', title: t('key.created'), cell: row => <Time at={row.created_at} /> },
      {
        id: 'do',
        title: t('key.actions'),
        cell: row =>
          row.revoked_at ? (
            <None />
          ) : (
            <Action
              name={`revoke-${row.id}`}
              label={t('key.revoke')}
              size="small"
              danger
              title={t('key.revokeTitle', { name: row.name })}
              consequences={t('key.revokeText')}
              initial={{}}
              run={async () => {
                await done(api.DELETE('/api/v1/admin/api-keys/{id}', { params: { path: { id: row.id } } }))
                await refresh()
              }}
              done={t('key.revoked')}
            />
          ),
      },
    ],
    [t, refresh],
  )
  const make = (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setMaking(true)}>
      {t('key.new')}
    </Button>
  )
  return (
    <Page title={t('key.title')} actions={make}>
      <ResourceTable
        name="api-keys"
        columns={columns}
        queryKey={apiKeyKeys.lists}
        load={async () => {
          const data = await unwrap(api.GET('/api/v1/admin/api-keys'))
          return { data, meta: { total: data.length } }
        }}
        rowId={row => row.id}
        empty={
          <Empty title={t('key.empty')} action={make}>
            {t('key.emptyHelp')}
          </Empty>
        }
      />
      {making ? <NewKey close={() => setMaking(false)} /> : null}
    </Page>
  )
}

function KeyState({ row }: { row: ApiKeyView }) {
  const t = useT()
  if (row.revoked_at) return <Badge tone="bad">{t('key.isRevoked')}</Badge>
  if (row.expires_at && new Date(row.expires_at) <= new Date()) return <Badge tone="warn">{t('key.isExpired')}</Badge>
  return <Badge tone="good">{t('key.isActive')}</Badge>
}

type Values = { name: string; scopes: readonly string[]; until: string | null }

function NewKey({ close }: { close: () => void }) {
  const t = useT()
  useFocusBack()
  const { modal } = App.useApp()
  const zone = useMe().shop.time_zone
  const refresh = useRefresh(apiKeyKeys.all)
  const known = useQuery(rolesQuery).data?.rights.filter(right => !NEVER.includes(right)) ?? []
  const [values, setValues] = useState<Values>({ name: '', scopes: [], until: null })
  const [problems, setProblems] = useState<readonly FieldProblem[]>([])
  const [error, setError] = useState<unknown>(undefined)
  const [busy, setBusy] = useState(false)
  const [key, setKey] = useState<string | undefined>(undefined)
  const field = new Field('', values, setValues, problems, 'key')
  const create = async () => {
    setBusy(true)
    setError(undefined)
    setProblems([])
    try {
      const made = await unwrap(
        api.POST('/api/v1/admin/api-keys', {
          body: {
            name: values.name,
            scopes: [...values.scopes],
            expires_at: values.until ? dayStart(nextDay(values.until), zone) : null,
          },
        }),
      )
      setKey(made.key)
      await refresh()
    } catch (refused) {
      const problem = asProblem(refused)
      setProblems(problem.errors)
      if (problem.errors.every(each => each.pointer !== '/name')) setError(problem)
    } finally {
      setBusy(false)
    }
  }
  if (key !== undefined) {
    return (
      <Modal
        open
        title={t('key.made')}
        onCancel={() =>
          modal.confirm({ title: t('key.closeTitle'), content: t('key.once'), okText: t('key.close'), onOk: close })
        }
        mask={{ closable: false }}
        footer={
          <Button type="primary" onClick={close}>
            {t('key.kept')}
          </Button>
        }
      >
        <p>{t('key.once')}</p>
        <Secret text={key} />
      </Modal>
    )
  }
  return (
    <Modal
      open
      width={720}
      title={t('key.newTitle')}
      okText={t('key.create')}
      okButtonProps={{ loading: busy, disabled: values.name.trim() === '' || values.scopes.length === 0 }}
      onOk={() => void create()}
      onCancel={close}
      mask={{ closable: false }}
    >
      <div className="zg-form">
        {error === undefined ? null : <ProblemView error={error} />}
        <div className="zg-fields">
          <TextField
            of={field.at('name')}
            label={t('key.name')}
            help={t('key.nameHelp')}
            required
            autoFocus
            maxLength={100}
          />
          <DayField of={field.at('until')} label={t('key.until')} help={t('key.untilHelp')} />
        </div>
        <RightsMatrix
          title={t('key.scopes')}
          known={known}
          value={values.scopes}
          change={scopes => field.at('scopes').set(scopes)}
        />
      </div>
    </Modal>
  )
}
