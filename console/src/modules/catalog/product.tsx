import './catalog.css'
import { useQuery } from '@tanstack/react-query'
import { useRef } from 'react'
import { api, done, sends, unwrap, useMay, useMe } from '@/api'
import { useList, useLocale, useName } from '@/i18n'
import {
  Action,
  Card,
  DetailPage,
  Facts,
  Form,
  type FormState,
  Loaded,
  NameField,
  None,
  SelectField,
  StateBadge,
  TagsField,
  TextField,
  Time,
  useForm,
  useGo,
  useLiveEvents,
  useRouteId,
} from '@/ui'
import { formatMoney } from '@/ui/format'
import { fitted } from './matrix'
import { Options } from './options'
import { Pictures } from './pictures'
import { documentOf, NEW_PRODUCT, type ProductValues, valuesOf } from './product-values'
import {
  categoriesQuery,
  categoryKeys,
  categoryOptions,
  type ProductView,
  productKeys,
  productQuery,
  tagOf,
  taxClassesQuery,
  useRefresh,
} from './queries'
import { RichField } from './rich-field'
import { Skus } from './skus'
import { PRODUCT_STATES } from './states'
import { useT } from './texts'

/** One product as a document that is edited whole (M2.1). */
export default function ProductPage() {
  const id = useRouteId()
  const product = useQuery(productQuery(id))
  return <Loaded of={product}>{row => <Editor key={id} product={row} />}</Loaded>
}

/** A new product: a draft once it is saved. */
export function NewProduct() {
  const t = useT()
  const go = useGo()
  const refresh = useRefresh(productKeys.all)
  const made = useRef(0)
  const form = useForm({
    name: 'product/new',
    source: NEW_PRODUCT,
    values: same,
    save: async ({ values, key }) => {
      const product = await unwrap(
        api.POST('/api/v1/admin/products', { body: documentOf(values), headers: { 'Idempotency-Key': key } }),
      )
      made.current = product.id
      await refresh()
    },
    saved: () => go(`/products/${made.current}`, { replace: true }),
  })
  return (
    <DetailPage title={t('product.newTitle')} list={{ name: 'products', path: '/products', title: t('product.title') }}>
      <Fields form={form} bar="always" saveText={t('product.saveDraft')} disabled={false} />
    </DetailPage>
  )
}

const same = (values: ProductValues): ProductValues => values

function Editor({ product }: { product: ProductView }) {
  const t = useT()
  const go = useGo()
  const list = useList()
  const nameOf = useName()
  const may = useMay()
  const me = useMe()
  const refresh = useRefresh(productKeys.all, categoryKeys.all)
  const id = product.id
  useLiveEvents('catalog.read', event => {
    if (event.entity_id === id) void refresh()
  })
  const form = useForm({
    name: `product/${id}`,
    source: product,
    etag: tagOf(product),
    values: valuesOf,
    save: async ({ values, etag, key }) => {
      await unwrap(
        api.PUT('/api/v1/admin/products/{id}', {
          params: { path: { id }, header: { 'If-Match': etag ?? '' } },
          headers: sends({ key }),
          body: documentOf(values),
        }),
      )
      await refresh()
    },
  })
  const writes = may('products.write')
  const published = product.status === 'published'
  const words = product.missing.map(each => (isMissing(each) ? t(`missing.${each}`) : each))
  const of = {
    actions: [
      {
        name: 'publish',
        allowed: !form.dirty && product.missing.length === 0,
        reason: form.dirty ? t('product.saveFirst') : t('product.missing', { what: list(words) }),
      },
      { name: 'unpublish', allowed: !form.dirty, reason: t('product.saveFirst') },
      { name: 'delete', allowed: true },
    ],
  }
  const params = { path: { id }, header: { 'If-Match': tagOf(product) } }
  const slug = product.slugs[me.staff.locale] ?? Object.values(product.slugs)[0]
  return (
    <DetailPage
      title={nameOf(product.name) || product.code}
      badges={<StateBadge state={product.status} of={PRODUCT_STATES} />}
      list={{ name: 'products', path: '/products', title: t('product.title') }}
      primary={
        !writes ? null : published ? (
          <Action
            key="unpublish"
            of={of}
            name="unpublish"
            label={t('product.unpublish')}
            title={t('product.unpublishTitle')}
            consequences={t('product.unpublishText')}
            initial={{}}
            run={async () => {
              await unwrap(api.POST('/api/v1/admin/products/{id}/unpublish', { params }))
              await refresh()
            }}
            done={t('product.unpublished')}
          />
        ) : (
          <Action
            key="publish"
            of={of}
            name="publish"
            label={t('product.publish')}
            primary
            initial={{}}
            run={async () => {
              await unwrap(api.POST('/api/v1/admin/products/{id}/publish', { params }))
              await refresh()
            }}
            done={t('product.isPublished')}
          />
        )
      }
      more={
        writes ? (
          <Action
            of={of}
            name="delete"
            label={t('product.delete')}
            danger
            title={t('product.deleteTitle', { name: nameOf(product.name) || product.code })}
            consequences={
              <ul>
                <li>{t('product.deleteShop')}</li>
                <li>{t('product.deleteCodes', { count: product.skus.length })}</li>
                <li>{t('product.deleteOrders')}</li>
              </ul>
            }
            initial={{}}
            run={async () => {
              await done(api.DELETE('/api/v1/admin/products/{id}', { params: { path: { id } } }))
              go('/products', { replace: true })
              await refresh()
            }}
            done={t('product.deleted')}
          />
        ) : null
      }
      side={
        <>
          <Card title={t('product.shop')}>
            <div className="zg-stack">
              {product.missing.length > 0 ? (
                <div className="zg-notice">{t('product.missing', { what: list(words) })}</div>
              ) : null}
              <Facts
                of={[
                  [t('product.published'), <Time key="p" at={product.published_at} />],
                  [t('product.created'), <Time key="c" at={product.created_at} />],
                  [t('product.updated'), <Time key="u" at={product.updated_at} />],
                ]}
              />
              {published && slug ? (
                <a href={`/${me.staff.locale}/products/${slug}`} target="_blank" rel="noreferrer">
                  {t('product.view')}
                </a>
              ) : null}
            </div>
          </Card>
          <Card title={t('product.addresses')}>
            <Facts
              of={(['zh-CN', 'en'] as const).map(tag => [
                t(`language.${tag}`),
                product.slugs[tag] ? (
                  <code key={tag} className="zg-mono">
                    {product.slugs[tag]}
                  </code>
                ) : (
                  <None key={tag} />
                ),
              ])}
            />
          </Card>
        </>
      }
    >
      <Pictures product={product} disabled={!writes} />
      <Fields form={form} bar="dirty" disabled={!writes} />
    </DetailPage>
  )
}

