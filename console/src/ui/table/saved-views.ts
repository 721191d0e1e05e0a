import { queryOptions, useQueryClient } from '@tanstack/react-query'
import { api, done, type Intent, queryKeys, type Schemas, sends, unwrap } from '@/api'

export type SavedView = Schemas['SavedView']
/** What is asked when a view is saved or changed. */
export type ViewInput = { readonly name: string; readonly shared: boolean }

const keys = queryKeys('views')

/** One's own views of a list and those that colleagues share. */
export const savedViews = (list: string) =>
  queryOptions({
    queryKey: keys.list(list),
    staleTime: 60_000,
    queryFn: async ({ signal }) =>
      (await unwrap(api.GET('/api/v1/admin/views', { params: { query: { list } }, signal }))).data,
  })

/** Saves, changes and deletes views of a list; the tabs follow, also where it was refused. */
export function useViewCommands(list: string) {
  const client = useQueryClient()
  const then = async <T>(command: Promise<T>): Promise<T> => {
    try {
      return await command
    } finally {
      await client.invalidateQueries({ queryKey: keys.list(list) })
    }
  }
  const row = ({ id }: SavedView) => ({ path: { id } })
  return {
    create: (intent: Intent<ViewInput>, query: Record<string, string>) =>
      then(unwrap(api.POST('/api/v1/admin/views', { body: { ...intent.body, list, query }, headers: sends(intent) }))),
    change: (view: SavedView, body: ViewInput, query: Record<string, string>) =>
      then(
        unwrap(
          api.PUT('/api/v1/admin/views/{id}', {
            params: { ...row(view), header: { 'If-Match': `"${view.version}"` } },
            body: { ...body, query },
          }),
        ),
      ),
    remove: (view: SavedView) => then(done(api.DELETE('/api/v1/admin/views/{id}', { params: row(view) }))),
    withdraw: (view: SavedView) => then(done(api.POST('/api/v1/admin/views/{id}/withdraw', { params: row(view) }))),
  }
}
