import type { Page } from '@/api/page'
import { Problem } from '@/api/problem'
import type { StateLook } from '@/ui/values'

export type OrderState = 'placed' | 'confirmed' | 'completed' | 'cancelled'
export const STATES = {
  placed: { tone: 'warn', label: { 'zh-CN': '待确认', en: 'To confirm' } },
  confirmed: { tone: 'busy', label: { 'zh-CN': '已确认', en: 'Confirmed' } },
  completed: { tone: 'good', label: { 'zh-CN': '已完成', en: 'Completed' } },
  cancelled: { tone: 'neutral', label: { 'zh-CN': '已取消', en: 'Cancelled' } },
} satisfies Record<OrderState, StateLook>

export type Row = {
  id: number
  number: string
  customer: string
  state: OrderState
  items: number
  total: { amount: number; currency: string }
  placed_at: string
}

const NAMES = ['李雷', '韩梅梅', '欧阳若兰', 'Ada Lovelace', '王芳', '陈晓东', 'Jean-Luc Picard', '赵敏'] as const
const ORDER = ['placed', 'confirmed', 'completed', 'completed', 'cancelled'] as const

const ALL: readonly Row[] = Array.from({ length: 12_345 }, (_, at) => ({
  id: 13_345 - at,
  number: `ZG-${13_345 - at}`,
  customer: NAMES[at % NAMES.length] ?? '',
  state: ORDER[(at * 7) % ORDER.length] ?? 'placed',
  items: 1 + ((at * 5) % 9),
  total: { amount: 1990 + ((at * 7919) % 400_000), currency: 'CNY' },
  placed_at: new Date(Date.now() - at * 47 * 60_000 - 120_000).toISOString(),
}))

type Query = { cursor?: string; limit: number; q?: string; sort?: string; state?: string }

export async function load(query: Query): Promise<Page<Row>> {
  await new Promise(done => setTimeout(done, 60))
  const states = query.state?.split(',')
  const found = ALL.filter(
    row =>
      (!states || states.includes(row.state)) &&
      (!query.q || row.number.includes(query.q) || row.customer.includes(query.q)),
  )
  const sorted =
    query.sort === 'total' || query.sort === '-total'
      ? [...found].sort((a, b) => (a.total.amount - b.total.amount) * (query.sort === 'total' ? 1 : -1))
      : found
  const from = Number(query.cursor ?? 0)
  const next = from + query.limit
  return {
    data: sorted.slice(from, next),
    meta: { next_cursor: next < sorted.length ? String(next) : null, total: sorted.length },
  }
}

export function find(id: number): Row {
  const row = ALL.find(each => each.id === id) ?? ALL[0]
  if (!row) throw new Problem(404, { code: 'order_not_found' })
  return row
}
