import { useQuery } from '@tanstack/react-query'
import { useMay } from '@/api'
import { Card, Empty, Loaded, Money, Page, PathLink, Time } from '@/ui'
import { Merge } from './merge'
import { allDuplicatesQuery, type CustomerRow, type DuplicateGroup } from './queries'
import { useT } from './texts'

/** Records of the whole shop that may be of one person (M7.1). */
export default function AllDuplicates() {
  const t = useT()
  const groups = useQuery(allDuplicatesQuery)
  return (
    <Page title={t('duplicates')}>
      <Loaded of={groups}>
        {found =>
          found.length === 0 ? (
            <Card>
              <Empty title={t('duplicates.none')}>{t('duplicates.noneHelp')}</Empty>
            </Card>
          ) : (
            <div className="zg-stack">
              {found.map(group => (
                <Group key={`${group.reason}-${group.customers.map(each => each.id).join('-')}`} of={group} />
              ))}
            </div>
          )
        }
      </Loaded>
    </Page>
  )
}

/** The one that was there first stays, unless another is opened and merged into. */
function Group({ of }: { of: DuplicateGroup }) {
  const t = useT()
  const may = useMay()
  const [first, ...others] = of.customers
  if (!first) return null
  return (
    <Card title={t(`duplicate.${of.reason}`)}>
      <ul className="zg-rows">
        <li>
          <Who row={first} />
          <span className="zg-quiet">{t('duplicates.stays')}</span>
        </li>
        {others.map(row => (
          <li key={row.id}>
            <Who row={row} />
            {may('customers.write') ? (
              <Merge from={row} into={first} label={t('duplicates.merge', { code: first.code })} />
            ) : null}
          </li>
        ))}
      </ul>
    </Card>
  )
}

function Who({ row }: { row: CustomerRow }) {
  const t = useT()
  return (
    <span className="zg-row">
      <PathLink to={`/customers/${row.id}`}>{row.name}</PathLink>
      <span className="zg-quiet">
        {[row.code, row.email, row.phone].filter(Boolean).join(' · ')} · {t('orders.count', { count: row.orders })}
        {row.spent.map(sum => (
          <span key={sum.currency}>
            {' '}
            · <Money value={sum} />
          </span>
        ))}{' '}
        · <Time at={row.created_at} />
      </span>
    </span>
  )
}
