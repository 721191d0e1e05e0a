import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { api, done, setCsrf, unwrap } from './client'
import { Problem } from './problem'
import type { components, paths } from './schema'

/** Who is signed in, with which rights, in which shop. */
export type Me = paths['/api/v1/admin/session']['get']['responses'][200]['content']['application/json']
export type SignIn = paths['/api/v1/admin/session']['post']['requestBody']['content']['application/json']
/** The API's schemas by name. */
export type Schemas = components['schemas']

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  staleTime: Number.POSITIVE_INFINITY,
  gcTime: Number.POSITIVE_INFINITY,
  queryFn: async (): Promise<Me | null> => {
    try {
      return keep(await unwrap(api.GET('/api/v1/admin/session')))
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return null
      throw error
    }
  },
})

function keep(me: Me): Me {
  setCsrf(me.csrf)
  return me
}

export async function signIn(body: SignIn): Promise<Me> {
  return keep(await unwrap(api.POST('/api/v1/admin/session', { body })))
}

export async function signOut(): Promise<void> {
  await done(api.DELETE('/api/v1/admin/session'))
  setCsrf('')
}

/** Who is signed in. Only under the shell, which nobody enters unsigned. */
export function useMe(): Me {
  const { data } = useQuery(sessionQuery)
  const client = useQueryClient()
  const me = data ?? client.getQueryData(sessionQuery.queryKey)
  if (!me) throw new Problem(401, { code: 'sign_in_required' })
  return me
}

export function holds(me: Me, right: string | undefined): boolean {
  return right === undefined || me.is_super || me.rights.includes(right)
}

/** May the signed-in person do this? The server decides; this only greys out. */
export function useMay(): (right: string | undefined) => boolean {
  const me = useMe()
  return useCallback(right => holds(me, right), [me])
}
