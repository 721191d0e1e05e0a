import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useMemo } from 'react'

/** What stands in the URL, flat. */
export type Search = { readonly [name: string]: string | undefined }

/** Page sizes that are offered. */
export const LIMITS = [20, 50, 100, 200] as const

/** A list's query, as the API takes it. */
export type ListQuery<P extends string = string> = { cursor?: string; limit: number; sort?: string; q?: string } & {
  [K in P]?: string
}

/** Reads and changes the table's part of the URL. */
export function useListState() {
  const search: Search = useSearch({ strict: false })
  const navigate = useNavigate()
  const change = useCallback(
    (changes: Search, options: { push?: boolean; keepCursor?: boolean } = {}) => {
      void navigate({
        to: '.',
        search: (before: Search) => merge(before, changes, options.keepCursor === true),
        replace: options.push !== true,
        resetScroll: false,
      })
    },
    [navigate],
  )
  return { search, change }
}

/** Another filter or order begins at the first page again. */
export function merge(before: Search, changes: Search, keepCursor: boolean): Search {
  const next: Record<string, string> = {}
  for (const [name, value] of Object.entries({ ...before, ...(keepCursor ? {} : { cursor: undefined }), ...changes })) {
    if (value !== undefined && value !== '') next[name] = value
  }
  return next
}

export function limitOf(search: Search): number {
  const asked = Number(search['limit'])
  return LIMITS.find(limit => limit === asked) ?? 50
}

/** The query for the API: only what the list knows, because an unknown parameter is refused. */
export function useListQuery<P extends string>(
  search: Search,
  params: readonly P[],
  sort: string | undefined,
): ListQuery<P> {
  return useMemo(() => listQuery(search, params, sort), [search, params, sort])
}

export function listQuery<P extends string>(
  search: Search,
  params: readonly P[],
  sort: string | undefined,
): ListQuery<P> {
  const filters: { [K in P]?: string } = {}
  for (const param of params) {
    const value = search[param]
    if (value) filters[param] = value
  }
  const own: ListQuery<never> = { limit: limitOf(search) }
  if (search['cursor']) own.cursor = search['cursor']
  if (search['q']) own.q = search['q']
  const order = search['sort'] ?? sort
  if (order) own.sort = order
  return Object.assign(own, filters)
}

/** `-placed_at` → `placed_at` → the list's own order. */
export function nextSort(now: string | undefined, orders: readonly string[]): string | undefined {
  const at = now === undefined ? -1 : orders.indexOf(now)
  return orders[at + 1]
}
