import { useQueryClient } from '@tanstack/react-query'
import { Drawer } from 'antd'
import { useMemo } from 'react'
import { api, done, unwrap, useMay } from '@/api'
import { useName } from '@/i18n'
import { Action, Form, NameField, SelectField, TextField, useFocusBack, useForm } from '@/ui'
import { type CategoryView, categoriesQuery, categoryKeys, categoryOptions, tagOf, useRefresh } from './queries'
import { useT } from './texts'
import { below } from './tree'

type Values = { code: string; name: Readonly<Record<string, string>>; parent: string | null }

type Props = {
  tree: readonly CategoryView[]
  /** None: a new one. */
  category: CategoryView | undefined
  /** Under which a new one is made. */
  parent: number | undefined
  close: () => void
}

const valuesOf = (category: Pick<CategoryView, 'code' | 'name' | 'parent_id'>): Values => ({
  code: category.code,
  name: category.name,
  parent: category.parent_id === null || category.parent_id === undefined ? null : String(category.parent_id),
})

/** One category: its names, and what it stands under. */
export function CategoryDrawer({ tree, category, parent, close }: Props) {
  const t = useT()
  useFocusBack()
  const nameOf = useName()
  const may = useMay()
  const client = useQueryClient()
  const refresh = useRefresh(categoryKeys.all)
  const source = useMemo(() => category ?? { code: '', name: {}, parent_id: parent ?? null }, [category, parent])
  const form = useForm({
    name: category ? `category/${category.id}` : `category/new/${parent ?? 0}`,
    source,
    etag: category ? tagOf(category) : undefined,
    values: valuesOf,
    save: async ({ values, changed, etag }) => {
      const parent_id = values.parent === null ? null : Number(values.parent)
      const body = { code: values.code, name: { ...values.name }, parent_id }
      if (!category) {
        await unwrap(api.POST('/api/v1/admin/categories', { body }))
      } else {
        const path = { id: category.id }
        let tag = etag ?? ''
        if (changed.code !== undefined || changed.name !== undefined) {
          const saved = await unwrap(
            api.PUT('/api/v1/admin/categories/{id}', { params: { path, header: { 'If-Match': tag } }, body }),
          )
          tag = tagOf(saved)
        }
        if (changed.parent !== undefined) {
          const last = tree.filter(row => (row.parent_id ?? null) === parent_id).length
          await unwrap(
            api.POST('/api/v1/admin/categories/{id}/move', {
              params: { path, header: { 'If-Match': tag } },
              body: { parent_id, position: last },
            }),
          )
        }
      }
      await refresh()
    },
    fresh: async () => {
      const rows = await client.fetchQuery({ ...categoriesQuery, staleTime: 0 })
      const now = rows.find(row => row.id === category?.id)
      return { source: now ?? source, etag: now ? tagOf(now) : '' }
    },
    saved: close,
  })
  const f = form.field
  const writes = may('categories.write')
  const parents = useMemo(() => {
    const own = category ? below(tree, category.id) : new Set<number>()
    return categoryOptions(tree, nameOf).filter(
      each => Number(each.value) !== category?.id && !own.has(Number(each.value)),
    )
  }, [tree, category, nameOf])
  return (
    <Drawer
      open
      size={480}
      title={category ? nameOf(category.name) || category.code : t('category.new')}
      onClose={close}
      mask={{ closable: !form.dirty }}
      extra={
        category && writes ? (
          <Action
            of={{
              actions: [
                {
                  name: 'delete',
                  allowed: category.products === 0 && below(tree, category.id).size === 0,
                  reason: t('category.inUse'),
                },
              ],
            }}
            name="delete"
            label={t('category.delete')}
            danger
            size="small"
            title={t('category.deleteTitle', { name: nameOf(category.name) })}
            consequences={t('category.deleteText')}
            initial={{}}
            run={async () => {
              await done(api.DELETE('/api/v1/admin/categories/{id}', { params: { path: { id: category.id } } }))
              close()
              await refresh()
            }}
            done={t('category.deleted')}
          />
        ) : null
      }
    >
      <Form
        form={form}
        bar={category ? 'dirty' : 'always'}
        labels={{ code: t('category.code'), name: t('category.name'), parent: t('category.parent') }}
      >
        <NameField of={f.at('name')} label={t('category.name')} required maxLength={100} disabled={!writes} />
        <TextField
          of={f.at('code')}
          label={t('category.code')}
          help={t('category.codeHelp')}
          required
          mono
          maxLength={64}
          disabled={!writes}
        />
        <SelectField<string>
          of={f.at('parent')}
          label={t('category.parent')}
          help={t('category.parentHelp')}
          clearable
          disabled={!writes}
          placeholder={t('category.root')}
          options={parents}
        />
      </Form>
    </Drawer>
  )
}
