import { useMay } from '@/api'
import { Address, Card, Facts as List, None, PathLink, Person, Time } from '@/ui'
import type { Order } from './queries'
import { useReasonName } from './reasons'
import { useT } from './texts'

/** Languages call themselves by their own names. */
const LANGUAGES: Readonly<Record<string, string>> = { 'zh-CN': '中文', en: 'English' }

const TIMES = [
  ['placed', 'placed_at'],
  ['expiresAt', 'expires_at'],
  ['confirmedAt', 'confirmed_at'],
  ['completedAt', 'completed_at'],
  ['cancelledAt', 'cancelled_at'],
] as const

/** Who, where to, when. */
export function Facts({ row }: { row: Order }) {
  const t = useT()
  const may = useMay()
  const reasonName = useReasonName()
  const { customer, contact } = row
  const link =
    customer && may('customers.read') ? (
      <PathLink to={`/customers/${customer.id}`}>{customer.name || t('erased')}</PathLink>
    ) : undefined
  return (
    <>
      <Card title={t('customer')}>
        <Person name={customer?.name || contact.name || t('erased')} to={link} note={customer?.code} />
        <List
          of={[
            customer && contact.name && customer.name !== contact.name ? [t('contact'), contact.name] : undefined,
            contact.phone
              ? [
                  t('phone'),
                  <a key="t" className="zg-num" href={`tel:${contact.phone}`}>
                    {contact.phone}
                  </a>,
                ]
              : undefined,
            contact.email
              ? [
                  t('email'),
                  <a key="e" href={`mailto:${contact.email}`}>
                    {contact.email}
                  </a>,
                ]
              : undefined,
            [t('language'), LANGUAGES[row.locale] ?? row.locale],
          ]}
        />
      </Card>
      {row.note ? (
        <Card title={t('note')}>
          <p style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{row.note}</p>
        </Card>
      ) : null}
      <Card title={t('address')}>
        {row.address ? <Address of={row.address} /> : <None />}
        <List
          of={[
            [t('shipping'), row.shipping_method?.name ?? <None key="s" />],
            [t('method'), row.payment_method?.name ?? <None key="m" />],
          ]}
        />
      </Card>
      <Card title={t('facts')}>
        <List
          of={[
            ...TIMES.map(([name, at]) =>
              row[at] ? ([t(name), <Time key={name} at={row[at]} exact="minute" />] as const) : undefined,
            ),
            row.cancel_reason ? [t('cancelReason'), reasonName(row.cancel_reason)] : undefined,
          ]}
        />
      </Card>
    </>
  )
}
