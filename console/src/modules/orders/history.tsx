import { newKey } from '@/api'
import { useLocale } from '@/i18n'
import { formatMoney, type MoneyValue, Timeline } from '@/ui'
import { type Order, useCommands } from './queries'
import { useT } from './texts'

const KINDS = [
  'placed',
  'confirmed',
  'unconfirmed',
  'cancelled',
  'lines_cancelled',
  'completed',
  'locked',
  'unlocked',
  'taken_over',
  'note',
  'comment',
  'moved_in',
  'expired',
  'payment',
  'paid',
  'refunded',
  'picked',
  'picking',
  'shipped',
  'unshipped',
  'handed_over',
  'delivered',
] as const

/** Who did what when, and what colleagues noted. */
export function History({ row }: { row: Order }) {
  const t = useT()
  const locale = useLocale()
  const { comment } = useCommands(row)
  const may = row.actions.some(action => action.name === 'comment' && action.allowed)
  const text = (kind: string) => {
    const known = KINDS.find(each => each === kind)
    return known ? t(`entry.${known}`) : kind
  }
  const items = row.timeline.data.map(entry => ({
    id: entry.id,
    at: entry.at,
    who: entry.actor_kind === 'system' ? null : entry.actor_name,
    text: [text(entry.kind), ...said(entry.data, locale)].join(' · '),
    note: entry.comment,
  }))
  return may ? <Timeline items={items} comment={words => comment(words, newKey())} /> : <Timeline items={items} />
}

/** What a line tells beside its kind, as far as a person reads it. */
function said(data: unknown, locale: 'zh-CN' | 'en'): string[] {
  if (typeof data !== 'object' || data === null) return []
  return Object.values(data).flatMap(value => {
    if (isMoney(value)) return [formatMoney(value, locale)]
    return typeof value === 'string' && value.length < 80 ? [value] : []
  })
}

function isMoney(value: unknown): value is MoneyValue {
  return (
    typeof value === 'object' &&
    value !== null &&
    'amount' in value &&
    'currency' in value &&
    typeof value.amount === 'number' &&
    typeof value.currency === 'string'
  )
}
