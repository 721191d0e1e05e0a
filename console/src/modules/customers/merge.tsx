import { api, sends, unwrap, unwrapVersioned } from '@/api'
import { Action } from '@/ui'
import { type CustomerRow, useAgain } from './queries'
import { useT } from './texts'

type Who = Pick<CustomerRow, 'id' | 'name' | 'code'>

/** Merges one record into another that stays; there is no way back (M7.1). */
export function Merge({ from, into, label }: { from: Who; into: Who; label: string }) {
  const t = useT()
  const again = useAgain()
  return (
    <Action
      name={`merge.${from.id}.${into.id}`}
      label={label}
      size="small"
      danger
      title={t('merge.title', { name: from.name, code: from.code, into: into.name, intoCode: into.code })}
      consequences={t('merge.help')}
      initial={{ into: into.id }}
      run={async ({ key, body }) => {
        const path = { id: from.id }
        const { etag } = await unwrapVersioned(api.GET('/api/v1/admin/customers/{id}', { params: { path } }))
        const params = { path, header: { 'If-Match': etag ?? '' } }
        await unwrap(api.POST('/api/v1/admin/customers/{id}/merge', { params, headers: sends({ key }), body }))
        await again()
      }}
      done={t('merge.done')}
    />
  )
}
