import type { Label } from '@/i18n'

/** What each proof is called and what it shows. */
export const PROOFS: Readonly<Record<string, { readonly name: Label; readonly what: Label }>> = {
  stock: {
    name: { 'zh-CN': '库存', en: 'Stock' },
    what: {
      'zh-CN': '库存明细逐行累加，等于每个 SKU 在每个仓库的现有数、占用数和安全库存。',
      en: 'The ledger, added up line by line, is what lies on hand, reserved and held of every SKU in every warehouse.',
    },
  },
  orders: {
    name: { 'zh-CN': '订单', en: 'Orders' },
    what: {
      'zh-CN': '每张订单的行、运费、税费之和等于总额，折扣不超过原价。',
      en: 'Lines, shipping and tax of every order add up to its total, and no discount is larger than its base.',
    },
  },
  payments: {
    name: { 'zh-CN': '收付款', en: 'Payments' },
    what: {
      'zh-CN': '收付款流水累加，等于每张订单的已付、已退和付款状态。',
      en: 'The payment ledger adds up to what every order says is paid and refunded.',
    },
  },
  shipments: {
    name: { 'zh-CN': '发货', en: 'Shipments' },
    what: {
      'zh-CN': '包裹明细累加，等于订单行的已发数量。',
      en: 'What parcels hold adds up to what order lines say was shipped.',
    },
  },
  'security log': {
    name: { 'zh-CN': '安全日志', en: 'Security log' },
    what: {
      'zh-CN': '每一行的摘要都接着上一行，没有被改动、插入或删除。',
      en: 'Every line’s digest follows from the one before: none was changed, put in or taken out.',
    },
  },
}
