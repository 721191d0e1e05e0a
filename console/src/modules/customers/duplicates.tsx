import { useQuery } from '@tanstack/react-query'
import { api, sends, unwrap } from '@/api'
import { Action, Card, PathLink } from '@/ui'
import { type Customer, duplicatesQuery, useAgain } from './queries'
import { useT } from './texts'

/** Who may be the same person, and merging them into this one. */
export function Duplicates({ row }: { row: Customer }) {
  const t = useT()
  const again = useAgain()
  const found = useQuery(duplicatesQuery(row.id)).data ?? []
  if (found.length === 0) return null
  return (
    <Card title={t('duplicates')}>
      <ul className="zg-rows">
        {found.map(({ customer, reasons }) => (
          <li key={customer.id}>
            <PathLink to={`/customers/${customer.id}`}>{customer.name}</PathLink>
            <span className="zg-quiet">
              {customer.code} · {reasons.map(reason => t(`duplicate.${reason}`)).join('、')}
            </span>
            <Action
              name={`merge.${customer.id}`}
              label={t('merge')}
              size="small"
              danger
              title={t('merge.title', { name: customer.name, code: customer.code })}
              consequences={t('merge.help')}
              initial={{ into: row.id }}
              run={async ({ key, body }) => {
                await unwrap(
                  api.POST('/api/v1/admin/customers/{id}/merge', {
                    params: { path: { id: customer.id } },
                    headers: sends({ key }),
                    body,
                  }),
                )
                await again()
              }}
              done={t('merge.done')}
            />
          </li>
        ))}
      </ul>
    </Card>
  )
}
