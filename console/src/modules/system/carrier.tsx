import { useQuery } from '@tanstack/react-query'
import { api, done, unwrap, useMay } from '@/api'
import { Card, Form, Loaded, SwitchField, TextField, useRouteId } from '@/ui'
import { CodeField, EditorPage, useEditor } from './editor'
import { OnOff } from './on-off'
import { useRefresh } from './queries'
import { type CarrierView, carrierKeys, carrierQuery } from './shipping-queries'
import { useShippingT } from './shipping-texts'

type Values = { code: string; name: string; tracking_url: string; enabled: boolean }

export default function CarrierPage() {
  const id = useRouteId()
  const carrier = useQuery(carrierQuery(id))
  return <Loaded of={carrier}>{row => <Editor key={id} row={row} />}</Loaded>
}

export function NewCarrier() {
  return <Editor row={undefined} />
}

const EMPTY: Values = { code: '', name: '', tracking_url: '', enabled: true }
const valuesOf = (row: CarrierView): Values => ({
  code: row.code,
  name: row.name,
  tracking_url: row.tracking_url ?? '',
  enabled: row.enabled,
})
const bodyOf = (values: Values) => ({ ...values, tracking_url: values.tracking_url.trim() || null })

function Editor({ row }: { row: CarrierView | undefined }) {
  const t = useShippingT()
  const refresh = useRefresh(carrierKeys.all)
  const form = useEditor({
    row,
    path: '/carriers',
    empty: EMPTY,
    valuesOf,
    bodyOf,
    create: body => unwrap(api.POST('/api/v1/admin/carriers', { body })),
    change: (id, etag, body) =>
      unwrap(api.PUT('/api/v1/admin/carriers/{id}', { params: { path: { id }, header: { 'If-Match': etag } }, body })),
    find: id => unwrap(api.GET('/api/v1/admin/carriers/{id}', { params: { path: { id } } })),
    refresh,
  })
  const f = form.field
  const disabled = !useMay()('shipping.write')
  return (
    <EditorPage
      row={row}
      name={row?.name ?? t('carrier.new')}
      badges={row ? <OnOff on={row.enabled} /> : null}
      list={{ name: 'carriers', path: '/carriers', title: t('carrier.title') }}
      remove={{
        label: t('carrier.delete'),
        title: t('carrier.deleteTitle', { name: row?.name ?? '' }),
        text: t('carrier.deleteText'),
        run: id => done(api.DELETE('/api/v1/admin/carriers/{id}', { params: { path: { id } } })),
      }}
      refresh={refresh}
    >
      <Form
        form={form}
        bar={row ? 'dirty' : 'always'}
        labels={{ code: t('code'), name: t('name'), tracking_url: t('carrier.tracking'), enabled: t('enabled') }}
      >
        <Card>
          <div className="zg-form">
            <div className="zg-fields">
              <TextField of={f.at('name')} label={t('name')} required maxLength={100} disabled={disabled} />
              <CodeField of={f.at('code')} disabled={disabled} />
            </div>
            <TextField
              of={f.at('tracking_url')}
              label={t('carrier.tracking')}
              help={t('carrier.trackingHelp')}
              type="url"
              mono
              disabled={disabled}
            />
            <SwitchField
              of={f.at('enabled')}
              label={t('enabled')}
              help={t('carrier.enabledHelp')}
              disabled={disabled}
            />
          </div>
        </Card>
      </Form>
    </EditorPage>
  )
}
