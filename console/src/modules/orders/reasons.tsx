import { Problem, type Schemas } from '@/api'
import { AreaField, type Field, ReasonField } from '@/ui'
import { useT } from './texts'

type Reason = Schemas['CancelReason']

/** Why an order is called off; `expired` is the shop's own. */
const REASONS = ['customer_request', 'out_of_stock', 'unpaid', 'mistake', 'fraud', 'other', 'expired'] as const

/** As the dialog holds it: nothing is chosen for anybody. */
export type Why = { readonly reason: string; readonly comment: string }
export const UNSAID: Why = { reason: '', comment: '' }

/** The fields that ask why. */
export function WhyFields({ reason, comment }: { reason: Field<string>; comment: Field<string> }) {
  const t = useT()
  const options = REASONS.filter(each => each !== 'expired').map(value => ({ value, label: t(`reason.${value}`) }))
  return (
    <>
      <ReasonField of={reason} options={options} />
      <AreaField of={comment} label={t('pay.note')} maxLength={500} />
    </>
  )
}

/** What was answered, as the API takes it. */
export function useWhy(): (why: Why) => { reason: Reason; comment?: string } {
  const t = useT()
  return ({ reason, comment }) => {
    const chosen = REASONS.find(each => each === reason)
    if (!chosen) {
      throw new Problem(422, { errors: [{ pointer: '/reason', code: 'required', detail: t('reason.needed') }] })
    }
    return { reason: chosen, ...(comment ? { comment } : {}) }
  }
}

/** A stored reason in words; one from elsewhere stays as it was written. */
export function useReasonName(): (code: string) => string {
  const t = useT()
  return code => {
    const known = REASONS.find(each => each === code)
    return known ? t(`reason.${known}`) : code
  }
}
