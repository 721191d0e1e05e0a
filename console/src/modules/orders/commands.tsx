import { useQuery } from '@tanstack/react-query'
import { useMay } from '@/api'
import { useLocale } from '@/i18n'
import { Action, formatMoney, ReasonField } from '@/ui'
import { Pay, Refund } from './pay'
import { ledgerQuery, type Order, useCommands } from './queries'
import { UNSAID, useWhy, WhyFields } from './reasons'
import { Ship } from './ship'
import { useT } from './texts'

const nothing = {}

const NEXT = { confirm: Confirm, pay: Pay, ship: Ship, refund: Refund, complete: Complete } as const

/** The one thing to do next: what the order waits for. */
function nextOf(row: Order): keyof typeof NEXT | undefined {
  const allowed = (name: string) => row.actions.some(action => action.name === name && action.allowed)
  if (allowed('confirm')) return 'confirm'
  if (row.state === 'placed' && allowed('pay')) return 'pay'
  if (allowed('ship')) return 'ship'
  if (row.totals.to_refund.amount > 0 && allowed('refund')) return 'refund'
  if (allowed('complete')) return 'complete'
  return row.totals.to_pay.amount > 0 && allowed('pay') ? 'pay' : undefined
}

export function Primary({ row }: { row: Order }) {
  const next = nextOf(row)
  if (!next) return null
  const Next = NEXT[next]
  return <Next row={row} primary />
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

/** Everything else: the steps of an order greyed with the reason where they can't be done, the rest where it can. */
export function Commands({ row }: { row: Order }) {
  const t = useT()
  const { unconfirm, lock, unlock, takeOver } = useCommands(row)
  const next = nextOf(row)
  const allowed = (name: string) => row.actions.some(action => action.name === name && action.allowed)
  return (
    <>
      {next === 'confirm' ? null : <Confirm row={row} />}
      {next === 'pay' ? null : <Pay row={row} />}
      {next === 'ship' ? null : <Ship row={row} />}
      {next === 'refund' ? null : <Refund row={row} />}
      {next === 'complete' ? null : <Complete row={row} />}
      {allowed('unconfirm') ? (
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
      ) : null}
      {allowed('lock') ? (
        <Action
          of={row}
          name="lock"
          label={t('action.lock')}
          hotkey="l"
          initial={nothing}
          run={lock}
          done={t('action.lock.done')}
        />
      ) : null}
      {allowed('unlock') ? (
        <Action
          of={row}
          name="unlock"
          label={t('action.unlock')}
          initial={nothing}
          run={unlock}
          done={t('action.unlock.done')}
        />
      ) : null}
      {allowed('take_over') ? (
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
      ) : null}
      <Cancel row={row} />
    </>
  )
}

/** Calls the order off and says in numbers what that undoes (M4.3). */
function Cancel({ row }: { row: Order }) {
  const t = useT()
  const locale = useLocale()
  const may = useMay()
  const said = useWhy()
  const { cancel } = useCommands(row)
  const held = row.lines.reduce((sum, line) => sum + line.allocated, 0)
  // Nothing is due of a cancelled order: all that was kept is to be given back.
  const kept = useQuery({ ...ledgerQuery(row.id), enabled: may('payments.read') }).data?.kept
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
          {kept && kept.amount > 0 ? <li>{t('action.cancel.refund', { amount: formatMoney(kept, locale) })}</li> : null}
          {row.contact.email ? <li>{t('action.cancel.mail')}</li> : null}
        </ul>
      }
      initial={UNSAID}
      form={field => <WhyFields reason={field.at('reason')} comment={field.at('comment')} />}
      run={async ({ key, body }) => {
        await cancel({ key, body: said(body) })
      }}
      done={t('action.cancel.done')}
    />
  )
}
