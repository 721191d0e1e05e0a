import { useQuery } from '@tanstack/react-query'
import { type Schemas, useMe } from '@/api'
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
import { methodsQuery, type Order, useCommands } from './queries'
import { useT } from './texts'

type Command = Schemas['RecordPayment']

type Written = {
  amount: MoneyValue | null
  on: string | null
  method: string | null
  reference: string
  note: string
}

/** A transfer or cash that came (M4.12). */
export function Pay({ row, primary = false }: { row: Order; primary?: boolean }) {
  const t = useT()
  const locale = useLocale()
  const zone = useMe().shop.time_zone
  const { pay } = useCommands(row)
  const initial: Written = {
    amount: row.totals.to_pay,
    on: shopDay(new Date(), zone),
    method: row.payment_method?.code ?? null,
    reference: '',
    note: '',
  }
  return (
    <Action
      of={row}
      name="pay"
      label={t('action.pay')}
      primary={primary}
      hotkey="p"
      title={t('action.pay.title', { number: row.number })}
      consequences={t('action.pay.due', { amount: formatMoney(row.totals.to_pay, locale) })}
      initial={initial}
      form={field => (
        <>
          <MoneyField of={field.at('amount')} label={t('pay.amount')} currency={row.currency} required />
          <DayField of={field.at('on')} label={t('pay.date')} required />
          <Method of={field.at('method')} />
          <TextField of={field.at('reference')} label={t('pay.reference')} help={t('pay.referenceHelp')} required />
          <AreaField of={field.at('note')} label={t('pay.note')} maxLength={500} />
        </>
      )}
      run={({ key, body }) => pay({ key, body: written(body, row) })}
      done={t('action.pay.done')}
    />
  )
}

/** Money given back by hand. */
export function Refund({ row, primary = false }: { row: Order; primary?: boolean }) {
  const t = useT()
  const locale = useLocale()
  const zone = useMe().shop.time_zone
  const { refund } = useCommands(row)
  const kept = { amount: row.totals.paid.amount - row.totals.refunded.amount, currency: row.currency }
  const initial: Written = {
    amount: row.totals.to_refund,
    on: shopDay(new Date(), zone),
    method: row.payment_method?.code ?? null,
    reference: '',
    note: '',
  }
  return (
    <Action
      of={row}
      name="refund"
      label={t('action.refund')}
      primary={primary}
      title={t('action.refund.title', { number: row.number })}
      consequences={t('action.refund.due', {
        amount: formatMoney(row.totals.to_refund, locale),
        kept: formatMoney(kept, locale),
      })}
      initial={initial}
      form={field => (
        <>
          <MoneyField of={field.at('amount')} label={t('pay.amount')} currency={row.currency} required />
          <DayField of={field.at('on')} label={t('pay.date')} required />
          <Method of={field.at('method')} />
          <TextField of={field.at('reference')} label={t('pay.reference')} help={t('pay.referenceHelp')} required />
          <AreaField of={field.at('note')} label={t('pay.note')} maxLength={500} />
        </>
      )}
      run={({ key, body }) => refund({ key, body: written(body, row) })}
      done={t('action.refund.done')}
    />
  )
}

/** Which way it came or went: the shop's methods, in the reader's language. */
function Method({ of }: { of: Field<string | null> }) {
  const t = useT()
  const locale = useLocale()
  const methods = useQuery(methodsQuery).data ?? []
  return (
    <SelectField
      of={of}
      label={t('pay.method')}
      options={methods.map(method => ({ value: method.code, label: method.name[locale] ?? method.code }))}
    />
  )
}

function written(body: Written, row: Order): Command {
  return {
    amount: body.amount ?? { amount: 0, currency: row.currency },
    reference: body.reference,
    ...(body.on ? { date: body.on } : {}),
    ...(body.method ? { method: body.method } : {}),
    ...(body.note ? { note: body.note } : {}),
  }
}
