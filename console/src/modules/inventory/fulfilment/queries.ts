import { queryOptions, useQueryClient } from '@tanstack/react-query'
import { api, queryKeys, type Schemas, unwrap } from '@/api'

export const pickKeys = queryKeys('pick-lists')
export const parcelKeys = queryKeys('shipments')

export type PickRow = Schemas['PickListRow']
export type PickList = Schemas['PickListView']
export type PickSku = Schemas['PickSku']
export type Parcel = Schemas['ShipmentView']

export const pickQuery = (id: number) =>
  queryOptions({
    queryKey: pickKeys.detail(id),
    queryFn: () => unwrap(api.GET('/api/v1/admin/pick-lists/{id}', { params: { path: { id } } })),
  })

/** How many orders could go onto a pick list. */
export const readyQuery = queryOptions({
  queryKey: pickKeys.extra('ready'),
  queryFn: async () => {
    const page = await unwrap(api.GET('/api/v1/admin/orders', { params: { query: { queue: 'to_pick', limit: 1 } } }))
    return page.meta.total ?? null
  },
})

/** Whatever was picked or sent: lists, parcels and orders are asked again. */
export function useAgain() {
  const client = useQueryClient()
  return () =>
    Promise.all([pickKeys.all, parcelKeys.all, ['orders']].map(queryKey => client.invalidateQueries({ queryKey })))
}
