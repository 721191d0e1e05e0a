import './system.css'
import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button, Segmented } from 'antd'
import { useState } from 'react'
import { api, done, unwrap, useMay } from '@/api'
import { useName } from '@/i18n'
import { Card, Form, Loaded, TextField, useRouteId } from '@/ui'
import { CodeField, EditorPage, useEditor } from './editor'
import { useRefresh } from './queries'
import { type Place, RegionPicker } from './region-picker'
import { methodKeys, type ZoneView, zoneKeys, zoneQuery } from './shipping-queries'
import { useShippingT } from './shipping-texts'

type Line = ZoneView['lines'][number]
type Values = { code: string; name: string; lines: readonly Line[] }

export default function ZonePage() {
  const id = useRouteId()
  const zone = useQuery(zoneQuery(id))
  return <Loaded of={zone}>{row => <Editor key={id} row={row} />}</Loaded>
}

export function NewZone() {
  return <Editor row={undefined} />
}

const EMPTY: Values = { code: '', name: '', lines: [] }
const valuesOf = ({ code, name, lines }: ZoneView): Values => ({ code, name, lines })

const bodyOf = (values: Values) => ({
  code: values.code,
  name: values.name,
  lines: values.lines.map(({ country, region, excluded }) => ({ country, region: region ?? null, excluded })),
})

function Editor({ row }: { row: ZoneView | undefined }) {
  const t = useShippingT()
  const nameOf = useName()
  const refresh = useRefresh(zoneKeys.all, methodKeys.all)
  const form = useEditor({
    row,
    path: '/zones',
    empty: EMPTY,
    valuesOf,
    bodyOf,
    create: body => unwrap(api.POST('/api/v1/admin/zones', { body })),
    change: (id, etag, body) =>
      unwrap(api.PUT('/api/v1/admin/zones/{id}', { params: { path: { id }, header: { 'If-Match': etag } }, body })),
    find: id => unwrap(api.GET('/api/v1/admin/zones/{id}', { params: { path: { id } } })),
    refresh,
  })
  const f = form.field
  const disabled = !useMay()('shipping.write')
  const lines = form.values.lines
  const set = (next: readonly Line[]) => f.at('lines').set(next)
  const add = (line: Line) => {
    if (lines.some(each => each.country === line.country && (each.region ?? null) === (line.region ?? null))) return
    set([...lines, line])
  }
  return (
    <EditorPage
      row={row}
      name={row?.name ?? t('zone.new')}
      list={{ name: 'zones', path: '/zones', title: t('zone.title') }}
      remove={{
        label: t('zone.delete'),
        title: t('zone.deleteTitle', { name: row?.name ?? '' }),
        text: t('zone.deleteText'),
        run: id => done(api.DELETE('/api/v1/admin/zones/{id}', { params: { path: { id } } })),
      }}
      refresh={refresh}
    >
      <Form
        form={form}
        bar={row ? 'dirty' : 'always'}
        labels={{ code: t('code'), name: t('name'), lines: t('zone.lines') }}
        show={(key, value) =>
          key === 'lines'
            ? linesOf(value)
                .map(line => `${line.excluded ? '− ' : ''}${nameOf(line.name)}`)
                .join('\n')
            : undefined
        }
      >
        <Card>
          <div className="zg-fields">
            <TextField of={f.at('name')} label={t('name')} required maxLength={100} disabled={disabled} />
            <CodeField of={f.at('code')} disabled={disabled} />
          </div>
        </Card>
        <Card title={t('zone.lines')}>
          <div className="zg-stack">
            <span className="zg-quiet">{t('zone.linesHelp')}</span>
            {disabled ? null : <Add add={add} />}
            {lines.length === 0 ? <span className="zg-quiet">{t('zone.none')}</span> : null}
            <ul className="zg-list-rows">
              {lines.map((line, at) => (
                <li key={`${line.country}/${line.region ?? ''}`}>
                  <div>{line.country === '*' ? t('zone.everywhere') : nameOf(line.name)}</div>
                  <span className="zg-row">
                    <Segmented
                      size="small"
                      disabled={disabled}
                      value={line.excluded ? 'out' : 'in'}
                      aria-label={nameOf(line.name)}
                      options={[
                        { value: 'in', label: t('zone.included') },
                        { value: 'out', label: t('zone.excluded') },
                      ]}
                      onChange={value =>
                        set(lines.map((each, place) => (place === at ? { ...each, excluded: value === 'out' } : each)))
                      }
                    />
                    <Button
                      type="text"
                      icon={<DeleteOutlined />}
                      disabled={disabled}
                      aria-label={t('zone.remove', { name: nameOf(line.name) })}
                      onClick={() => set(lines.filter((_, place) => place !== at))}
                    />
                  </span>
                </li>
              ))}
            </ul>
          </div>
        </Card>
      </Form>
    </EditorPage>
  )
}

/** The dialog of two people's changes shows lines as the form holds them. */
function linesOf(value: unknown): readonly Line[] {
  return Array.isArray(value) ? value : []
}

function Add({ add }: { add: (line: Line) => void }) {
  const t = useShippingT()
  const [place, setPlace] = useState<Place>({ codes: [], names: [] })
  const country = place.codes[0]
  return (
    <div className="zg-row">
      <RegionPicker label={t('zone.addPick')} width={380} value={place.codes} change={setPlace} />
      <Button
        icon={<PlusOutlined />}
        disabled={country === undefined}
        onClick={() => {
          if (country === undefined) return
          const name = place.names.join(' · ')
          add({
            country,
            region: place.codes.length > 1 ? (place.codes[place.codes.length - 1] ?? null) : null,
            excluded: false,
            name: { 'zh-CN': name, en: name },
          })
          setPlace({ codes: [], names: [] })
        }}
      >
        {t('zone.add')}
      </Button>
      <Button
        onClick={() =>
          add({ country: '*', region: null, excluded: false, name: { 'zh-CN': '全球', en: 'Everywhere' } })
        }
      >
        {t('zone.everywhere')}
      </Button>
    </div>
  )
}
