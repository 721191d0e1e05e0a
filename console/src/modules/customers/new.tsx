import { useCallback } from 'react'
import { api, unwrap } from '@/api'
import { Card, Form, Page, useForm, useGo } from '@/ui'
import { EMPTY, type Profile, ProfileFields } from './profile'
import { useAgain } from './queries'
import { useT } from './texts'

/** Adds a customer. */
export default function NewCustomer() {
  const t = useT()
  const go = useGo()
  const again = useAgain()
  const form = useForm({
    name: 'customer/new',
    source: EMPTY,
    values: useCallback((source: Profile) => source, []),
    save: async ({ values }) => {
      const { locale, ...rest } = values
      const made = await unwrap(
        api.POST('/api/v1/admin/customers', {
          body: { ...rest, tags: [...values.tags], ...(locale ? { locale } : {}) },
        }),
      )
      await again()
      go(`/customers/${made.id}`)
    },
  })
  return (
    <Page title={t('new')}>
      <Form form={form} labels={{ name: t('name'), email: t('email'), phone: t('phone') }}>
        <Card>
          <ProfileFields of={form.field} />
        </Card>
      </Form>
    </Page>
  )
}
