import { useMay, useMe } from '@/api'
import { useLocale, useName } from '@/i18n'
import { Action, formatDay, formatMoney, ReasonField } from '@/ui'
import { ProofLink } from './proof'
import { type Proposal, useProposalCommands } from './queries'
import { useT } from './texts'

/** Approves or rejects what was proposed; the server says who may and why not (M4.12). */
export function Decide({ row }: { row: Proposal }) {
  const t = useT()
  const locale = useLocale()
  const nameOf = useName()
  const may = useMay()
  const own = row.proposed_by_id === useMe().staff.id
  const { approve, reject } = useProposalCommands(row.id)
  if (row.state !== 'waiting' || !may('payments.record')) return null
  // Several rows stand on one page: each action has a name of its own.
  const named = { actions: row.actions.map(action => ({ ...action, name: `${action.name}.${row.id}` })) }
  return (
    <span className="zg-row" style={{ flexWrap: 'nowrap' }}>
      <Action
        of={named}
        name={`approve.${row.id}`}
        label={t('proposal.approve')}
        size="small"
        primary
        title={t('proposal.approve.title', { number: row.order_number })}
        consequences={
          <ul>
            <li>{t('proposal.approve.help', { amount: formatMoney(row.amount, locale) })}</li>
            <li>
              {nameOf(row.method_name) || row.method} · {row.reference} · {formatDay(row.date, locale)}
            </li>
            <li>
              {t('proposal.approve.by', { name: row.proposed_by })} <ProofLink of="payment-proposals" row={row} />
            </li>
          </ul>
        }
        initial={{}}
        run={approve}
        done={t('proposal.approve.done')}
      />
      <Action
        of={named}
        name={`reject.${row.id}`}
        label={own ? t('proposal.withdraw') : t('proposal.reject')}
        size="small"
        title={t(own ? 'proposal.withdraw.title' : 'proposal.reject.title', { number: row.order_number })}
        consequences={own ? t('proposal.withdraw.help') : t('proposal.reject.help', { name: row.proposed_by })}
        initial={{ reason: '' }}
        form={field => <ReasonField of={field.at('reason')} />}
        run={reject}
        done={own ? t('proposal.withdraw.done') : t('proposal.reject.done')}
      />
    </span>
  )
}
