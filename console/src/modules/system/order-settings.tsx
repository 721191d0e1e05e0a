import './system.css'
import { useQuery } from '@tanstack/react-query'
import { api, unwrap, useMay } from '@/api'
import { Card, Form, Loaded, Page, SelectField, useForm } from '@/ui'
import { type OrderSettings, orderSettingsKeys, orderSettingsQuery } from './payment-queries'
import { usePaymentT } from './payment-texts'
import { tagOf, useRefresh } from './queries'

type Values = { auto_confirm: OrderSettings['auto_confirm'] | null }

const valuesOf = (row: OrderSettings): Values => ({ auto_confirm: row.auto_confirm })

/** What the shop does by itself with orders (M4.7). */
export default function OrderSettingsPage() {
  const settings = useQuery(orderSettingsQuery)
  return <Loaded of={settings}>{row => <Editor row={row} />}</Loaded>
}

function Editor({ row }: { row: OrderSettings }) {
  const t = usePaymentT()
  const disabled = !useMay()('orders.write')
  const refresh = useRefresh(orderSettingsKeys.all)
  const form = useForm<OrderSettings, Values>({
    name: 'order-settings',
    source: row,
    etag: tagOf(row),
    values: valuesOf,
    save: async ({ values, etag }) => {
      await unwrap(
        api.PUT('/api/v1/admin/orders/settings', {
          params: { header: { 'If-Match': etag ?? '' } },
          body: { auto_confirm: values.auto_confirm ?? 'off' },
        }),
      )
      await refresh()
    },
    fresh: async () => {
      const source = await unwrap(api.GET('/api/v1/admin/orders/settings'))
      return { source, etag: tagOf(source) }
    },
  })
  return (
    <Page title={t('orders')}>
      <Form form={form} labels={{ auto_confirm: t('autoLabel') }}>
        <Card title={t('auto')}>
          <div className="zg-narrow">
            <SelectField
              of={form.field.at('auto_confirm')}
              label={t('autoLabel')}
              help={t('autoHelp')}
              options={[
                { value: 'off', label: t('autoOff') },
                { value: 'paid', label: t('autoPaid') },
              ]}
              disabled={disabled}
            />
          </div>
        </Card>
      </Form>
    </Page>
  )
}
