import { api, sends, unwrap, useMay } from '@/api'
import { Action } from '@/ui'
import { type Customer, useAgain } from './queries'
import { useT } from './texts'

/** Wipes what is personal; orders stay (M7.1, B13). */
export function Erase({ row, etag }: { row: Customer; etag: string }) {
  const t = useT()
  const may = useMay()
  const again = useAgain()
  return (
    <Action
      of={{ actions: [{ name: 'erase', allowed: row.state !== 'erased' && may('customers.erase') }] }}
      name="erase"
      label={t('erase')}
      danger
      title={t('erase.title', { name: row.name })}
      consequences={t('erase.help')}
      initial={{}}
      run={async ({ key }) => {
        await unwrap(
          api.DELETE('/api/v1/admin/customers/{id}', {
            params: { path: { id: row.id }, header: { 'If-Match': etag ?? '' } },
            headers: sends({ key }),
          }),
        )
        await again()
      }}
      done={t('erase.done')}
    />
  )
}
