import { useQuery } from '@tanstack/react-query'
import { App } from 'antd'
import { newKey, Problem, type Schemas, useMay, useMe } from '@/api'
import { useLocale } from '@/i18n'
import {
  Action,
  AreaField,
  DayField,
  type Field,
  formatMoney,
  MoneyField,
  type MoneyValue,
  SelectField,
  shopDay,
  TextField,
} from '@/ui'
import { useMethods } from './methods'
import { ProofField } from './proof'
import { ledgerQuery, type Order, paymentSettingsQuery, useCommands } from './queries'
import { useT } from './texts'

type Command = Schemas['RecordPayment']

type Written = {
  amount: MoneyValue | null
  date: string | null
  method: string | null
  reference: string
  proof_id: Schemas['PaymentProof'] | null
  note: string
}

function useBlank(row: Order, amount: MoneyValue): Written {
  const zone = useMe().shop.time_zone
  return {
    // Nothing due: how much is for them to say.
    amount: amount.amount > 0 ? amount : null,
    date: shopDay(new Date(), zone),
    method: row.payment_method?.code ?? null,
    reference: '',
    proof_id: null,
    note: '',
  }
}

/** A transfer or cash that came; large amounts go to a colleague for a second look (M4.12). */
export function Pay({ row, primary = false }: { row: Order; primary?: boolean }) {
  const t = useT()
  const locale = useLocale()
  const may = useMay()
  const { message } = App.useApp()
  const { pay, propose } = useCommands(row)
  const initial = useBlank(row, row.totals.to_pay)
  const second = useQuery({ ...paymentSettingsQuery, enabled: may('payments.read') }).data?.second_person_from
  return (
    <Action
      of={row}
      name="pay"
      label={t('action.pay')}
      primary={primary}
      hotkey="p"
      title={t('action.pay.title', { number: row.number })}
      consequences={
        <>
          <span>{t('action.pay.due', { amount: formatMoney(row.totals.to_pay, locale) })}</span>
          {second ? <span>{t('action.pay.second', { amount: formatMoney(second, locale) })}</span> : null}
        </>
      }
      initial={initial}
      form={field => <Fields of={field} row={row} day={t('pay.date')} />}
      run={async ({ key, body }) => {
        const command = written(body, row)
        try {
          await pay({ key, body: command })
          void message.success(t('action.pay.done'))
        } catch (error) {
          if (!(error instanceof Problem) || error.code !== 'payment_second_person') throw error
          await propose({ key: newKey(), body: command })
          void message.success(t('action.pay.proposed'), 6)
        }
      }}
    />
  )
}

/** Money given back by hand. */
export function Refund({ row, primary = false }: { row: Order; primary?: boolean }) {
  const t = useT()
  const locale = useLocale()
  const may = useMay()
  const { refund } = useCommands(row)
  const initial = useBlank(row, row.totals.to_refund)
  const kept = useQuery({ ...ledgerQuery(row.id), enabled: may('payments.read') }).data?.kept
  return (
    <Action
      of={row}
      name="refund"
      label={t('action.refund')}
      primary={primary}
      title={t('action.refund.title', { number: row.number })}
      consequences={
        <>
          {row.totals.to_refund.amount > 0 || !kept ? (
            <span>{t('action.refund.due', { amount: formatMoney(row.totals.to_refund, locale) })}</span>
          ) : null}
          {kept ? <span>{t('action.refund.kept', { amount: formatMoney(kept, locale) })}</span> : null}
        </>
      }
      initial={initial}
      form={field => <Fields of={field} row={row} day={t('pay.refundDate')} />}
      run={({ key, body }) => refund({ key, body: written(body, row) })}
      done={t('action.refund.done')}
    />
  )
}

/** How much, when, which way, and what the bank calls it. */
function Fields({ of, row, day }: { of: Field<Written>; row: Order; day: string }) {
  const t = useT()
  const may = useMay()
  const methods = useMethods()
  return (
    <>
      <TextField
        of={of.at('reference')}
        label={t('pay.reference')}
        help={t('pay.referenceHelp')}
        required
        maxLength={100}
      />
      <div className="zg-fields">
        <MoneyField of={of.at('amount')} label={t('pay.amount')} currency={row.currency} required />
        <DayField of={of.at('date')} label={day} required />
      </div>
      <SelectField of={of.at('method')} label={t('pay.method')} options={methods} />
      {may('payments.record') ? <ProofField of={of.at('proof_id')} /> : null}
      <AreaField of={of.at('note')} label={t('pay.note')} rows={2} maxLength={1000} />
    </>
  )
}

function written(body: Written, row: Order): Command {
  return {
    amount: body.amount ?? { amount: 0, currency: row.currency },
    reference: body.reference,
    ...(body.date ? { date: body.date } : {}),
    ...(body.method ? { method: body.method } : {}),
    ...(body.proof_id ? { proof_id: body.proof_id.id } : {}),
    ...(body.note ? { note: body.note } : {}),
  }
}
