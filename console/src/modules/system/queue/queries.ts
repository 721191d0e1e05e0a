import { queryOptions } from '@tanstack/react-query'
import { api, queryKeys, type Schemas, unwrap } from '@/api'

export const queueKeys = queryKeys('queue')

export type CallRow = Schemas['CallRow']
export type CallView = Schemas['CallView']
export type QueueWorker = Schemas['QueueWorker']
export type ScheduleEntry = Schemas['ScheduleEntry']

/** Figures move while one looks; nobody tells of each task. */
const OFTEN = 5_000

export const overviewQuery = queryOptions({
  queryKey: queueKeys.extra('overview'),
  refetchInterval: OFTEN,
  queryFn: ({ signal }) => unwrap(api.GET('/api/v1/admin/queue', { signal })),
})

export const workersQuery = queryOptions({
  queryKey: queueKeys.extra('workers'),
  refetchInterval: OFTEN,
  queryFn: async ({ signal }) => (await unwrap(api.GET('/api/v1/admin/queue/workers', { signal }))).data,
})

export const scheduleQuery = queryOptions({
  queryKey: queueKeys.extra('schedule'),
  refetchInterval: OFTEN,
  queryFn: async ({ signal }) => (await unwrap(api.GET('/api/v1/admin/queue/schedule', { signal }))).data,
})

export const callQuery = (id: string) =>
  queryOptions({
    queryKey: queueKeys.detail(id),
    refetchInterval: query => (query.state.data?.finished_at ? false : OFTEN),
    queryFn: () => unwrap(api.GET('/api/v1/admin/queue/tasks/{id}', { params: { path: { id } } })),
  })
