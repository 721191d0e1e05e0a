import { type QueryKey, queryOptions, useQueryClient } from '@tanstack/react-query'
import { api, queryKeys, type Schemas, unwrap } from '@/api'

export const productKeys = queryKeys('products')
export const categoryKeys = queryKeys('categories')

export type ProductRow = Schemas['ProductRow']
export type ProductView = Schemas['ProductView']
export type Picture = Schemas['Picture']
export type CategoryView = Schemas['CategoryView']

export const productQuery = (id: number) =>
  queryOptions({
    queryKey: productKeys.detail(id),
    queryFn: () => unwrap(api.GET('/api/v1/admin/products/{id}', { params: { path: { id } } })),
  })

export const categoriesQuery = queryOptions({
  queryKey: categoryKeys.lists,
  queryFn: () => unwrap(api.GET('/api/v1/admin/categories')),
})

export const taxClassesQuery = queryOptions({
  queryKey: ['tax-classes'],
  staleTime: 10 * 60_000,
  queryFn: () => unwrap(api.GET('/api/v1/admin/tax-classes')),
})

/** Asks again whatever lies under these keys. */
export function useRefresh(...keys: readonly QueryKey[]): () => Promise<void> {
  const client = useQueryClient()
  return async () => {
    await Promise.all(keys.map(queryKey => client.invalidateQueries({ queryKey })))
  }
}

/** `"3"`: the version as an ETag. */
export const tagOf = (row: { version: number }): string => `"${row.version}"`

/** The tree as options whose labels show where each stands. */
export function categoryOptions(
  tree: readonly CategoryView[],
  nameOf: (name: Readonly<Record<string, string>>) => string,
): readonly { value: string; label: string }[] {
  const names = new Map<number, string>()
  return tree.map(each => {
    const above = each.parent_id === null || each.parent_id === undefined ? undefined : names.get(each.parent_id)
    const path = above === undefined ? nameOf(each.name) : `${above} / ${nameOf(each.name)}`
    names.set(each.id, path)
    return { value: String(each.id), label: path }
  })
}
