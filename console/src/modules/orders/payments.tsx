import './orders.css'
import { useMemo } from 'react'
import { api, type paths, unwrap } from '@/api'
import { useName } from '@/i18n'
import {
  type Column,
  dateFilter,
  Empty,
  enumFilter,
  type ListQuery,
  Money,
  Page,
  Person,
  ResourceTable,
  Time,
  textFilter,
} from '@/ui'
import { useMethods } from './methods'
import { PAYMENT_KINDS, usePaymentKind } from './payment-kinds'
import { ProofLink } from './proof'
import { type Payment, paymentKeys } from './queries'
import { useT } from './texts'

type Param = 'from' | 'to' | 'method' | 'kind' | 'order' | 'reference'
type Asked = NonNullable<paths['/api/v1/admin/payments']['get']['parameters']['query']>

/** Every line of the payment ledger, newest first (M4.11). */
export default function Payments() {
  const t = useT()
  const nameOf = useName()
  const methods = useMethods()
  const kindOf = usePaymentKind()
  const columns = useMemo<readonly Column<Payment>[]>(
    () => [
      {
        id: 'order',
        title: t('number'),
        width: 168,
        cell: row => (
          <span className="zg-num">
            {row.order_number}
            <span className="zg-phone">
              <Money value={row.amount} signed />
            </span>
          </span>
        ),
      },
      { id: 'at', title: t('money.when'), cell: row => <Time at={row.at} /> },
      { id: 'kind', title: t('money.kind'), cell: row => kindOf(row.kind) },
      { id: 'method', title: t('method'), cell: row => nameOf(row.method_name) || row.method },
      {
        id: 'reference',
        title: t('money.reference'),
        cell: row => (
          <>
            <span className="zg-num">{row.reference}</span> <ProofLink of="payments" row={row} />
            {row.note ? (
              <div className="zg-quiet zg-clip" title={row.note}>
                {row.note}
              </div>
            ) : null}
          </>
        ),
      },
      { id: 'who', title: t('money.who'), cell: row => <Person name={row.actor_name} /> },
      { id: 'recorded', title: t('money.recorded'), cell: row => <Time at={row.recorded_at} />, extra: true },
      {
        id: 'amount',
        title: t('pay.amount'),
        align: 'right',
        cell: row => <Money value={row.amount} signed />,
        wide: true,
      },
    ],
    [t, nameOf, kindOf],
  )
  const filters = useMemo(
    () =>
      [
        dateFilter('from', 'to', t('money.day')),
        enumFilter('method', t('method'), methods, true),
        enumFilter(
          'kind',
          t('money.kind'),
          PAYMENT_KINDS.map(value => ({ value, label: t(`kind.${value}`) })),
          true,
        ),
        textFilter('order', t('number')),
        textFilter('reference', t('money.reference')),
      ] as const,
    [t, methods],
  )
  const views = useMemo(() => [{ name: t('payments.refunds'), search: { kind: 'refund' } }], [t])
  return (
    <Page title={t('payments')}>
      <ResourceTable<Payment, Param>
        name="payments"
        columns={columns}
        filters={filters}
        queryKey={paymentKeys.lists}
        load={load}
        rowId={row => row.id}
        link={linkOf}
        views={views}
        live="payments.read"
        exportHref={(_, query) => `/api/v1/admin/payments.csv?${query}`}
        empty={<Empty title={t('payments.empty')}>{t('payments.emptyHelp')}</Empty>}
      />
    </Page>
  )
}

const linkOf = (row: Payment) => `/orders/${row.order_id}`

function load({ sort: _, q: __, kind, ...rest }: ListQuery<Param>, signal: AbortSignal) {
  const known = PAYMENT_KINDS.find(each => each === kind)
  const query: Asked = { ...rest, ...(known ? { kind: known } : {}) }
  return unwrap(api.GET('/api/v1/admin/payments', { params: { query }, signal }))
}