const MISSING = ['name', 'primary_category_id', 'price'] as const

function isMissing(what: string): what is (typeof MISSING)[number] {
  return MISSING.some(each => each === what)
}

type FieldsProps = {
  form: FormState<ProductValues>
  bar: 'dirty' | 'always'
  saveText?: string
  disabled: boolean
}

function Fields({ form, bar, saveText, disabled }: FieldsProps) {
  const t = useT()
  const locale = useLocale()
  const nameOf = useName()
  const currency = useMe().shop.currency
  const tree = useQuery(categoriesQuery).data ?? []
  const taxes = useQuery(taxClassesQuery).data ?? []
  const categories = categoryOptions(tree, nameOf)
  const f = form.field
  const values = form.values
  return (
    <Form
      form={form}
      bar={bar}
      {...(saveText === undefined ? {} : { saveText })}
      labels={{
        code: t('product.code'),
        name: t('product.name'),
        description: t('product.description'),
        seo_title: t('seo.title'),
        seo_description: t('seo.description'),
        tax_class: t('product.tax'),
        primary_category_id: t('product.category'),
        category_ids: t('product.moreCategories'),
        options: t('option.title'),
        skus: t('sku.title'),
      }}
      show={(key, value) => {
        if (key === 'skus') {
          return skusOf(value)
            .map(sku => `${sku.code}  ${sku.price ? formatMoney(sku.price, locale) : '—'}`)
            .join('\n')
        }
        if (key === 'primary_category_id') return categories.find(each => each.value === value)?.label
        if (key === 'category_ids' && Array.isArray(value)) {
          return categories
            .filter(each => value.includes(each.value))
            .map(each => each.label)
            .join('\n')
        }
        return undefined
      }}
    >
      <Card title={t('product.basics')}>
        <div className="zg-form">
          <NameField of={f.at('name')} label={t('product.name')} required maxLength={200} disabled={disabled} />
          <div className="zg-fields">
            <TextField
              of={f.at('code')}
              label={t('product.code')}
              help={t('product.codeHelp')}
              required
              mono
              maxLength={64}
              disabled={disabled}
            />
            <SelectField<string>
              of={f.at('tax_class')}
              label={t('product.tax')}
              disabled={disabled}
              options={taxes.map(each => ({ value: each.code, label: each.name }))}
            />
          </div>
          <div className="zg-fields">
            <SelectField<string>
              of={f.at('primary_category_id')}
              label={t('product.category')}
              help={t('product.categoryHelp')}
              clearable
              disabled={disabled}
              options={categories}
            />
            <TagsField
              of={f.at('category_ids')}
              label={t('product.moreCategories')}
              free={false}
              disabled={disabled}
              options={categories}
            />
          </div>
          <RichField of={f.at('description')} label={t('product.description')} disabled={disabled} />
        </div>
      </Card>
      <Card title={t('option.title')}>
        <div className="zg-stack">
          {values.options.length === 0 ? <span className="zg-quiet">{t('option.none')}</span> : null}
          <Options
            of={f.at('options')}
            problems={form.problems}
            disabled={disabled}
            changed={axes =>
              f.update(before => ({
                ...before,
                options: axes,
                skus: fitted(before.options, axes, before.skus, before.code.trim()),
              }))
            }
          />
        </div>
      </Card>
      <Card title={t('sku.title')}>
        <Skus
          of={f.at('skus')}
          axes={values.options}
          product={values.code.trim()}
          currency={currency}
          problems={form.problems}
          disabled={disabled}
        />
      </Card>
      <Card title={t('seo.card')}>
        <div className="zg-form">
          <NameField
            of={f.at('seo_title')}
            label={t('seo.title')}
            help={t('seo.titleHelp')}
            maxLength={200}
            disabled={disabled}
          />
          <NameField
            of={f.at('seo_description')}
            label={t('seo.description')}
            area
            maxLength={500}
            disabled={disabled}
          />
        </div>
      </Card>
    </Form>
  )
}

/** What the dialog of two people's changes shows: SKUs, as the form holds them. */
function skusOf(value: unknown): readonly { code: string; price: { amount: number; currency: string } | null }[] {
  return Array.isArray(value) ? value : []
}
