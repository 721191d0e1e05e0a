import './system.css'
import { useQuery } from '@tanstack/react-query'
import { api, unwrap, useMay, useMe } from '@/api'
import { useLocale } from '@/i18n'
import { Card, Form, formatMoney, Loaded, MoneyField, type MoneyValue, Page, useForm } from '@/ui'
import { type PaymentSettings, paymentSettingsKeys, paymentSettingsQuery } from './payment-queries'
import { usePaymentT } from './payment-texts'
import { tagOf, useRefresh } from './queries'

type Values = { second_person_from: MoneyValue | null }

const valuesOf = (row: PaymentSettings): Values => ({ second_person_from: row.second_person_from ?? null })

/** From which amount on a second person has to look (M4.12). */
export default function PaymentSettingsPage() {
  const settings = useQuery(paymentSettingsQuery)
  return <Loaded of={settings}>{row => <Editor row={row} />}</Loaded>
}

function Editor({ row }: { row: PaymentSettings }) {
  const t = usePaymentT()
  const locale = useLocale()
  const currency = useMe().shop.currency
  const disabled = !useMay()('payment_methods.write')
  const refresh = useRefresh(paymentSettingsKeys.all)
  const form = useForm<PaymentSettings, Values>({
    name: 'payment-settings',
    source: row,
    etag: tagOf(row),
    values: valuesOf,
    save: async ({ values, etag }) => {
      await unwrap(
        api.PUT('/api/v1/admin/payment-settings', { params: { header: { 'If-Match': etag ?? '' } }, body: values }),
      )
      await refresh()
    },
    fresh: async () => {
      const source = await unwrap(api.GET('/api/v1/admin/payment-settings'))
      return { source, etag: tagOf(source) }
    },
  })
  const from = row.second_person_from
  return (
    <Page title={t('settings')}>
      <Form form={form} labels={{ second_person_from: t('from') }}>
        <Card title={t('twoPeople')}>
          <div className="zg-form">
            <p role="status">{from ? t('fromOn', { amount: formatMoney(from, locale) }) : t('fromOff')}</p>
            <div className="zg-narrow">
              <MoneyField
                of={form.field.at('second_person_from')}
                label={t('from')}
                help={t('fromHelp')}
                currency={currency}
                disabled={disabled}
              />
            </div>
          </div>
        </Card>
      </Form>
    </Page>
  )
}
