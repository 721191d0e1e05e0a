import { useQuery } from '@tanstack/react-query'
import { api, done, unwrap, useMay, useMe } from '@/api'
import { useName } from '@/i18n'
import { Card, Form, Loaded, NameField, NumberField, SelectField, SwitchField, useRouteId } from '@/ui'
import { CostTester } from './cost-tester'
import { CodeField, EditorPage, useEditor } from './editor'
import { OnOff } from './on-off'
import { useRefresh } from './queries'
import { Rates, type RateValues, rateOf, ratesText } from './rates'
import { carriersQuery, type MethodView, methodKeys, methodQuery, zonesQuery } from './shipping-queries'
import { useShippingT } from './shipping-texts'

type Values = {
  code: string
  name: Readonly<Record<string, string>>
  carrier: string | null
  enabled: boolean
  cod: boolean
  position: number | null
  rates: readonly RateValues[]
}

export default function MethodPage() {
  const id = useRouteId()
  const method = useQuery(methodQuery(id))
  return <Loaded of={method}>{row => <Editor key={id} row={row} />}</Loaded>
}

export function NewMethod() {
  return <Editor row={undefined} />
}

const EMPTY: Values = { code: '', name: {}, carrier: null, enabled: true, cod: false, position: 0, rates: [] }

const valuesOf = (row: MethodView): Values => ({
  code: row.code,
  name: row.name,
  carrier: row.carrier_id === null || row.carrier_id === undefined ? null : String(row.carrier_id),
  enabled: row.enabled,
  cod: row.cod,
  position: row.position,
  rates: row.rates.map(({ zone_id, basis, from_value, base, step_value, step, free_over }) => ({
    zone_id: String(zone_id),
    basis,
    from_value: from_value ?? 0,
    base: base ?? 0,
    step_value: step_value ?? 0,
    step: step ?? 0,
    free_over: free_over ?? null,
  })),
})

const bodyOf = (values: Values) => ({
  code: values.code,
  name: { ...values.name },
  carrier_id: values.carrier === null ? null : Number(values.carrier),
  enabled: values.enabled,
  cod: values.cod,
  position: values.position ?? 0,
  rates: values.rates.map(rateOf),
})

function Editor({ row }: { row: MethodView | undefined }) {
  const t = useShippingT()
  const nameOf = useName()
  const currency = useMe().shop.currency
  const refresh = useRefresh(methodKeys.all)
  const carriers = useQuery(carriersQuery).data?.data ?? []
  const zones = useQuery(zonesQuery).data?.data ?? []
  const form = useEditor({
    row,
    path: '/shipping-methods',
    empty: EMPTY,
    valuesOf,
    bodyOf,
    create: body => unwrap(api.POST('/api/v1/admin/shipping-methods', { body })),
    change: (id, etag, body) =>
      unwrap(
        api.PUT('/api/v1/admin/shipping-methods/{id}', {
          params: { path: { id }, header: { 'If-Match': etag } },
          body,
        }),
      ),
    find: id => unwrap(api.GET('/api/v1/admin/shipping-methods/{id}', { params: { path: { id } } })),
    refresh,
  })
  const f = form.field
  const disabled = !useMay()('shipping.write')
  return (
    <EditorPage
      row={row}
      name={row ? nameOf(row.name) : t('method.new')}
      badges={row ? <OnOff on={row.enabled} /> : null}
      list={{ name: 'shipping-methods', path: '/shipping-methods', title: t('method.title') }}
      remove={{
        label: t('method.delete'),
        title: t('method.deleteTitle', { name: nameOf(row?.name) }),
        text: t('method.deleteText'),
        run: id => done(api.DELETE('/api/v1/admin/shipping-methods/{id}', { params: { path: { id } } })),
      }}
      refresh={refresh}
    >
      <Form
        form={form}
        bar={row ? 'dirty' : 'always'}
        labels={{
          code: t('code'),
          name: t('name'),
          carrier: t('method.carrier'),
          enabled: t('enabled'),
          cod: t('method.cod'),
          position: t('method.position'),
          rates: t('method.rates'),
        }}
        show={(key, value) => (key === 'rates' ? ratesText(value, zones, currency) : undefined)}
      >
        <Card>
          <div className="zg-form">
            <div className="zg-fields">
              <NameField of={f.at('name')} label={t('name')} required maxLength={100} disabled={disabled} />
              <CodeField of={f.at('code')} disabled={disabled} />
            </div>
            <div className="zg-fields">
              <SelectField<string>
                of={f.at('carrier')}
                label={t('method.carrier')}
                placeholder={t('method.noCarrier')}
                clearable
                disabled={disabled}
                options={carriers.map(each => ({ value: String(each.id), label: each.name }))}
              />
              <NumberField
                of={f.at('position')}
                label={t('method.position')}
                help={t('method.positionHelp')}
                disabled={disabled}
              />
            </div>
            <div className="zg-fields">
              <SwitchField
                of={f.at('enabled')}
                label={t('enabled')}
                help={t('method.enabledHelp')}
                disabled={disabled}
              />
              <SwitchField of={f.at('cod')} label={t('method.cod')} help={t('method.codHelp')} disabled={disabled} />
            </div>
          </div>
        </Card>
        <Card title={t('method.rates')}>
          <Rates of={f.at('rates')} problems={form.problems} zones={zones} currency={currency} disabled={disabled} />
        </Card>
      </Form>
      {row ? <CostTester /> : null}
    </EditorPage>
  )
}
