import './orders.css'
import { useMemo } from 'react'
import { api, unwrap } from '@/api'
import { useName } from '@/i18n'
import {
  type Column,
  Day,
  Empty,
  enumFilter,
  type ListQuery,
  Money,
  None,
  Page,
  Person,
  ResourceTable,
  StateBadge,
  Time,
} from '@/ui'
import { Decide } from './decide'
import { ProofLink } from './proof'
import { type Proposal, proposalKeys } from './queries'
import { PROPOSAL_STATES, PROPOSALS } from './states'
import { useT } from './texts'

/** Large payments that one person proposed and another has to look at (M4.12). */
export default function Proposals() {
  const t = useT()
  const nameOf = useName()
  const columns = useMemo<readonly Column<Proposal>[]>(
    () => [
      {
        id: 'order',
        title: t('number'),
        width: 168,
        cell: row => <span className="zg-num">{row.order_number}</span>,
      },
      { id: 'state', title: t('state'), cell: row => <StateBadge state={row.state} of={PROPOSAL_STATES} /> },
      { id: 'amount', title: t('pay.amount'), align: 'right', cell: row => <Money value={row.amount} /> },
      { id: 'method', title: t('method'), cell: row => nameOf(row.method_name) || row.method },
      {
        id: 'reference',
        title: t('money.reference'),
        cell: row => (
          <>
            <span className="zg-num">{row.reference}</span> <ProofLink of="payment-proposals" row={row} />
          </>
        ),
      },
      { id: 'date', title: t('pay.date'), cell: row => <Day day={row.date} /> },
      {
        id: 'by',
        title: t('proposal.by'),
        cell: row => <Person name={row.proposed_by} note={<Time at={row.proposed_at} />} />,
      },
      {
        id: 'decided',
        title: t('proposal.decidedBy'),
        cell: row =>
          row.decided_by ? <Person name={row.decided_by} note={<Time at={row.decided_at} />} /> : <Decide row={row} />,
      },
      {
        id: 'note',
        title: t('pay.note'),
        cell: row => {
          const said = row.reason ?? row.note
          return said ? (
            <span className="zg-clip zg-quiet" title={said}>
              {said}
            </span>
          ) : (
            <None />
          )
        },
      },
    ],
    [t, nameOf],
  )
  const filters = useMemo(
    () => [
      enumFilter(
        'state',
        t('state'),
        PROPOSALS.map(value => ({ value, label: t(`proposal.${value}`) })),
        true,
      ),
    ],
    [t],
  )
  const views = useMemo(() => PROPOSALS.map(state => ({ name: t(`proposal.${state}`), search: { state } })), [t])
  return (
    <Page title={t('proposals')}>
      <ResourceTable<Proposal, 'state'>
        name="payment-proposals"
        columns={columns}
        filters={filters}
        queryKey={proposalKeys.lists}
        load={load}
        rowId={row => row.id}
        link={linkOf}
        views={views}
        live="payments.read"
        empty={<Empty title={t('proposals.empty')}>{t('proposals.emptyHelp')}</Empty>}
      />
    </Page>
  )
}

const linkOf = (row: Proposal) => `/orders/${row.order_id}`

function load({ state, cursor, limit }: ListQuery<'state'>, signal: AbortSignal) {
  const known = PROPOSALS.find(each => each === state)
  const query = { limit, ...(cursor ? { cursor } : {}), ...(known ? { state: known } : {}) }
  return unwrap(api.GET('/api/v1/admin/payment-proposals', { params: { query }, signal }))
}
