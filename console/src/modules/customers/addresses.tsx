import './customers.css'
import { api, done, type Schemas, sends, unwrap } from '@/api'
import { Action, Address, Badge, Card, CountryField, type Field, SwitchField, TextField } from '@/ui'
import { type Customer, useAgain } from './queries'
import { useT } from './texts'

type Given = Schemas['AddressView']
type Input = Required<Schemas['AddressInput']>

/** Where parcels go. */
export function Addresses({ row, writable }: { row: Customer; writable: boolean }) {
  const t = useT()
  const again = useAgain()
  const blank: Input = {
    name: row.name,
    phone: row.phone ?? '',
    country: 'CN',
    province: '',
    city: '',
    district: '',
    street: '',
    postal_code: '',
    is_default: row.addresses.length === 0,
  }
  return (
    <Card
      title={t('addresses')}
      extra={
        writable ? (
          <Action
            name="address.add"
            label={t('address.add')}
            size="small"
            title={t('address.add')}
            initial={blank}
            form={field => <AddressFields of={field} />}
            run={async ({ key, body }) => {
              await unwrap(
                api.POST('/api/v1/admin/customers/{id}/addresses', {
                  params: { path: { id: row.id } },
                  headers: sends({ key }),
                  body,
                }),
              )
              await again()
            }}
            done={t('address.saved')}
          />
        ) : null
      }
    >
      {row.addresses.length === 0 ? <span className="zg-quiet">{t('addresses.none')}</span> : null}
      <ul className="zg-stack">
        {row.addresses.map(one => (
          <li key={one.id} className="zg-given">
            {one.is_default ? <Badge tone="neutral">{t('default')}</Badge> : null}
            <Address of={one} />
            {writable ? <Change of={one} row={row} /> : null}
          </li>
        ))}
      </ul>
    </Card>
  )
}

function Change({ of, row }: { of: Given; row: Customer }) {
  const t = useT()
  const again = useAgain()
  const path = { id: row.id, address_id: of.id }
  const { id: _, ...initial } = of
  return (
    <span className="zg-row">
      <Action
        name={`address.change.${of.id}`}
        label={t('address.change')}
        size="small"
        title={t('address.change')}
        confirm={t('address.save')}
        initial={initial}
        form={field => <AddressFields of={field} />}
        run={async ({ key, body }) => {
          await unwrap(
            api.PUT('/api/v1/admin/customers/{id}/addresses/{address_id}', {
              params: { path },
              headers: sends({ key }),
              body,
            }),
          )
          await again()
        }}
        done={t('address.saved')}
      />
      <Action
        name={`address.remove.${of.id}`}
        label={t('address.remove')}
        size="small"
        danger
        title={t('address.remove.title')}
        consequences={<Address of={of} />}
        initial={{}}
        run={async () => {
          await done(api.DELETE('/api/v1/admin/customers/{id}/addresses/{address_id}', { params: { path } }))
          await again()
        }}
        done={t('address.removed')}
      />
    </span>
  )
}

function AddressFields({ of }: { of: Field<Input> }) {
  const t = useT()
  return (
    <>
      <div className="zg-fields">
        <TextField of={of.at('name')} label={t('address.receiver')} required maxLength={100} />
        <TextField of={of.at('phone')} label={t('phone')} required maxLength={32} />
      </div>
      <div className="zg-fields">
        <CountryField of={of.at('country')} label={t('address.country')} required />
        <TextField of={of.at('province')} label={t('address.province')} maxLength={100} />
      </div>
      <div className="zg-fields">
        <TextField of={of.at('city')} label={t('address.city')} maxLength={100} />
        <TextField of={of.at('district')} label={t('address.district')} maxLength={100} />
      </div>
      <TextField of={of.at('street')} label={t('address.street')} required maxLength={200} />
      <div className="zg-fields">
        <TextField of={of.at('postal_code')} label={t('address.postalCode')} maxLength={20} />
        <SwitchField of={of.at('is_default')} label={t('address.default')} />
      </div>
    </>
  )
}
