import { queryOptions, useQueryClient } from '@tanstack/react-query'
import { api, queryKeys, type Schemas, unwrap, unwrapVersioned } from '@/api'

export const customerKeys = queryKeys('customers')

export type CustomerRow = Schemas['CustomerRow']
export type Customer = Schemas['CustomerView']
export type DuplicateGroup = Schemas['DuplicateGroup']

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

export const allDuplicatesQuery = queryOptions({
  queryKey: customerKeys.extra('duplicates'),
  queryFn: () => unwrap(api.GET('/api/v1/admin/customers/duplicates')),
})

export const segmentsQuery = queryOptions({
  queryKey: customerKeys.extra('segments'),
  queryFn: () => unwrap(api.GET('/api/v1/admin/customers/segments')),
})

/** Whatever was done to a customer: it and every list are asked again. */
export function useAgain() {
  const client = useQueryClient()
  return () => client.invalidateQueries({ queryKey: customerKeys.all })
}
