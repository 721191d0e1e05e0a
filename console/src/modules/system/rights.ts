import type { Label } from '@/i18n'

/** What a right is about. A right without an entry shows its own name. */
const RESOURCES: Readonly<Record<string, Label>> = {
  orders: { 'zh-CN': '订单', en: 'Orders' },
  payments: { 'zh-CN': '收款与退款', en: 'Payments and refunds' },
  refunds: { 'zh-CN': '退款', en: 'Refunds' },
  payment_methods: { 'zh-CN': '支付方式', en: 'Payment methods' },
  fulfilment: { 'zh-CN': '备货与发货', en: 'Fulfilment' },
  picking: { 'zh-CN': '备货', en: 'Picking' },
  pick_lists: { 'zh-CN': '备货单', en: 'Pick lists' },
  shipments: { 'zh-CN': '包裹', en: 'Parcels' },
  catalog: { 'zh-CN': '商品与分类', en: 'Catalogue' },
  products: { 'zh-CN': '商品', en: 'Products' },
  categories: { 'zh-CN': '分类', en: 'Categories' },
  stock: { 'zh-CN': '库存', en: 'Stock' },
  customers: { 'zh-CN': '客户', en: 'Customers' },
  dashboard: { 'zh-CN': '主页', en: 'Dashboard' },
  reports: { 'zh-CN': '报表', en: 'Reports' },
  imports: { 'zh-CN': '数据导入', en: 'Imports' },
  jobs: { 'zh-CN': '后台任务', en: 'Background jobs' },
  shipping: { 'zh-CN': '物流与运费', en: 'Shipping' },
  staff: { 'zh-CN': '员工', en: 'Staff' },
  roles: { 'zh-CN': '角色', en: 'Roles' },
  api_keys: { 'zh-CN': 'API 密钥', en: 'API keys' },
  audit: { 'zh-CN': '安全日志', en: 'Security log' },
  proofs: { 'zh-CN': '账目核对', en: 'Proofs' },
  events: { 'zh-CN': '事件', en: 'Events' },
  tasks: { 'zh-CN': '任务队列', en: 'Task queue' },
  mails: { 'zh-CN': '邮件', en: 'Mail' },
  queue: { 'zh-CN': '后台工作', en: 'Behind the scenes' },
  views: { 'zh-CN': '列表视图', en: 'Saved views' },
  settings: { 'zh-CN': '设置', en: 'Settings' },
}

const ACTIONS: Readonly<Record<string, Label>> = {
  read: { 'zh-CN': '查看', en: 'View' },
  write: { 'zh-CN': '修改', en: 'Change' },
  confirm: { 'zh-CN': '确认', en: 'Confirm' },
  cancel: { 'zh-CN': '取消', en: 'Cancel' },
  unlock: { 'zh-CN': '接管锁定', en: 'Take over locks' },
  record: { 'zh-CN': '登记收款', en: 'Record payments' },
  refund: { 'zh-CN': '退款', en: 'Refund' },
  ship: { 'zh-CN': '发货', en: 'Ship' },
  pick: { 'zh-CN': '拣货', en: 'Pick' },
  merge: { 'zh-CN': '合并', en: 'Merge' },
  erase: { 'zh-CN': '抹除个人信息', en: 'Erase personal data' },
  export: { 'zh-CN': '导出', en: 'Export' },
  run: { 'zh-CN': '运行', en: 'Run' },
  share: { 'zh-CN': '共享', en: 'Share' },
}

export type Right = { readonly name: string; readonly action: string }
export type RightGroup = { readonly resource: string; readonly rights: readonly Right[] }

const ORDER = Object.keys(RESOURCES)
const FIRST = ['read', 'write']

/** Rights by what they are about: viewing first, then changing, then the rest. */
export function groupsOf(names: readonly string[]): readonly RightGroup[] {
  const groups = new Map<string, Right[]>()
  for (const name of names) {
    const dot = name.indexOf('.')
    const resource = dot < 0 ? name : name.slice(0, dot)
    groups.set(resource, [...(groups.get(resource) ?? []), { name, action: name.slice(dot + 1) }])
  }
  const place = (list: readonly string[], name: string) => (list.includes(name) ? list.indexOf(name) : list.length)
  return [...groups]
    .map(([resource, rights]) => ({
      resource,
      rights: rights.toSorted(
        (a, b) => place(FIRST, a.action) - place(FIRST, b.action) || a.action.localeCompare(b.action),
      ),
    }))
    .toSorted((a, b) => place(ORDER, a.resource) - place(ORDER, b.resource) || a.resource.localeCompare(b.resource))
}

const same = (name: string): Label => ({ 'zh-CN': name, en: name })

export const resourceLabel = (resource: string): Label => RESOURCES[resource] ?? same(resource)
export const actionLabel = (action: string): Label => ACTIONS[action] ?? same(action)
