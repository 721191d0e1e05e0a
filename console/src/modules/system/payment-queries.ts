import { queryOptions } from '@tanstack/react-query'
import { api, queryKeys, type Schemas, unwrap } from '@/api'

export const paymentMethodKeys = queryKeys('payment-methods')
export const paymentSettingsKeys = queryKeys('payment-settings')
export const orderSettingsKeys = queryKeys('order-settings')

export type PaymentMethod = Schemas['PaymentMethod']
export type PaymentSettings = Schemas['PaymentSettings']
export type OrderSettings = Schemas['OrderSettings']

export const paymentMethodsQuery = queryOptions({
  queryKey: paymentMethodKeys.lists,
  queryFn: () => unwrap(api.GET('/api/v1/admin/payment-methods')),
})
export const paymentMethodQuery = (id: number) =>
  queryOptions({
    queryKey: paymentMethodKeys.detail(id),
    queryFn: () => unwrap(api.GET('/api/v1/admin/payment-methods/{id}', { params: { path: { id } } })),
  })
export const paymentSettingsQuery = queryOptions({
  queryKey: paymentSettingsKeys.all,
  queryFn: () => unwrap(api.GET('/api/v1/admin/payment-settings')),
})
export const orderSettingsQuery = queryOptions({
  queryKey: orderSettingsKeys.all,
  queryFn: () => unwrap(api.GET('/api/v1/admin/orders/settings')),
})
