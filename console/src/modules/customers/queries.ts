import { queryOptions, useQueryClient } from '@tanstack/react-query'
import { api, queryKeys, type Schemas, unwrap, unwrapVersioned } from '@/api'

export const customerKeys = queryKeys('customers')

export type CustomerRow = Schemas['CustomerRow']
export type Customer = Schemas['CustomerView']

export const customerQuery = (id: number) =>
  queryOptions({
    queryKey: customerKeys.detail(id),
    queryFn: () => unwrapVersioned(api.GET('/api/v1/admin/customers/{id}', { params: { path: { id } } })),
  })

export const ordersOfQuery = (id: number) =>
  queryOptions({
    queryKey: customerKeys.part(id, 'orders'),
    queryFn: () =>
      unwrap(api.GET('/api/v1/admin/customers/{id}/orders', { params: { path: { id }, query: { limit: 20 } } })),
  })

export const duplicatesQuery = (id: number) =>
  queryOptions({
    queryKey: customerKeys.part(id, 'duplicates'),
    queryFn: () => unwrap(api.GET('/api/v1/admin/customers/{id}/duplicates', { params: { path: { id } } })),
  })

/** Whatever was done to a customer: it and every list are asked again. */
export function useAgain() {
  const client = useQueryClient()
  return () => client.invalidateQueries({ queryKey: customerKeys.all })
}
