import { useRef } from 'react'
import { api, unwrap } from '@/api'
import { type Locale, useLocale } from '@/i18n'
import { Card, DetailPage, Form, SelectField, TextField, useForm, useGo } from '@/ui'
import { staffKeys, useRefresh } from './queries'
import { RolesField } from './roles-field'
import { useT } from './texts'

type Values = { name: string; email: string; locale: Locale | null; roles: readonly string[] }

/** A new member of staff: a mail invites them to choose a password. */
export default function NewStaff() {
  const t = useT()
  const go = useGo()
  const locale = useLocale()
  const refresh = useRefresh(staffKeys.all, ['roles'])
  const made = useRef(0)
  const form = useForm<Values, Values>({
    name: 'staff/new',
    source: useConstant(() => ({ name: '', email: '', locale, roles: [] })),
    values: same,
    save: async ({ values }) => {
      const row = await unwrap(
        api.POST('/api/v1/admin/staff', {
          body: { ...values, locale: values.locale ?? locale, roles: values.roles.map(Number) },
        }),
      )
      made.current = row.id
      await refresh()
    },
    saved: () => go(`/staff/${made.current}`, { replace: true }),
  })
  const f = form.field
  return (
    <DetailPage title={t('staff.newTitle')} list={{ name: 'staff', path: '/staff', title: t('staff.title') }}>
      <Form form={form} bar="always" saveText={t('staff.create')}>
        <Card>
          <div className="zg-form">
            <div className="zg-fields">
              <TextField of={f.at('name')} label={t('staff.name')} required autoFocus maxLength={100} />
              <TextField
                of={f.at('email')}
                label={t('staff.email')}
                help={t('staff.emailHelp')}
                required
                type="email"
              />
            </div>
            <RolesField of={f.at('roles')} />
            <div className="zg-fields">
              <SelectField<Locale>
                of={f.at('locale')}
                label={t('staff.locale')}
                options={[
                  { value: 'zh-CN', label: '简体中文' },
                  { value: 'en', label: 'English' },
                ]}
              />
            </div>
          </div>
        </Card>
      </Form>
    </DetailPage>
  )
}

const same = (values: Values): Values => values

function useConstant<T>(make: () => T): T {
  const kept = useRef<{ value: T } | undefined>(undefined)
  kept.current ??= { value: make() }
  return kept.current.value
}
