import { isRecord } from '@/api/json'
import { type Locale, useLocale } from '@/i18n'
import { formatDay, formatMoney } from '@/ui'
import { useEntryT } from './entry-texts'
import type { Entry, Order } from './queries'
import { useReasonName } from './reasons'

type Data = Readonly<Record<string, unknown>>
type Tools = {
  t: ReturnType<typeof useEntryT>
  locale: Locale
  currency: string
  reasonOf: (code: string) => string
  methodOf: (code: string) => string
  /** An instant, short. */
  timeOf: (at: string) => string
}
/** What a line tells beside its kind; what is not there is left out. */
type Facts = (data: Data, tools: Tools) => readonly (string | undefined)[]

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)
const count = (value: unknown) => (typeof value === 'number' && value > 0 ? value : undefined)

/** An amount with its currency, or minor units of the order's. */
function money(value: unknown, { locale, currency }: Tools): string | undefined {
  if (typeof value === 'number') return value === 0 ? undefined : formatMoney({ amount: value, currency }, locale)
  if (!isRecord(value) || typeof value['amount'] !== 'number' || typeof value['currency'] !== 'string') return undefined
  return formatMoney({ amount: value['amount'], currency: value['currency'] }, locale)
}

const nothing: Facts = () => []
const number: Facts = data => [text(data['number'])]

const pieces = (data: Data, { t }: Tools) => {
  const n = count(data['pieces'])
  return n === undefined ? undefined : t('pieces', { count: n })
}

const toRefund = (data: Data, tools: Tools) => {
  const amount = money(data['to_refund'], tools)
  return amount === undefined ? undefined : tools.t('toRefund', { amount })
}

const why = (data: Data, { reasonOf }: Tools) => {
  const code = text(data['reason'])
  return code === undefined ? undefined : reasonOf(code)
}

const lock: Facts = (data, { t, timeOf }) => {
  const from = text(data['from'])
  const until = text(data['until'])
  return [
    from === undefined ? undefined : t('from', { name: from }),
    until === undefined ? undefined : t('until', { at: timeOf(until) }),
  ]
}

const payment: Facts = (data, tools) => {
  const method = text(data['method'])
  const day = text(data['date'])
  return [
    money(data['amount'], tools),
    method === undefined ? undefined : tools.methodOf(method),
    text(data['reference']),
    day === undefined ? undefined : formatDay(day, tools.locale),
  ]
}

/** Every kind of line that is written into an order's timeline, and what each tells. */
export const ENTRIES = {
  placed: (data, tools) => [money(data['total'], tools), pieces(data, tools)],
  moved_in: (data, { t, locale }) => {
    const day = text(data['placed_on'])
    return [day === undefined ? undefined : t('placedOn', { day: formatDay(day, locale) })]
  },
  confirmed: (data, { t }) => {
    const n = count(data['together_with'])
    return [n === undefined ? undefined : t('together', { count: n })]
  },
  unconfirmed: nothing,
  cancelled: (data, tools) => [why(data, tools), toRefund(data, tools)],
  lines_cancelled: (data, tools) => {
    const lines = Array.isArray(data['lines']) ? data['lines'].filter(isRecord) : []
    const said = lines.flatMap(line => {
      const sku = text(line['sku'])
      return sku === undefined ? [] : [`${sku} × ${count(line['quantity']) ?? 0}`]
    })
    return [...said, why(data, tools), toRefund(data, tools)]
  },
  completed: nothing,
  locked: lock,
  unlocked: nothing,
  taken_over: lock,
  note: nothing,
  comment: nothing,
  paid: payment,
  refunded: payment,
  payment_proposed: payment,
  payment_rejected: payment,
  picking: (data, tools) => [text(data['number']), pieces(data, tools)],
  picking_stopped: number,
  picked: (data, { t }) => {
    const short = count(data['short'])
    return [
      text(data['number']),
      t('picked.count', { count: count(data['picked']) ?? 0 }),
      short === undefined ? undefined : t('short', { count: short }),
    ]
  },
  short_pick: (data, { t }) => [
    text(data['number']),
    text(data['sku']),
    t('short', { count: count(data['pieces']) ?? 0 }),
  ],
  shipped: (data, tools) => [text(data['number']), text(data['tracking_number']), pieces(data, tools)],
  shipment_undone: number,
  handed_over: number,
  delivered: number,
  tracking_changed: (data, { t }) => [text(data['number']), text(data['tracking_number']) ?? t('noTracking')],
} as const satisfies Readonly<Record<string, Facts>>

type Kind = keyof typeof ENTRIES

export function isKind(kind: string): kind is Kind {
  return Object.hasOwn(ENTRIES, kind)
}

/** A line of the timeline in words; a kind from elsewhere stays as it was written. */
export function useEntryText(
  row: Pick<Order, 'currency'>,
  methodOf: (code: string) => string,
  timeOf: (at: string) => string,
): (entry: Pick<Entry, 'kind' | 'data'>) => string {
  const t = useEntryT()
  const locale = useLocale()
  const reasonOf = useReasonName()
  return ({ kind, data }) => {
    if (!isKind(kind)) return kind
    const tools = { t, locale, currency: row.currency, reasonOf, methodOf, timeOf }
    const facts: Facts = ENTRIES[kind]
    const told = facts(isRecord(data) ? data : {}, tools).filter(each => each !== undefined)
    return [t(kind), ...told].join(' · ')
  }
}
