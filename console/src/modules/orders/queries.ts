import { queryOptions, useQueryClient } from '@tanstack/react-query'
import { api, type Intent, queryKeys, type Schemas, sends, unwrap } from '@/api'

export const orderKeys = queryKeys('orders')

export type OrderRow = Schemas['OrderRow']
export type Order = Schemas['OrderView']
export type Line = Schemas['OrderLine']
export type Step = Schemas['Step']

export const orderQuery = (id: number) =>
  queryOptions({
    queryKey: orderKeys.detail(id),
    queryFn: () => unwrap(api.GET('/api/v1/admin/orders/{id}', { params: { path: { id } } })),
  })

export const ledgerQuery = (id: number) =>
  queryOptions({
    queryKey: orderKeys.part(id, 'payments'),
    queryFn: () => unwrap(api.GET('/api/v1/admin/orders/{id}/payments', { params: { path: { id } } })),
  })

export const parcelsQuery = (id: number) =>
  queryOptions({
    queryKey: orderKeys.part(id, 'shipments'),
    queryFn: () => unwrap(api.GET('/api/v1/admin/orders/{id}/shipments', { params: { path: { id } } })),
  })

export const methodsQuery = queryOptions({
  queryKey: ['payment-methods', 'list'],
  queryFn: () => unwrap(api.GET('/api/v1/admin/payment-methods')),
})

export const carriersQuery = queryOptions({
  queryKey: ['carriers', 'list'],
  queryFn: () => unwrap(api.GET('/api/v1/admin/carriers')),
})

/** Whatever was done to an order: it, its ledgers and every list are asked again. */
export function useAgain() {
  const client = useQueryClient()
  return () => client.invalidateQueries({ queryKey: orderKeys.all })
}

/** The commands on one order, each sent once under its own key. */
export function useCommands({ id, version }: Pick<Order, 'id' | 'version'>) {
  const again = useAgain()
  const path = { id }
  const then = async <T>(work: Promise<T>) => {
    try {
      return await work
    } finally {
      await again()
    }
  }
  const how = (intent: { key: string }) => ({ params: { path }, headers: sends({ key: intent.key }) })
  return {
    confirm: (intent: Intent<object>) => then(unwrap(api.POST('/api/v1/admin/orders/{id}/confirm', how(intent)))),
    unconfirm: (intent: Intent<object>) => then(unwrap(api.POST('/api/v1/admin/orders/{id}/unconfirm', how(intent)))),
    complete: (intent: Intent<object>) => then(unwrap(api.POST('/api/v1/admin/orders/{id}/complete', how(intent)))),
    cancel: (intent: Intent<Schemas['CancelOrder']>) =>
      then(unwrap(api.POST('/api/v1/admin/orders/{id}/cancel', { ...how(intent), body: intent.body }))),
    cancelLines: (intent: Intent<Schemas['CancelOrderLines']>) =>
      then(
        unwrap(
          api.POST('/api/v1/admin/orders/{id}/cancel-lines', {
            params: { path, header: { 'If-Match': `"${version}"` } },
            headers: sends({ key: intent.key }),
            body: intent.body,
          }),
        ),
      ),
    lock: (intent: Intent<Schemas['LockOrder']>) =>
      then(unwrap(api.POST('/api/v1/admin/orders/{id}/lock', { ...how(intent), body: intent.body }))),
    unlock: (intent: Intent<object>) => then(unwrap(api.POST('/api/v1/admin/orders/{id}/unlock', how(intent)))),
    takeOver: (intent: Intent<Schemas['TakeOver']>) =>
      then(unwrap(api.POST('/api/v1/admin/orders/{id}/take-over', { ...how(intent), body: intent.body }))),
    comment: (comment: string, key: string) =>
      then(unwrap(api.POST('/api/v1/admin/orders/{id}/timeline', { ...how({ key }), body: { comment } }))),
    pay: (intent: Intent<Schemas['RecordPayment']>) =>
      then(unwrap(api.POST('/api/v1/admin/orders/{id}/payments', { ...how(intent), body: intent.body }))),
    refund: (intent: Intent<Schemas['RecordRefund']>) =>
      then(unwrap(api.POST('/api/v1/admin/orders/{id}/refunds', { ...how(intent), body: intent.body }))),
    ship: (intent: Intent<Schemas['Ship']>) =>
      then(unwrap(api.POST('/api/v1/admin/orders/{id}/shipments', { ...how(intent), body: intent.body }))),
  }
}

/** What can be done to a parcel. */
export function useParcelCommands(id: number) {
  const again = useAgain()
  const then = async <T>(work: Promise<T>) => {
    try {
      return await work
    } finally {
      await again()
    }
  }
  const how = (intent: { key: string }) => ({ params: { path: { id } }, headers: sends({ key: intent.key }) })
  return {
    handOver: (intent: Intent<object>) => then(unwrap(api.POST('/api/v1/admin/shipments/{id}/hand-over', how(intent)))),
    deliver: (intent: Intent<object>) => then(unwrap(api.POST('/api/v1/admin/shipments/{id}/deliver', how(intent)))),
    undo: (intent: Intent<object>) => then(unwrap(api.POST('/api/v1/admin/shipments/{id}/undo', how(intent)))),
  }
}
