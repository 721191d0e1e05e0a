import type { Schemas } from '@/api'
import { type Axis, suggested, type Variant } from './matrix'
import type { ProductView } from './queries'

type Texts = Readonly<Record<string, string>>

/** What is edited of a product, as the form holds it. */
export type ProductValues = {
  readonly code: string
  readonly name: Texts
  readonly description: Texts
  readonly seo_title: Texts
  readonly seo_description: Texts
  readonly tax_class: string | null
  readonly primary_category_id: string | null
  readonly category_ids: readonly string[]
  readonly options: readonly Axis[]
  readonly skus: readonly Variant[]
}

export function valuesOf(product: ProductView): ProductValues {
  return {
    code: product.code,
    name: product.name,
    description: product.description ?? {},
    seo_title: product.seo_title ?? {},
    seo_description: product.seo_description ?? {},
    tax_class: product.tax_class,
    primary_category_id: text(product.primary_category_id),
    category_ids: (product.category_ids ?? []).map(String),
    options: product.options ?? [],
    skus: product.skus.map(sku => ({
      id: sku.id ?? null,
      code: sku.code,
      barcode: sku.barcode ?? '',
      weight_g: sku.weight_g ?? 0,
      tracked: sku.tracked ?? true,
      values: sku.values ?? {},
      price: sku.price ?? null,
    })),
  }
}

export const NEW_PRODUCT: ProductValues = {
  code: '',
  name: {},
  description: {},
  seo_title: {},
  seo_description: {},
  tax_class: 'standard',
  primary_category_id: null,
  category_ids: [],
  options: [],
  skus: [{ id: null, code: '', barcode: '', weight_g: 0, tracked: true, values: {}, price: null }],
}

/** The document as the API takes it. Texts that are empty are left out. */
export function documentOf(values: ProductValues): Schemas['ProductDocument'] {
  const categories = values.category_ids.map(Number)
  const primary = values.primary_category_id === null ? null : Number(values.primary_category_id)
  return {
    code: values.code.trim(),
    name: filled(values.name),
    description: filled(values.description),
    seo_title: filled(values.seo_title),
    seo_description: filled(values.seo_description),
    tax_class: values.tax_class ?? '',
    primary_category_id: primary,
    category_ids: primary === null || categories.includes(primary) ? categories : [primary, ...categories],
    options: values.options
      .filter(axis => axis.values.length > 0)
      .map(axis => ({
        code: axis.code,
        name: filled(axis.name),
        values: axis.values.map(value => ({ code: value.code, name: filled(value.name) })),
      })),
    skus: values.skus.map(sku => ({
      id: sku.id,
      code: sku.code.trim() || suggested(sku.values, values.code.trim()),
      barcode: sku.barcode.trim() === '' ? null : sku.barcode.trim(),
      weight_g: sku.weight_g ?? 0,
      tracked: sku.tracked,
      values: { ...sku.values },
      price: sku.price === null ? null : { ...sku.price },
    })),
  }
}

function filled(texts: Texts): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).filter(([, value]) => value.trim() !== ''))
}

function text(id: number | null | undefined): string | null {
  return id === null || id === undefined ? null : String(id)
}
