import { useQuery } from '@tanstack/react-query'
import { useRef } from 'react'
import { api, done, unwrap, useMay } from '@/api'
import { Action, Card, DetailPage, Form, Loaded, SwitchField, TextField, useForm, useGo, useRouteId } from '@/ui'
import { OnOff } from './on-off'
import { tagOf, useRefresh } from './queries'
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
const valuesOf = (row: CarrierView | Values): Values => ({
  code: row.code,
  name: row.name,
  tracking_url: row.tracking_url ?? '',
  enabled: row.enabled,
})

function Editor({ row }: { row: CarrierView | undefined }) {
  const t = useShippingT()
  const go = useGo()
  const may = useMay()
  const refresh = useRefresh(carrierKeys.all)
  const made = useRef(0)
  const form = useForm<CarrierView | Values, Values>({
    name: row ? `carrier/${row.id}` : 'carrier/new',
    source: row ?? EMPTY,
    etag: row ? tagOf(row) : undefined,
    values: valuesOf,
    save: async ({ values, etag }) => {
      const body = { ...values, tracking_url: values.tracking_url.trim() || null }
      const saved = row
        ? await unwrap(
            api.PUT('/api/v1/admin/carriers/{id}', {
              params: { path: { id: row.id } },
              headers: { 'If-Match': etag ?? '' },
              body,
            }),
          )
        : await unwrap(api.POST('/api/v1/admin/carriers', { body }))
      made.current = saved.id
      await refresh()
    },
    fresh: async () => {
      const source = await unwrap(api.GET('/api/v1/admin/carriers/{id}', { params: { path: { id: row?.id ?? 0 } } }))
      return { source, etag: tagOf(source) }
    },
    saved: () => {
      if (!row) go(`/carriers/${made.current}`, { replace: true })
    },
  })
  const f = form.field
  const disabled = !may('shipping.write')
  return (
    <DetailPage
      title={row?.name ?? t('carrier.new')}
      badges={row ? <OnOff on={row.enabled} /> : null}
      list={{ name: 'carriers', path: '/carriers', title: t('carrier.title') }}
      more={
        row && !disabled ? (
          <Action
            name="delete"
            label={t('carrier.delete')}
            danger
            title={t('carrier.deleteTitle', { name: row.name })}
            consequences={t('carrier.deleteText')}
            initial={{}}
            run={async () => {
              await done(api.DELETE('/api/v1/admin/carriers/{id}', { params: { path: { id: row.id } } }))
              go('/carriers', { replace: true })
              await refresh()
            }}
            done={t('deleted')}
          />
        ) : null
      }
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
              <TextField
                of={f.at('code')}
                label={t('code')}
                help={t('codeHelp')}
                required
                mono
                maxLength={40}
                disabled={disabled}
              />
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
    </DetailPage>
  )
}
