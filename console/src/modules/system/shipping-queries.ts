import { queryOptions } from '@tanstack/react-query'
import { api, queryKeys, type Schemas, unwrap } from '@/api'

export const carrierKeys = queryKeys('carriers')
export const methodKeys = queryKeys('shipping-methods')
export const zoneKeys = queryKeys('zones')

export type CarrierView = Schemas['CarrierView']
export type MethodView = Schemas['ShippingMethodView']
export type ZoneView = Schemas['ZoneView']
export type RegionView = Schemas['RegionView']

export const carriersQuery = queryOptions({
  queryKey: carrierKeys.lists,
  queryFn: () => unwrap(api.GET('/api/v1/admin/carriers')),
})
export const carrierQuery = (id: number) =>
  queryOptions({
    queryKey: carrierKeys.detail(id),
    queryFn: () => unwrap(api.GET('/api/v1/admin/carriers/{id}', { params: { path: { id } } })),
  })
export const methodsQuery = queryOptions({
  queryKey: methodKeys.lists,
  queryFn: () => unwrap(api.GET('/api/v1/admin/shipping-methods')),
})
export const methodQuery = (id: number) =>
  queryOptions({
    queryKey: methodKeys.detail(id),
    queryFn: () => unwrap(api.GET('/api/v1/admin/shipping-methods/{id}', { params: { path: { id } } })),
  })
export const zonesQuery = queryOptions({
  queryKey: zoneKeys.lists,
  queryFn: () => unwrap(api.GET('/api/v1/admin/zones')),
})
export const zoneQuery = (id: number) =>
  queryOptions({
    queryKey: zoneKeys.detail(id),
    queryFn: () => unwrap(api.GET('/api/v1/admin/zones/{id}', { params: { path: { id } } })),
  })
/** The regions below one; countries, if there is none above. */
export const regionsQuery = (parent: string | undefined) =>
  queryOptions({
    queryKey: ['regions', parent ?? ''],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: () => unwrap(api.GET('/api/v1/admin/regions', { params: { query: parent ? { parent } : {} } })),
  })
