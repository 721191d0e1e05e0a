import { useMay } from '@/api'
import { useLocale } from '@/i18n'
import { Action, formatDay, formatMoney, ReasonField } from '@/ui'
import { useMethodName } from './methods'
import { type Proposal, useProposalCommands } from './queries'
import { useT } from './texts'

/** Approves or rejects what a colleague proposed; the server knows who may not (M4.12). */
export function Decide({ row }: { row: Proposal }) {
  const t = useT()
  const locale = useLocale()
  const may = useMay()
  const methodOf = useMethodName()
  const { approve, reject } = useProposalCommands(row.id)
  if (row.state !== 'waiting' || !may('payments.record')) return null
  return (
    <span className="zg-row" style={{ flexWrap: 'nowrap' }}>
      <Action
        name={`approve.${row.id}`}
        label={t('proposal.approve')}
        size="small"
        primary
        title={t('proposal.approve.title', { number: row.order_number })}
        consequences={
          <ul>
            <li>{t('proposal.approve.help', { amount: formatMoney(row.amount, locale) })}</li>
            <li>
              {methodOf(row.method)} · {row.reference} · {formatDay(row.date, locale)}
            </li>
            <li>{t('proposal.approve.by', { name: row.proposed_by })}</li>
          </ul>
        }
        initial={{}}
        run={approve}
        done={t('proposal.approve.done')}
      />
      <Action
        name={`reject.${row.id}`}
        label={t('proposal.reject')}
        size="small"
        title={t('proposal.reject.title', { number: row.order_number })}
        consequences={t('proposal.reject.help', { name: row.proposed_by })}
        initial={{ reason: '' }}
        form={field => <ReasonField of={field.at('reason')} />}
        run={reject}
        done={t('proposal.reject.done')}
      />
    </span>
  )
}
