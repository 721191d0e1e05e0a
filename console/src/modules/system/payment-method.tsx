import { useQuery } from '@tanstack/react-query'
import { api, unwrap, useMay } from '@/api'
import { useName } from '@/i18n'
import { Card, DetailPage, Facts, Form, Loaded, NameField, NumberField, SwitchField, useForm, useRouteId } from '@/ui'
import { OnOff } from './on-off'
import { KindName } from './payment-methods'
import { type PaymentMethod, paymentMethodKeys, paymentMethodQuery } from './payment-queries'
import { spanText, usePaymentT } from './payment-texts'
import { tagOf, useRefresh } from './queries'

type Values = {
  name: Readonly<Record<string, string>>
  instructions: Readonly<Record<string, string>>
  enabled: boolean
  expires_minutes: number | null
  position: number | null
}

const valuesOf = ({ name, instructions, enabled, expires_minutes, position }: PaymentMethod): Values => ({
  name,
  instructions,
  enabled,
  expires_minutes: expires_minutes ?? null,
  position,
})

const both = (text: Readonly<Record<string, string>>) => ({ 'zh-CN': text['zh-CN'] ?? '', en: text['en'] ?? '' })

/** One way to pay: what shoppers read, and how long an order waits for the money (M4.10). */
export default function PaymentMethodPage() {
  const id = useRouteId()
  const method = useQuery(paymentMethodQuery(id))
  return <Loaded of={method}>{row => <Editor key={id} row={row} />}</Loaded>
}

function Editor({ row }: { row: PaymentMethod }) {
  const t = usePaymentT()
  const nameOf = useName()
  const disabled = !useMay()('payment_methods.write')
  const refresh = useRefresh(paymentMethodKeys.all)
  const path = { id: row.id }
  const form = useForm<PaymentMethod, Values>({
    name: `payment-method/${row.id}`,
    source: row,
    etag: tagOf(row),
    values: valuesOf,
    save: async ({ values, etag }) => {
      await unwrap(
        api.PUT('/api/v1/admin/payment-methods/{id}', {
          params: { path, header: { 'If-Match': etag ?? '' } },
          body: {
            name: both(values.name),
            instructions: both(values.instructions),
            enabled: values.enabled,
            position: values.position ?? 0,
            // A time that was set before it was refused for cash on delivery leaves with the next change.
            ...(values.expires_minutes === null || row.kind === 'cod'
              ? {}
              : { expires_minutes: values.expires_minutes }),
          },
        }),
      )
      await refresh()
    },
    fresh: async () => {
      const source = await unwrap(api.GET('/api/v1/admin/payment-methods/{id}', { params: { path } }))
      return { source, etag: tagOf(source) }
    },
  })
  const f = form.field
  const minutes = form.values.expires_minutes
  return (
    <DetailPage
      title={nameOf(row.name)}
      badges={<OnOff on={row.enabled} />}
      list={{ name: 'payment-methods', path: '/payment-methods', title: t('methods') }}
    >
      <Form
        form={form}
        labels={{
          name: t('name'),
          instructions: t('instructions'),
          enabled: t('enabled'),
          expires_minutes: t('expires'),
          position: t('position'),
        }}
      >
        <Card>
          <div className="zg-form">
            <Facts
              of={[
                [t('kind'), <KindName key="k" kind={row.kind} />],
                [
                  t('code'),
                  <span key="c" className="zg-mono">
                    {row.code}
                  </span>,
                ],
              ]}
            />
            <div className="zg-fields">
              <NameField
                of={f.at('name')}
                label={t('name')}
                help={t('nameHelp')}
                required
                maxLength={60}
                disabled={disabled}
              />
              <SwitchField of={f.at('enabled')} label={t('enabled')} help={t('enabledHelp')} disabled={disabled} />
            </div>
            <NameField
              of={f.at('instructions')}
              label={t('instructions')}
              help={t('instructionsHelp')}
              area
              maxLength={4000}
              disabled={disabled}
            />
            <div className="zg-fields">
              {row.kind === 'cod' ? null : (
                <NumberField
                  of={f.at('expires_minutes')}
                  label={t('expires')}
                  unit={t('expiresUnit')}
                  help={minutes ? t('expiresIs', { time: spanText(minutes, t) }) : t('expiresHelp')}
                  disabled={disabled}
                />
              )}
              <NumberField of={f.at('position')} label={t('position')} help={t('positionHelp')} disabled={disabled} />
            </div>
          </div>
        </Card>
      </Form>
    </DetailPage>
  )
}
