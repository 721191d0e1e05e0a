import type { Label } from '@/i18n'
import type { Option, Tone } from '@/ui'

type Look = { readonly tone: Tone; readonly label: Label }

/** What a line of the ledger did. */
export const KINDS: Readonly<Record<string, Look>> = {
  reserve: { tone: 'busy', label: { 'zh-CN': '占用', en: 'Reserved' } },
  release: { tone: 'neutral', label: { 'zh-CN': '释放', en: 'Released' } },
  ship: { tone: 'good', label: { 'zh-CN': '出库', en: 'Shipped' } },
  unship: { tone: 'warn', label: { 'zh-CN': '撤回出库', en: 'Parcel undone' } },
  adjust: { tone: 'neutral', label: { 'zh-CN': '调整', en: 'Adjusted' } },
  count: { tone: 'neutral', label: { 'zh-CN': '盘点', en: 'Counted' } },
  import: { tone: 'neutral', label: { 'zh-CN': '导入', en: 'Imported' } },
  hold: { tone: 'neutral', label: { 'zh-CN': '安全库存', en: 'Held' } },
}

export const CAUSES: Readonly<Record<string, Label>> = {
  order: { 'zh-CN': '订单', en: 'Order' },
  shipment: { 'zh-CN': '包裹', en: 'Parcel' },
  adjustment: { 'zh-CN': '人工调整', en: 'Adjustment' },
  import: { 'zh-CN': '导入', en: 'Import' },
  settings: { 'zh-CN': '库存设置', en: 'Settings' },
}

export const ACTORS: Readonly<Record<string, Label>> = {
  staff: { 'zh-CN': '员工', en: 'Staff' },
  api_key: { 'zh-CN': 'API 密钥', en: 'API key' },
  shopper: { 'zh-CN': '会员', en: 'Member' },
  guest: { 'zh-CN': '游客', en: 'Guest' },
  system: { 'zh-CN': '系统', en: 'System' },
}

/** Why stock is adjusted: the code goes to the ledger. */
export const REASONS: Readonly<Record<string, Label>> = {
  count: { 'zh-CN': '盘点', en: 'Stock count' },
  received: { 'zh-CN': '到货', en: 'Goods received' },
  found: { 'zh-CN': '找到', en: 'Found' },
  damaged: { 'zh-CN': '损坏', en: 'Damaged' },
  lost: { 'zh-CN': '丢失', en: 'Lost' },
  sample: { 'zh-CN': '领用或样品', en: 'Own use or samples' },
  correction: { 'zh-CN': '更正', en: 'Correction' },
}

export function optionsOf(
  of: Readonly<Record<string, Label | Look>>,
  say: (label: Label) => string,
): readonly Option[] {
  return Object.entries(of).map(([value, each]) => ({ value, label: say('label' in each ? each.label : each) }))
}
