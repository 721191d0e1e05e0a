import { useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useName } from '@/i18n'
import { type Column, Empty, Page, Quantity, ResourceTable } from '@/ui'
import { OnOff } from './on-off'
import { type PaymentMethod, paymentMethodKeys, paymentMethodsQuery } from './payment-queries'
import { spanText, usePaymentT } from './payment-texts'

/** Ways to pay, in the shopper's order (M4.10). */
export default function PaymentMethods() {
  const t = usePaymentT()
  const nameOf = useName()
  const client = useQueryClient()
  const columns = useMemo<readonly Column<PaymentMethod>[]>(
    () => [
      { id: 'name', title: t('name'), width: 220, cell: row => nameOf(row.name) },
      { id: 'kind', title: t('kind'), cell: row => <KindName kind={row.kind} /> },
      { id: 'state', title: t('state'), cell: row => <OnOff on={row.enabled} /> },
      {
        id: 'expires',
        title: t('expires'),
        cell: row =>
          row.expires_minutes ? (
            spanText(row.expires_minutes, t)
          ) : (
            <span className="zg-quiet">{t('expiresNever')}</span>
          ),
      },
      { id: 'code', title: t('code'), cell: row => <span className="zg-mono">{row.code}</span> },
      { id: 'position', title: t('position'), align: 'right', cell: row => <Quantity value={row.position} /> },
    ],
    [t, nameOf],
  )
  return (
    <Page title={t('methods')}>
      <ResourceTable
        name="payment-methods"
        columns={columns}
        queryKey={paymentMethodKeys.extra('table')}
        load={async () => {
          const data = await client.fetchQuery(paymentMethodsQuery)
          return { data, meta: { total: data.length } }
        }}
        rowId={row => row.id}
        link={linkOf}
        empty={<Empty title={t('methods.empty')} />}
      />
    </Page>
  )
}

const linkOf = (row: PaymentMethod) => `/payment-methods/${row.id}`

const KINDS = ['bank_transfer', 'cod'] as const

export function KindName({ kind }: { kind: string }) {
  const t = usePaymentT()
  const known = KINDS.find(each => each === kind)
  return <>{known ? t(`kind.${known}`) : kind}</>
}
