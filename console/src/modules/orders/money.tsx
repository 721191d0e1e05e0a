import { useQuery } from '@tanstack/react-query'
import { useMay } from '@/api'
import { useName } from '@/i18n'
import { Card, Day, Money, Person, PlainTable, ProblemView, Time, useLiveRefresh } from '@/ui'
import { Decide } from './decide'
import { usePaymentKind } from './payment-kinds'
import { ProofLink } from './proof'
import { ledgerQuery, type Order, orderKeys, type Payment, type Proposal, waitingQuery } from './queries'
import { useT } from './texts'

/** The payment ledger of the order, line by line, under what waits for a second look (M4.11). */
export function Ledger({ row }: { row: Order }) {
  const t = useT()
  const may = useMay()
  const allowed = may('payments.read')
  const ledger = useQuery({ ...ledgerQuery(row.id), enabled: allowed })
  const waiting = useQuery({ ...waitingQuery(row.id), enabled: allowed }).data?.data ?? []
  useLiveRefresh(
    'payments.read',
    orderKeys.detail(row.id),
    event => event.kind === 'payment.proposal' || event.entity_id === row.id,
  )
  if (!allowed) return null
  const entries = ledger.data?.entries ?? []
  return (
    <Card title={t('money')}>
      {ledger.isError ? <ProblemView error={ledger.error} retry={() => void ledger.refetch()} /> : null}
      {waiting.map(one => (
        <Waiting key={one.id} row={one} />
      ))}
      {entries.length > 0 ? (
        <Entries of={entries} />
      ) : ledger.data && waiting.length === 0 ? (
        <span className="zg-quiet">{t('money.none')}</span>
      ) : null}
    </Card>
  )
}

/** A payment that is proposed and not recorded yet. */
function Waiting({ row }: { row: Proposal }) {
  const t = useT()
  const nameOf = useName()
  return (
    <div className="zg-waiting" role="status">
      <div>
        <strong>{t('proposal.waits')}</strong> <Money value={row.amount} />
        <div className="zg-quiet">
          {nameOf(row.method_name) || row.method} · <span className="zg-num">{row.reference}</span> ·{' '}
          <Day day={row.date} /> · {t('proposal.from', { name: row.proposed_by })}{' '}
          <ProofLink of="payment-proposals" row={row} />
        </div>
        {row.note ? <div>{row.note}</div> : null}
      </div>
      <Decide row={row} />
    </div>
  )
}

function Entries({ of }: { of: readonly Payment[] }) {
  const t = useT()
  const nameOf = useName()
  const kindOf = usePaymentKind()
  return (
    <PlainTable label={t('money')} stack>
      <thead>
        <tr>
          <th scope="col">{t('money.when')}</th>
          <th scope="col">{t('money.kind')}</th>
          <th scope="col">{t('method')}</th>
          <th scope="col">{t('money.reference')}</th>
          <th scope="col">{t('money.who')}</th>
          <th scope="col" data-align="right">
            {t('pay.amount')}
          </th>
        </tr>
      </thead>
      <tbody>
        {of.map(entry => (
          <tr key={entry.id}>
            <td>
              <Time at={entry.at} />
            </td>
            <td data-label={t('money.kind')}>{kindOf(entry.kind)}</td>
            <td data-label={t('method')}>{nameOf(entry.method_name) || entry.method}</td>
            <td className="zg-num" data-label={t('money.reference')}>
              {entry.reference} <ProofLink of="payments" row={entry} />
              {entry.note ? <div className="zg-quiet">{entry.note}</div> : null}
            </td>
            <td data-label={t('money.who')}>
              <Person name={entry.actor_name} />
            </td>
            <td data-align="right" data-label={t('pay.amount')}>
              <Money value={entry.amount} signed />
            </td>
          </tr>
        ))}
      </tbody>
    </PlainTable>
  )
}
