import { Badge, Card } from '@/ui'
import type { Customer } from './queries'
import { useT } from './texts'

/** Where parcels went. */
export function Addresses({ row }: { row: Customer }) {
  const t = useT()
  return (
    <Card title={t('addresses')}>
      {row.addresses.length === 0 ? <span className="zg-quiet">{t('addresses.none')}</span> : null}
      <ul className="zg-stack">
        {row.addresses.map(one => (
          <li key={one.id}>
            <address style={{ fontStyle: 'normal' }}>
              <div>
                {one.name} <span className="zg-num">{one.phone}</span>{' '}
                {one.is_default ? <Badge tone="neutral">{t('default')}</Badge> : null}
              </div>
              <div>{[one.province, one.city, one.district].filter(part => part !== '').join(' ')}</div>
              <div>{one.street}</div>
              <div className="zg-quiet">
                {one.postal_code} {one.country}
              </div>
            </address>
          </li>
        ))}
      </ul>
    </Card>
  )
}
