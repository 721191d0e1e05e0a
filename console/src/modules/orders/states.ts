import type { Schemas } from '@/api'
import type { StateLook } from '@/ui'

type Row = Schemas['OrderRow']

/** How each state looks; a new one does not compile until it has a look. */
export const ORDER_STATES = {
  draft: { tone: 'neutral', label: { 'zh-CN': '草稿', en: 'Draft' } },
  placed: { tone: 'warn', label: { 'zh-CN': '已下单', en: 'Placed' } },
  confirmed: { tone: 'busy', label: { 'zh-CN': '已确认', en: 'Confirmed' } },
  completed: { tone: 'good', label: { 'zh-CN': '已完成', en: 'Completed' } },
  cancelled: { tone: 'neutral', label: { 'zh-CN': '已取消', en: 'Cancelled' } },
} as const satisfies Record<Row['state'], StateLook>

export const PAYMENT_STATES = {
  unpaid: { tone: 'warn', label: { 'zh-CN': '未付款', en: 'Unpaid' } },
  authorized: { tone: 'busy', label: { 'zh-CN': '已授权', en: 'Authorised' } },
  partial: { tone: 'warn', label: { 'zh-CN': '部分付款', en: 'Partly paid' } },
  paid: { tone: 'good', label: { 'zh-CN': '已付款', en: 'Paid' } },
  overpaid: { tone: 'bad', label: { 'zh-CN': '多付', en: 'Overpaid' } },
  part_refunded: { tone: 'neutral', label: { 'zh-CN': '部分退款', en: 'Partly refunded' } },
  refunded: { tone: 'neutral', label: { 'zh-CN': '已退款', en: 'Refunded' } },
} as const satisfies Record<Row['payment'], StateLook>

export const FULFILMENT_STATES = {
  none: { tone: 'neutral', label: { 'zh-CN': '未占库存', en: 'Nothing held' } },
  allocated: { tone: 'warn', label: { 'zh-CN': '待备货', en: 'Stock held' } },
  picking: { tone: 'busy', label: { 'zh-CN': '备货中', en: 'Picking' } },
  partial: { tone: 'busy', label: { 'zh-CN': '部分发货', en: 'Partly shipped' } },
  shipped: { tone: 'good', label: { 'zh-CN': '已发货', en: 'Shipped' } },
  delivered: { tone: 'good', label: { 'zh-CN': '已签收', en: 'Delivered' } },
  backordered: { tone: 'bad', label: { 'zh-CN': '缺货', en: 'Backordered' } },
} as const satisfies Record<Row['fulfilment'], StateLook>

/** The queues of work, as the server defines them. */
export const QUEUES = ['to_confirm', 'to_pay', 'to_pick', 'to_ship', 'to_refund', 'overdue'] as const

/** Where a payment is that a second person has to look at. */
export const PROPOSALS = ['waiting', 'approved', 'rejected'] as const

export const PROPOSAL_STATES: Readonly<Record<(typeof PROPOSALS)[number], StateLook>> = {
  waiting: { tone: 'warn', label: { 'zh-CN': '待复核', en: 'Waiting' } },
  approved: { tone: 'good', label: { 'zh-CN': '已批准', en: 'Approved' } },
  rejected: { tone: 'bad', label: { 'zh-CN': '已驳回', en: 'Rejected' } },
}
