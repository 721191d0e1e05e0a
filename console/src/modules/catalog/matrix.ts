/** The variants of a product: from the values of its axes to its SKUs (M2.16). */

export type Value = { readonly code: string; readonly name: Readonly<Record<string, string>> }
export type Axis = {
  readonly code: string
  readonly name: Readonly<Record<string, string>>
  readonly values: readonly Value[]
}
export type Variant = {
  readonly id: number | null
  readonly code: string
  readonly barcode: string
  readonly weight_g: number | null
  readonly tracked: boolean
  readonly values: Readonly<Record<string, string>>
  readonly price: { readonly amount: number; readonly currency: string } | null
}

/** SKUs a product has at most, as the server has it. */
export const SKU_LIMIT = 2_500

/** Every combination of one value of each axis that has values, in order. */
export function combinations(axes: readonly Axis[]): readonly Readonly<Record<string, string>>[] {
  return axes
    .filter(axis => axis.values.length > 0)
    .reduce<readonly Readonly<Record<string, string>>[]>(
      (made, axis) => made.flatMap(each => axis.values.map(value => ({ ...each, [axis.code]: value.code }))),
      [{}],
    )
}

const keyOf = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([axis, value]) => `${axis}=${value}`)
    .sort()
    .join('&')

/** How many combinations have no SKU: left out, or not made yet. */
export function leftOut(
  axes: readonly Axis[],
  variants: readonly Variant[],
): readonly Readonly<Record<string, string>>[] {
  const there = new Set(variants.map(variant => keyOf(variant.values)))
  return combinations(axes).filter(values => !there.has(keyOf(values)))
}

/**
 * The SKUs after the axes changed: those whose values are still there stay as
 * they are, a new axis gives its first value to them, and only what is new is made.
 * Combinations that had been left out stay left out.
 */
export function fitted(
  before: readonly Axis[],
  after: readonly Axis[],
  variants: readonly Variant[],
  product: string,
): readonly Variant[] {
  const axes = after.filter(axis => axis.values.length > 0)
  const kept = new Map<string, Variant>()
  for (const variant of variants) {
    const values: Record<string, string> = {}
    let gone = false
    for (const axis of axes) {
      const had = before.some(each => each.code === axis.code && each.values.length > 0)
      const value = had ? variant.values[axis.code] : axis.values[0]?.code
      if (value === undefined || !axis.values.some(each => each.code === value)) gone = true
      else values[axis.code] = value
    }
    if (gone) continue
    const key = keyOf(values)
    if (!kept.has(key))
      kept.set(key, { ...variant, values, code: follows(variant, product) ? suggested(values, product) : variant.code })
  }
  const isNew = (values: Readonly<Record<string, string>>) =>
    axes.some(axis => {
      const old = before.find(each => each.code === axis.code)
      if (!old || old.values.length === 0) return values[axis.code] !== axis.values[0]?.code
      return !old.values.some(value => value.code === values[axis.code])
    })
  const taken = new Set([...variants, ...kept.values()].map(variant => variant.code))
  const model = [...kept.values()][0] ?? variants[0]
  const made = combinations(axes).flatMap(values => {
    const there = kept.get(keyOf(values))
    if (there) return [there]
    if (!isNew(values) && kept.size > 0) return []
    return [newVariant(values, product, taken, model)]
  })
  return made.length > 0 ? made : variants.slice(0, 1).map(variant => ({ ...variant, values: {} }))
}

/** A SKU's code where nobody has written one: the product's and the values'. */
export function suggested(values: Readonly<Record<string, string>>, product: string): string {
  return [product, ...Object.values(values).map(value => value.toUpperCase())]
    .filter(part => part !== '')
    .join('-')
    .slice(0, 64)
}

/** Not saved, and its code is the suggestion still. */
function follows(variant: Variant, product: string): boolean {
  return variant.id === null && (variant.code === '' || variant.code === suggested(variant.values, product))
}

/** A SKU for a combination: its code from the product's and the values', price and weight as the others have. */
export function newVariant(
  values: Readonly<Record<string, string>>,
  product: string,
  taken: Set<string>,
  like: Variant | undefined,
): Variant {
  const stem = suggested(values, product)
  let code = stem
  for (let n = 2; taken.has(code); n += 1) code = `${stem}-${n}`
  taken.add(code)
  return {
    id: null,
    code: code.slice(0, 64),
    barcode: '',
    weight_g: like?.weight_g ?? 0,
    tracked: like?.tracked ?? true,
    values,
    price: like?.price ?? null,
  }
}

/** A short code for something named, unique among the others: `dark-red`, else `v3`. */
export function codeFor(name: string, others: readonly string[], prefix: string): string {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 32)
  if (slug !== '' && !others.includes(slug)) return slug
  const stem = slug === '' ? prefix : `${slug}-`
  let n = slug === '' ? others.length + 1 : 2
  while (others.includes(`${stem}${n}`)) n += 1
  return `${stem}${n}`
}
