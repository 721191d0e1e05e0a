import type { Schemas } from '@/api/session'
import type { StateLook } from './values'

/** How each state of a parcel looks, wherever it stands; a new one does not compile until it has a look. */
export const PARCEL_STATES = {
  packed: { tone: 'warn', label: { 'zh-CN': '已打包', en: 'Packed' } },
  handed_over: { tone: 'busy', label: { 'zh-CN': '运输中', en: 'On its way' } },
  delivered: { tone: 'good', label: { 'zh-CN': '已签收', en: 'Delivered' } },
  undone: { tone: 'neutral', label: { 'zh-CN': '已撤销', en: 'Undone' } },
} as const satisfies Record<Schemas['ShipmentState'], StateLook>

/** How the states of an order look, wherever they stand; a new one does not compile until it has a look. */
export const ORDER_STATES = {
  draft: { tone: 'neutral', label: { 'zh-CN': '草稿', en: 'Draft' } },
  placed: { tone: 'warn', label: { 'zh-CN': '已下单', en: 'Placed' } },
  confirmed: { tone: 'busy', label: { 'zh-CN': '已确认', en: 'Confirmed' } },
  completed: { tone: 'good', label: { 'zh-CN': '已完成', en: 'Completed' } },
  cancelled: { tone: 'neutral', label: { 'zh-CN': '已取消', en: 'Cancelled' } },
} as const satisfies Record<Schemas['State'], StateLook>

export const PAYMENT_STATES = {
  unpaid: { tone: 'warn', label: { 'zh-CN': '未付款', en: 'Unpaid' } },
  authorized: { tone: 'busy', label: { 'zh-CN': '已授权', en: 'Authorised' } },
  partial: { tone: 'warn', label: { 'zh-CN': '部分付款', en: 'Partly paid' } },
  paid: { tone: 'good', label: { 'zh-CN': '已付款', en: 'Paid' } },
  overpaid: { tone: 'bad', label: { 'zh-CN': '多付', en: 'Overpaid' } },
  part_refunded: { tone: 'neutral', label: { 'zh-CN': '部分退款', en: 'Partly refunded' } },
  refunded: { tone: 'neutral', label: { 'zh-CN': '已退款', en: 'Refunded' } },
} as const satisfies Record<Schemas['Payment'], StateLook>

export const FULFILMENT_STATES = {
  none: { tone: 'neutral', label: { 'zh-CN': '未占库存', en: 'Nothing held' } },
  allocated: { tone: 'warn', label: { 'zh-CN': '待备货', en: 'Stock held' } },
  picking: { tone: 'busy', label: { 'zh-CN': '备货中', en: 'Picking' } },
  partial: { tone: 'busy', label: { 'zh-CN': '部分发货', en: 'Partly shipped' } },
  shipped: { tone: 'good', label: { 'zh-CN': '已发货', en: 'Shipped' } },
  delivered: { tone: 'good', label: { 'zh-CN': '已签收', en: 'Delivered' } },
  backordered: { tone: 'bad', label: { 'zh-CN': '缺货', en: 'Backordered' } },
} as const satisfies Record<Schemas['Fulfilment'], StateLook>
