import './system.css'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { App, Button, Input, Modal, QRCode } from 'antd'
import { useCallback, useState } from 'react'
import { api, asProblem, done, type Schemas, unwrap, useMe } from '@/api'
import { type Locale, setLocale } from '@/i18n'
import {
  Action,
  Badge,
  Card,
  FieldBox,
  Form,
  Page,
  SelectField,
  Skeleton,
  TextField,
  Time,
  useFocusBack,
  useForm,
  useProblemText,
} from '@/ui'
import { device } from './device'
import { meKeys, sessionsQuery, useRefresh } from './queries'
import { Secret } from './secret'
import { useT } from './texts'

/** Oneself: name, password, second factor, where one is signed in (M8.1). */
export default function Account() {
  const t = useT()
  return (
    <Page title={t('me.title')}>
      <Profile />
      <Password />
      <SecondFactor />
      <Sessions />
    </Page>
  )
}

const SESSION = ['session'] as const

function Profile() {
  const t = useT()
  const me = useMe()
  const refresh = useRefresh(SESSION)
  const form = useForm({
    name: 'me',
    source: me.staff,
    values: useCallback(
      (staff: { name: string; locale: string }): { name: string; locale: Locale | null } => ({
        name: staff.name,
        locale: staff.locale === 'en' ? 'en' : 'zh-CN',
      }),
      [],
    ),
    save: async ({ values }) => {
      const locale = values.locale ?? 'zh-CN'
      await done(api.PATCH('/api/v1/admin/me', { body: { name: values.name, locale } }))
      await setLocale(locale)
      await refresh()
    },
  })
  return (
    <Form form={form} labels={{ name: t('staff.name'), locale: t('staff.locale') }}>
      <Card title={t('me.profile')}>
        <div className="zg-fields">
          <TextField of={form.field.at('name')} label={t('staff.name')} required maxLength={100} autoComplete="name" />
          <SelectField<Locale>
            of={form.field.at('locale')}
            label={t('staff.locale')}
            options={[
              { value: 'zh-CN', label: '简体中文' },
              { value: 'en', label: 'English' },
            ]}
          />
        </div>
      </Card>
    </Form>
  )
}

function Password() {
  const t = useT()
  const refresh = useRefresh(meKeys.all)
  return (
    <Card
      title={t('me.password')}
      extra={
        <Action
          name="password"
          label={t('me.passwordChange')}
          title={t('me.passwordChange')}
          initial={{ current: '', password: '' }}
          form={field => (
            <>
              <TextField
                of={field.at('current')}
                label={t('me.passwordCurrent')}
                type="password"
                required
                autoFocus
                autoComplete="current-password"
              />
              <TextField
                of={field.at('password')}
                label={t('me.passwordNew')}
                help={t('me.passwordRule')}
                type="password"
                required
                autoComplete="new-password"
              />
            </>
          )}
          run={async ({ body }) => {
            await done(api.POST('/api/v1/admin/me/password', { body }))
            await refresh()
          }}
          done={t('me.passwordDone')}
        />
      }
    >
      <span className="zg-quiet">{t('me.passwordHelp')}</span>
    </Card>
  )
}

function SecondFactor() {
  const t = useT()
  const { notification } = App.useApp()
  const textOf = useProblemText()
  const me = useMe()
  const refresh = useRefresh(SESSION)
  const [setup, setSetup] = useState<Schemas['SecondFactor'] | undefined>(undefined)
  const [codes, setCodes] = useState<readonly string[]>([])
  const on = me.staff.totp_enabled
  const begin = () => {
    unwrap(api.POST('/api/v1/admin/me/second-factor')).then(setSetup, error => {
      notification.error({ title: t('me.factor'), description: textOf(asProblem(error)) })
    })
  }
  return (
    <Card
      title={t('me.factor')}
      extra={
        on ? (
          <span className="zg-row">
            <Action
              name="recovery-new"
              label={t('me.recoveryNew')}
              title={t('me.recoveryNewTitle')}
              consequences={t('me.recoveryNewText')}
              initial={{ code: '' }}
              form={field => (
                <TextField
                  of={field.at('code')}
                  label={t('me.codeOrRecovery')}
                  autoFocus
                  mono
                  maxLength={20}
                  autoComplete="one-time-code"
                />
              )}
              run={async ({ body }) => {
                const made = await unwrap(api.POST('/api/v1/admin/me/second-factor/recovery-codes', { body }))
                setCodes(made.recovery_codes)
              }}
            />
            <Action
              name="factor-off"
              label={t('me.factorOff')}
              danger
              title={t('me.factorOffTitle')}
              consequences={t('me.factorOffText')}
              initial={{ code: '' }}
              form={field => (
                <TextField
                  of={field.at('code')}
                  label={t('me.codeOrRecovery')}
                  autoFocus
                  mono
                  maxLength={20}
                  autoComplete="one-time-code"
                />
              )}
              run={async ({ body }) => {
                await done(api.DELETE('/api/v1/admin/me/second-factor', { body }))
                await refresh()
              }}
              done={t('me.factorIsOff')}
            />
          </span>
        ) : (
          <Button onClick={begin}>{t('me.factorSetUp')}</Button>
        )
      }
    >
      <div className="zg-row">
        {on ? <Badge tone="good">{t('staff.factorOn')}</Badge> : <Badge tone="warn">{t('staff.factorOff')}</Badge>}
        <span className="zg-quiet">{t('me.factorHelp')}</span>
      </div>
      {setup ? (
        <SetUp
          of={setup}
          close={() => setSetup(undefined)}
          done={async made => {
            setSetup(undefined)
            setCodes(made)
            await refresh()
          }}
        />
      ) : null}
      {codes.length > 0 ? (
        <Modal
          open
          title={t('me.recovery')}
          mask={{ closable: false }}
          closable={false}
          keyboard={false}
          footer={
            <Button type="primary" onClick={() => setCodes([])}>
              {t('me.recoveryKept')}
            </Button>
          }
        >
          <p>{t('me.recoveryHelp')}</p>
          <Secret text={codes.join('\n')} />
        </Modal>
      ) : null}
    </Card>
  )
}

