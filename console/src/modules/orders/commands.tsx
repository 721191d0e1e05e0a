import { useLocale } from '@/i18n'
import { Action, AreaField, formatMoney, ReasonField } from '@/ui'
import { Pay, Refund } from './pay'
import { type Order, useCommands } from './queries'
import { Ship } from './ship'
import { useT } from './texts'

/** Reasons for calling an order off: stored as these words. */
export const REASONS = ['customer_request', 'out_of_stock', 'unpaid', 'mistake', 'fraud', 'other'] as const

const EMPTY = { reason: '', comment: '' }
const nothing = {}

/** The chosen reason; none chosen is the server's to refuse. */
export function reasonOf(text: string): (typeof REASONS)[number] {
  return REASONS.find(each => each === text) ?? 'other'
}

/** The one thing to do next: what the order waits for. */
export function Primary({ row }: { row: Order }) {
  const allowed = (name: string) => row.actions.some(action => action.name === name && action.allowed)
  if (allowed('confirm')) return <Confirm row={row} primary />
  if (row.state === 'placed' && allowed('pay')) return <Pay row={row} primary />
  if (allowed('ship')) return <Ship row={row} primary />
  if (row.totals.to_refund.amount > 0 && allowed('refund')) return <Refund row={row} primary />
  if (allowed('complete')) return <Complete row={row} primary />
  return null
}

function Confirm({ row, primary = false }: { row: Order; primary?: boolean }) {
  const t = useT()
  const { confirm } = useCommands(row)
  return (
    <Action
      of={row}
      name="confirm"
      label={t('action.confirm')}
      primary={primary}
      hotkey="c"
      initial={nothing}
      run={confirm}
      done={t('action.confirm.done')}
    />
  )
}

function Complete({ row, primary = false }: { row: Order; primary?: boolean }) {
  const t = useT()
  const { complete } = useCommands(row)
  return (
    <Action
      of={row}
      name="complete"
      label={t('action.complete')}
      primary={primary}
      title={t('action.complete.title', { number: row.number })}
      consequences={t('action.complete.help')}
      initial={nothing}
      run={complete}
      done={t('action.complete.done')}
    />
  )
}

/** Everything that can be done, greyed with the reason where it can't. */
export function Commands({ row }: { row: Order }) {
  const t = useT()
  const { unconfirm, lock, unlock, takeOver } = useCommands(row)
  return (
    <>
      <Confirm row={row} />
      <Pay row={row} />
      <Ship row={row} />
      <Refund row={row} />
      <Complete row={row} />
      <Action
        of={row}
        name="unconfirm"
        label={t('action.unconfirm')}
        title={t('action.unconfirm.title', { number: row.number })}
        consequences={t('action.unconfirm.help')}
        initial={nothing}
        run={unconfirm}
        done={t('action.unconfirm.done')}
      />
      <Action
        of={row}
        name="lock"
        label={t('action.lock')}
        hotkey="l"
        initial={nothing}
        run={lock}
        done={t('action.lock.done')}
      />
      <Action
        of={row}
        name="unlock"
        label={t('action.unlock')}
        initial={nothing}
        run={unlock}
        done={t('action.unlock.done')}
      />
      <Action
        of={row}
        name="take_over"
        label={t('action.take_over')}
        title={t('action.take_over.title', { name: row.lock?.name ?? '' })}
        consequences={t('action.take_over.help')}
        initial={{ reason: '' }}
        form={field => <ReasonField of={field.at('reason')} />}
        run={takeOver}
        done={t('action.take_over.done')}
      />
      <Cancel row={row} />
    </>
  )
}

/** Calls the order off and says in numbers what that undoes (M4.3). */
function Cancel({ row }: { row: Order }) {
  const t = useT()
  const locale = useLocale()
  const { cancel } = useCommands(row)
  const held = row.lines.reduce((sum, line) => sum + line.allocated, 0)
  // All that was kept is to be given back once nothing is due: the server's own sums.
  const kept = row.totals.paid.amount - row.totals.refunded.amount
  return (
    <Action
      of={row}
      name="cancel"
      label={t('action.cancel')}
      danger
      title={t('action.cancel.title', { number: row.number })}
      consequences={
        <ul>
          <li>{t('action.cancel.stock', { count: held })}</li>
          {kept > 0 ? (
            <li>
              {t('action.cancel.refund', {
                amount: formatMoney({ amount: kept, currency: row.totals.paid.currency }, locale),
              })}
            </li>
          ) : null}
          {row.contact.email ? <li>{t('action.cancel.mail')}</li> : null}
        </ul>
      }
      initial={EMPTY}
      form={field => (
        <>
          <ReasonField
            of={field.at('reason')}
            options={REASONS.map(value => ({ value, label: t(`reason.${value}`) }))}
          />
          <AreaField of={field.at('comment')} label={t('pay.note')} maxLength={500} />
        </>
      )}
      run={({ key, body }) =>
        cancel({ key, body: { reason: reasonOf(body.reason), ...(body.comment ? { comment: body.comment } : {}) } })
      }
      done={t('action.cancel.done')}
    />
  )
}
