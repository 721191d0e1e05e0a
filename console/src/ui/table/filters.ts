import type { MoneyValue } from '../format'

export type Option = { readonly value: string; readonly label: string }

/** A filter with its typed editor; `param` is its name in the URL and in the API. */
export type Filter<P extends string = string> =
  | {
      readonly kind: 'enum'
      readonly params: readonly [P]
      readonly label: string
      readonly options: readonly Option[]
      readonly single?: boolean
    }
  | { readonly kind: 'text'; readonly params: readonly [P]; readonly label: string }
  | { readonly kind: 'flag'; readonly params: readonly [P]; readonly label: string }
  | { readonly kind: 'dates'; readonly params: readonly [from: P, to: P]; readonly label: string }
  | {
      readonly kind: 'money'
      readonly params: readonly [min: P, max: P]
      readonly label: string
      readonly currency: MoneyValue['currency']
    }

/** One or several of a closed list: `state=placed,confirmed`. */
export function enumFilter<const P extends string>(
  param: P,
  label: string,
  options: readonly Option[],
  single = false,
): Filter<P> {
  return { kind: 'enum', params: [param], label, options, single }
}

/** Any text. */
export function textFilter<const P extends string>(param: P, label: string): Filter<P> {
  return { kind: 'text', params: [param], label }
}

/** `true` or `false`. */
export function flagFilter<const P extends string>(param: P, label: string): Filter<P> {
  return { kind: 'flag', params: [param], label }
}

/** Shop days, both ends included: `placed_from=2024-05-01&placed_to=2024-05-31`. */
export function dateFilter<const P extends string>(from: P, to: P, label: string): Filter<P> {
  return { kind: 'dates', params: [from, to], label }
}

/** Minor units, both ends included. */
export function moneyFilter<const P extends string>(min: P, max: P, label: string, currency: string): Filter<P> {
  return { kind: 'money', params: [min, max], label, currency }
}

/** The values of a filter as they stand in the URL. */
export type FilterValue = readonly (string | undefined)[]

export function filterValue(filter: Filter, search: Readonly<Record<string, string | undefined>>): FilterValue {
  return filter.params.map(param => search[param] || undefined)
}

export function isSet(value: FilterValue): boolean {
  return value.some(each => each !== undefined)
}
