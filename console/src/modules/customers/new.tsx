import { useCallback, useRef } from 'react'
import { api, sends, unwrap } from '@/api'
import { Card, DetailPage, Form, useForm, useGo } from '@/ui'
import { EMPTY, type Profile, ProfileFields } from './profile'
import { useAgain } from './queries'
import { useT } from './texts'

/** Adds a customer. */
export default function NewCustomer() {
  const t = useT()
  const go = useGo()
  const again = useAgain()
  const made = useRef(0)
  const form = useForm({
    name: 'customer/new',
    source: EMPTY,
    values: useCallback((source: Profile) => source, []),
    save: async ({ values, key }) => {
      const { locale, ...rest } = values
      const row = await unwrap(
        api.POST('/api/v1/admin/customers', {
          headers: sends({ key }),
          body: { ...rest, tags: [...values.tags], ...(locale ? { locale } : {}) },
        }),
      )
      made.current = row.id
      await again()
    },
    saved: () => go(`/customers/${made.current}`, { replace: true }),
  })
  return (
    <DetailPage title={t('new')} list={{ name: 'customers', path: '/customers', title: t('title') }}>
      <Form form={form} bar="always" saveText={t('create')}>
        <Card>
          <ProfileFields of={form.field} fresh />
        </Card>
      </Form>
    </DetailPage>
  )
}
