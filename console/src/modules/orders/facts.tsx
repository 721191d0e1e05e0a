import { useMay } from '@/api'
import { Card, Facts as List, PathLink, Person, Time } from '@/ui'
import type { Order } from './queries'
import { useReasonName } from './reasons'
import { useT } from './texts'

/** Who, where to, when. */
export function Facts({ row }: { row: Order }) {
  const t = useT()
  const may = useMay()
  const reasonName = useReasonName()
  const customer = row.customer
  const link =
    customer && may('customers.read') ? (
      <PathLink to={`/customers/${customer.id}`}>{customer.name}</PathLink>
    ) : undefined
  return (
    <>
      <Card title={t('customer')}>
        <Person name={customer?.name ?? row.contact.name} to={link} note={customer?.code} />
        <List
          of={[
            [t('contact'), row.contact.name],
            ...(row.contact.phone ? [[t('phone'), row.contact.phone] as const] : []),
            ...(row.contact.email ? [[t('email'), row.contact.email] as const] : []),
            [t('language'), row.locale],
          ]}
        />
      </Card>
      <Card title={t('address')}>
        <Address row={row} />
        <List
          of={[
            [t('shipping'), row.shipping_method?.name ?? '—'],
            [t('method'), row.payment_method?.name ?? '—'],
          ]}
        />
      </Card>
      {row.note ? (
        <Card title={t('note')}>
          <p style={{ whiteSpace: 'pre-wrap' }}>{row.note}</p>
        </Card>
      ) : null}
      <Card title={t('facts')}>
        <List
          of={[
            [t('placed'), <Time key="p" at={row.placed_at} exact />],
            ...(row.expires_at ? [[t('expiresAt'), <Time key="e" at={row.expires_at} exact />] as const] : []),
            ...(row.confirmed_at ? [[t('confirmedAt'), <Time key="c" at={row.confirmed_at} exact />] as const] : []),
            ...(row.completed_at ? [[t('completedAt'), <Time key="d" at={row.completed_at} exact />] as const] : []),
            ...(row.cancelled_at ? [[t('cancelledAt'), <Time key="x" at={row.cancelled_at} exact />] as const] : []),
            ...(row.cancel_reason ? [[t('cancelReason'), reasonName(row.cancel_reason)] as const] : []),
          ]}
        />
      </Card>
    </>
  )
}

/** In China from the large to the small; elsewhere from the street on. */
function Address({ row }: { row: Order }) {
  const to = row.address
  if (!to) return <span className="zg-quiet">—</span>
  const chinese = ['CN', 'HK', 'MO', 'TW'].includes(to.country)
  const region = chinese ? [to.province, to.city, to.district] : [to.district, to.city, to.province]
  const place = region.filter(part => part !== '').join(chinese ? ' ' : ', ')
  const lines = chinese ? [place, to.street] : [to.street, place]
  return (
    <address style={{ fontStyle: 'normal' }}>
      <div>
        {to.name} {to.phone}
      </div>
      {lines
        .filter(line => line !== '')
        .map(line => (
          <div key={line}>{line}</div>
        ))}
      <div className="zg-quiet">
        {to.postal_code} {to.country}
      </div>
    </address>
  )
}
