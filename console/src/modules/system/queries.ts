import { type QueryKey, queryOptions, useQueryClient } from '@tanstack/react-query'
import { api, queryKeys, type Schemas, unwrap } from '@/api'

export const staffKeys = queryKeys('staff')
export const roleKeys = queryKeys('roles')
export const apiKeyKeys = queryKeys('api-keys')
export const meKeys = queryKeys('me')
export const auditKeys = queryKeys('audit')

export type StaffView = Schemas['StaffView']
export type RoleView = Schemas['RoleView']
export type ApiKeyView = Schemas['ApiKeyView']
export type AuditLine = Schemas['AuditLine']

export const staffQuery = queryOptions({
  queryKey: staffKeys.lists,
  queryFn: () => unwrap(api.GET('/api/v1/admin/staff')),
})

export const rolesQuery = queryOptions({
  queryKey: roleKeys.lists,
  queryFn: () => unwrap(api.GET('/api/v1/admin/roles')),
})

export const sessionsQuery = queryOptions({
  queryKey: meKeys.extra('sessions'),
  queryFn: () => unwrap(api.GET('/api/v1/admin/sessions')),
})

/** Asks again whatever lies under these keys. */
export function useRefresh(...keys: readonly QueryKey[]): () => Promise<void> {
  const client = useQueryClient()
  return async () => {
    await Promise.all(keys.map(queryKey => client.invalidateQueries({ queryKey })))
  }
}

/** `"3"`: the version as an ETag. */
export const tagOf = (row: { version: number }): string => `"${row.version}"`