function SetUp({
  of,
  close,
  done: finish,
}: {
  of: Schemas['SecondFactor']
  close: () => void
  done: (codes: readonly string[]) => Promise<void>
}) {
  const t = useT()
  useFocusBack()
  const { message } = App.useApp()
  const textOf = useProblemText()
  const [code, setCode] = useState('')
  const [busy, setBusy] = useState(false)
  const [wrong, setWrong] = useState('')
  const confirm = async (digits: string) => {
    setBusy(true)
    setWrong('')
    try {
      const made = await unwrap(api.POST('/api/v1/admin/me/second-factor/confirm', { body: { code: digits } }))
      void message.success(t('me.factorIsOn'))
      await finish(made.recovery_codes)
    } catch (error) {
      const problem = asProblem(error)
      setWrong(problem.errors[0]?.detail ?? textOf(problem))
      setCode('')
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal
      open
      width={560}
      title={t('me.factorSetUp')}
      okText={t('me.factorTurnOn')}
      okButtonProps={{ loading: busy, disabled: code.length !== 6 }}
      onOk={() => void confirm(code)}
      onCancel={close}
      mask={{ closable: false }}
    >
      <div className="zg-qr">
        <div>
          <QRCode value={of.uri} type="svg" size={176} color="#000000" bgColor="#ffffff" />
        </div>
        <div className="zg-stack">
          <p>{t('me.factorScan')}</p>
          <Secret text={of.secret} />
          <FieldBox of={{ id: 'factor-code', errors: wrong === '' ? [] : [wrong] }} label={t('me.code')}>
            {bound => (
              <Input
                {...bound}
                autoFocus
                inputMode="numeric"
                autoComplete="one-time-code"
                className="zg-mono"
                maxLength={6}
                value={code}
                disabled={busy}
                onChange={event => {
                  const digits = event.target.value.replace(/\D/g, '')
                  setCode(digits)
                  if (digits.length === 6) void confirm(digits)
                }}
              />
            )}
          </FieldBox>
        </div>
      </div>
    </Modal>
  )
}

function Sessions() {
  const t = useT()
  const client = useQueryClient()
  const sessions = useQuery(sessionsQuery)
  const end = (id: number) => done(api.DELETE('/api/v1/admin/sessions/{id}', { params: { path: { id } } }))
  const again = () => client.invalidateQueries({ queryKey: meKeys.all })
  const others = (sessions.data ?? []).filter(session => !session.current)
  return (
    <Card
      title={t('me.sessions')}
      extra={
        others.length > 0 ? (
          <Action
            name="end-all"
            label={t('me.endOthers')}
            title={t('me.endOthersTitle')}
            consequences={t('me.endOthersText', { count: others.length })}
            initial={{}}
            run={async () => {
              for (const session of others) await end(session.id)
              await again()
            }}
            done={t('me.ended')}
          />
        ) : null
      }
    >
      {sessions.data === undefined ? (
        <Skeleton />
      ) : (
        <ul className="zg-list-rows">
          {sessions.data.map(session => (
            <li key={session.id}>
              <div>
                <strong style={{ fontWeight: 600 }}>{device(session.user_agent)}</strong>{' '}
                {session.current ? <Badge tone="good">{t('me.thisOne')}</Badge> : null}
                <div className="zg-quiet">
                  <span className="zg-mono">{session.ip}</span> · {t('me.since')} <Time at={session.created_at} /> ·{' '}
                  {t('me.until')} <Time at={session.expires_at} />
                </div>
              </div>
              {session.current ? (
                <span />
              ) : (
                <Action
                  name={`end-${session.id}`}
                  label={t('me.end')}
                  size="small"
                  initial={{}}
                  run={async () => {
                    await end(session.id)
                    await again()
                  }}
                  done={t('me.ended')}
                />
              )}
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}
