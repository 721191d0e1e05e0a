import { type QueryKey, queryOptions, useQueryClient } from '@tanstack/react-query'
import { api, queryKeys, type Schemas, unwrap } from '@/api'

export const stockKeys = queryKeys('stock')

export type StockRow = Schemas['StockRow']
export type StockLevel = Schemas['StockLevel']
export type StockEntry = Schemas['StockEntryView']
export type Adjusted = Schemas['StockAdjusted']
export type AdjustKind = Schemas['StockAdjustKind']

export const stockQuery = (skuId: number) =>
  queryOptions({
    queryKey: stockKeys.detail(skuId),
    queryFn: () => unwrap(api.GET('/api/v1/admin/stock/{sku_id}', { params: { path: { sku_id: skuId } } })),
  })

export const entriesQuery = (skuId: number) =>
  queryOptions({
    queryKey: stockKeys.part(skuId, 'entries'),
    queryFn: () => unwrap(api.GET('/api/v1/admin/stock/entries', { params: { query: { sku_id: skuId, limit: 20 } } })),
  })

export const warehousesQuery = queryOptions({
  queryKey: ['warehouses'],
  staleTime: 10 * 60_000,
  queryFn: () => unwrap(api.GET('/api/v1/admin/warehouses')),
})

export function useRefresh(...keys: readonly QueryKey[]): () => Promise<void> {
  const client = useQueryClient()
  return async () => {
    await Promise.all(keys.map(queryKey => client.invalidateQueries({ queryKey })))
  }
}
