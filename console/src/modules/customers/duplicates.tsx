import { useQuery } from '@tanstack/react-query'
import { Card, PathLink } from '@/ui'
import { Merge } from './merge'
import { type Customer, duplicatesQuery } from './queries'
import { useT } from './texts'

/** Who may be the same person, and merging them into this one. */
export function Duplicates({ row }: { row: Customer }) {
  const t = useT()
  const found = useQuery(duplicatesQuery(row.id)).data ?? []
  if (found.length === 0) return null
  return (
    <Card title={t('duplicates')}>
      <ul className="zg-rows">
        {found.map(({ customer, reasons }) => (
          <li key={customer.id}>
            <PathLink to={`/customers/${customer.id}`}>{customer.name}</PathLink>
            <span className="zg-quiet">
              {customer.code} · {reasons.map(reason => t(`duplicate.${reason}`)).join(t('comma'))}
            </span>
            <Merge from={customer} into={row} label={t('merge')} />
          </li>
        ))}
      </ul>
    </Card>
  )
}
