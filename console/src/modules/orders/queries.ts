import { queryOptions, useQueryClient } from '@tanstack/react-query'
import { api, type Intent, queryKeys, type Schemas, sends, unwrap } from '@/api'

export const orderKeys = queryKeys('orders')
export const paymentKeys = queryKeys('payments')
export const proposalKeys = queryKeys('payment-proposals')

export type OrderRow = Schemas['OrderRow']
export type Order = Schemas['OrderView']
export type Line = Schemas['OrderLine']
export type Step = Schemas['Step']
export type Entry = Schemas['OrderEntry']
export type Payment = Schemas['PaymentEntry']
export type Proposal = Schemas['PaymentProposal']

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

/** The payments of an order that a colleague has to look at. */
export const waitingQuery = (id: number) =>
  queryOptions({
    queryKey: orderKeys.part(id, 'proposals'),
    queryFn: () =>
      unwrap(
        api.GET('/api/v1/admin/payment-proposals', {
          params: { query: { order_id: id, state: 'waiting', limit: 50 } },
        }),
      ),
  })

export const paymentSettingsQuery = queryOptions({
  queryKey: ['payment-settings'],
  queryFn: () => unwrap(api.GET('/api/v1/admin/payment-settings')),
})

/** Whatever was done to an order: it, its ledgers and every list are asked again. */
export function useAgain() {
  const client = useQueryClient()
  return () =>
    Promise.all(
      [orderKeys.all, paymentKeys.all, proposalKeys.all].map(queryKey => client.invalidateQueries({ queryKey })),
    )
}

/** Does something to an order, and asks again whether or not it went well. */
function useDoing() {
  const again = useAgain()
  return async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work
    } finally {
      await again()
    }
  }
}

/** One row's command, sent once under its key. */
const keyed = (id: number, { key }: { key: string }) => ({ params: { path: { id } }, headers: sends({ key }) })

/** The commands on one order. */
export function useCommands({ id, version }: Pick<Order, 'id' | 'version'>) {
  const doing = useDoing()
  const how = (intent: { key: string }) => keyed(id, intent)
  return {
    confirm: (intent: Intent<object>) => doing(unwrap(api.POST('/api/v1/admin/orders/{id}/confirm', how(intent)))),
    unconfirm: (intent: Intent<object>) => doing(unwrap(api.POST('/api/v1/admin/orders/{id}/unconfirm', how(intent)))),
    complete: (intent: Intent<object>) => doing(unwrap(api.POST('/api/v1/admin/orders/{id}/complete', how(intent)))),
    cancel: (intent: Intent<Schemas['CancelOrder']>) =>
      doing(unwrap(api.POST('/api/v1/admin/orders/{id}/cancel', { ...how(intent), body: intent.body }))),
    cancelLines: (intent: Intent<Schemas['CancelOrderLines']>) =>
      doing(
        unwrap(
          api.POST('/api/v1/admin/orders/{id}/cancel-lines', {
            params: { path: { id }, header: { 'If-Match': `"${version}"` } },
            headers: sends({ key: intent.key }),
            body: intent.body,
          }),
        ),
      ),
    lock: (intent: Intent<Schemas['LockOrder']>) =>
      doing(unwrap(api.POST('/api/v1/admin/orders/{id}/lock', { ...how(intent), body: intent.body }))),
    unlock: (intent: Intent<object>) => doing(unwrap(api.POST('/api/v1/admin/orders/{id}/unlock', how(intent)))),
    takeOver: (intent: Intent<Schemas['TakeOver']>) =>
      doing(unwrap(api.POST('/api/v1/admin/orders/{id}/take-over', { ...how(intent), body: intent.body }))),
    comment: (comment: string, key: string) =>
      doing(unwrap(api.POST('/api/v1/admin/orders/{id}/timeline', { ...how({ key }), body: { comment } }))),
    pay: (intent: Intent<Schemas['RecordPayment']>) =>
      doing(unwrap(api.POST('/api/v1/admin/orders/{id}/payments', { ...how(intent), body: intent.body }))),
    propose: (intent: Intent<Schemas['RecordPayment']>) =>
      doing(unwrap(api.POST('/api/v1/admin/orders/{id}/payment-proposals', { ...how(intent), body: intent.body }))),
    refund: (intent: Intent<Schemas['RecordRefund']>) =>
      doing(unwrap(api.POST('/api/v1/admin/orders/{id}/refunds', { ...how(intent), body: intent.body }))),
    ship: (intent: Intent<Schemas['Ship']>) =>
      doing(unwrap(api.POST('/api/v1/admin/orders/{id}/shipments', { ...how(intent), body: intent.body }))),
  }
}

/** What can be done to a parcel. */
export function useParcelCommands(id: number) {
  const doing = useDoing()
  const how = (intent: { key: string }) => keyed(id, intent)
  return {
    handOver: (intent: Intent<object>) =>
      doing(unwrap(api.POST('/api/v1/admin/shipments/{id}/hand-over', how(intent)))),
    deliver: (intent: Intent<object>) => doing(unwrap(api.POST('/api/v1/admin/shipments/{id}/deliver', how(intent)))),
    undo: (intent: Intent<object>) => doing(unwrap(api.POST('/api/v1/admin/shipments/{id}/undo', how(intent)))),
    change: ({ key, body }: Intent<Schemas['ChangeShipment']>, version: number) =>
      doing(
        unwrap(
          api.PATCH('/api/v1/admin/shipments/{id}', {
            params: { path: { id }, header: { 'If-Match': `"${version}"` } },
            headers: sends({ key }),
            body,
          }),
        ),
      ),
  }
}

/** What can be done to a payment that waits for a second pair of eyes. */
export function useProposalCommands(id: number) {
  const doing = useDoing()
  const how = (intent: { key: string }) => keyed(id, intent)
  return {
    approve: (intent: Intent<object>) =>
      doing(unwrap(api.POST('/api/v1/admin/payment-proposals/{id}/approve', how(intent)))),
    reject: (intent: Intent<Schemas['RejectPayment']>) =>
      doing(unwrap(api.POST('/api/v1/admin/payment-proposals/{id}/reject', { ...how(intent), body: intent.body }))),
  }
}
