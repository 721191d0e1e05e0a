import { queryOptions } from '@tanstack/react-query'
import { api, queryKeys, type Schemas, unwrap } from '@/api'

export const mailKeys = queryKeys('mails')

export type MailRow = Schemas['MailRow']
export type MailView = Schemas['MailView']
export type WhichMails = Schemas['WhichMails']

export const mailQuery = (id: number) =>
  queryOptions({
    queryKey: mailKeys.detail(id),
    queryFn: () => unwrap(api.GET('/api/v1/admin/mails/{id}', { params: { path: { id } } })),
  })

/** Whether mails leave at all, and how many stand how; what leaves is not told one by one. */
export const mailQueueQuery = queryOptions({
  queryKey: mailKeys.extra('queue'),
  refetchInterval: 10_000,
  queryFn: () => unwrap(api.GET('/api/v1/admin/mail-queue')),
})
