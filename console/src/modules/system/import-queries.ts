import { queryOptions } from '@tanstack/react-query'
import { api, queryKeys, type Schemas, unwrap } from '@/api'
import { isOpen } from '@/ui'

export const jobKeys = queryKeys('jobs')
export type JobView = Schemas['JobView']
export type Upload = Schemas['Upload']
export type PicturesUpload = Schemas['PicturesUpload']
export type ImportKind = Schemas['ImportKind']

export const kindsQuery = queryOptions({
  queryKey: ['imports', 'kinds'],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: () => unwrap(api.GET('/api/v1/admin/imports/kinds')),
})

/** A job, asked for anew while it runs; events bring the news sooner. */
export const jobQuery = (id: number) =>
  queryOptions({
    queryKey: jobKeys.detail(id),
    queryFn: () => unwrap(api.GET('/api/v1/admin/jobs/{id}', { params: { path: { id } } })),
    refetchInterval: query => (query.state.data === undefined || isOpen(query.state.data) ? 1_500 : false),
  })
