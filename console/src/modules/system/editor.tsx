import { type ReactNode, useCallback, useRef } from 'react'
import { useMay } from '@/api'
import { Action, DetailPage, type Field, type FormState, TextField, useForm, useGo } from '@/ui'
import { tagOf } from './queries'
import { useShippingT } from './shipping-texts'

type Row = { readonly id: number; readonly version: number }

type Editing<R extends Row, V extends object, Body> = {
  /** Without one a new row is made. */
  row: R | undefined
  /** Where these rows live: `/carriers`. */
  path: string
  empty: V
  valuesOf: (row: R) => V
  bodyOf: (values: V) => Body
  create: (body: Body) => Promise<R>
  change: (id: number, etag: string, body: Body) => Promise<R>
  find: (id: number) => Promise<R>
  refresh: () => Promise<void>
}

/** The form of a row of settings that is made and changed on the same page. */
export function useEditor<R extends Row, V extends object, Body>(of: Editing<R, V, Body>): FormState<V> {
  const { row, path, empty, valuesOf } = of
  const go = useGo()
  const made = useRef(0)
  return useForm<R | undefined, V>({
    name: `${path}/${row?.id ?? 'new'}`,
    source: row,
    etag: row && tagOf(row),
    values: useCallback((source: R | undefined) => (source ? valuesOf(source) : empty), [valuesOf, empty]),
    save: async ({ values, etag }) => {
      const body = of.bodyOf(values)
      const saved = row ? await of.change(row.id, etag ?? '', body) : await of.create(body)
      made.current = saved.id
      await of.refresh()
    },
    ...(row
      ? {
          fresh: async () => {
            const source = await of.find(row.id)
            return { source, etag: tagOf(source) }
          },
        }
      : {}),
    saved: () => {
      if (!row) go(`${path}/${made.current}`, { replace: true })
    },
  })
}

type PageProps = {
  row: Row | undefined
  /** What it is called. */
  name: string
  badges?: ReactNode
  list: { name: string; path: string; title: string }
  remove: { label: string; title: string; text: string; run: (id: number) => Promise<unknown> }
  refresh: () => Promise<void>
  children: ReactNode
}

/** Its page: head, way back, and deletion for those who may. */
export function EditorPage({ row, name, badges, list, remove, refresh, children }: PageProps) {
  const t = useShippingT()
  const go = useGo()
  const may = useMay()
  return (
    <DetailPage
      title={name}
      badges={badges}
      list={list}
      more={
        row && may('shipping.write') ? (
          <Action
            name="delete"
            label={remove.label}
            danger
            title={remove.title}
            consequences={remove.text}
            initial={{}}
            run={async () => {
              await remove.run(row.id)
              go(list.path, { replace: true })
              await refresh()
            }}
            done={t('deleted')}
          />
        ) : null
      }
    >
      {children}
    </DetailPage>
  )
}

/** The code by which files and other programs know it. */
export function CodeField({ of, disabled }: { of: Field<string>; disabled: boolean }) {
  const t = useShippingT()
  return <TextField of={of} label={t('code')} help={t('codeHelp')} required mono maxLength={40} disabled={disabled} />
}
