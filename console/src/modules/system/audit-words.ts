import type { Label } from '@/i18n'
import type { Tone } from '@/ui'

const WHOLE: Readonly<Record<string, Label>> = {
  'session.open': { 'zh-CN': '登录', en: 'Signed in' },
  'session.close': { 'zh-CN': '退出登录', en: 'Signed out' },
  'session.refuse': { 'zh-CN': '登录被拒', en: 'Sign-in refused' },
  'session.revoke': { 'zh-CN': '结束会话', en: 'Session ended' },
  'staff.change_self': { 'zh-CN': '修改本人资料', en: 'Own account changed' },
  'staff.change_password': { 'zh-CN': '修改本人密码', en: 'Own password changed' },
  'staff.second_factor_on': { 'zh-CN': '启用两步验证', en: 'Second factor on' },
  'staff.second_factor_off': { 'zh-CN': '关闭两步验证', en: 'Second factor off' },
  'stock.settings': { 'zh-CN': '修改库存设置', en: 'Stock settings changed' },
  'stock.adjust': { 'zh-CN': '调整库存', en: 'Stock adjusted' },
  'api_key.revoke': { 'zh-CN': '吊销 API 密钥', en: 'API key revoked' },
  'product.add_picture': { 'zh-CN': '添加商品图片', en: 'Picture added' },
  'product.change_picture': { 'zh-CN': '修改商品图片', en: 'Picture changed' },
  'product.remove_picture': { 'zh-CN': '移除商品图片', en: 'Picture removed' },
}

const THINGS: Readonly<Record<string, Label>> = {
  account: { 'zh-CN': '顾客账号', en: 'Shopper account' },
  api_key: { 'zh-CN': 'API 密钥', en: 'API key' },
  carrier: { 'zh-CN': '运输公司', en: 'Carrier' },
  category: { 'zh-CN': '分类', en: 'Category' },
  customer: { 'zh-CN': '客户', en: 'Customer' },
  import: { 'zh-CN': '导入', en: 'Import' },
  job: { 'zh-CN': '任务', en: 'Job' },
  order: { 'zh-CN': '订单', en: 'Order' },
  payment: { 'zh-CN': '收付款', en: 'Payment' },
  payment_method: { 'zh-CN': '支付方式', en: 'Payment method' },
  pick_list: { 'zh-CN': '备货单', en: 'Pick list' },
  product: { 'zh-CN': '商品', en: 'Product' },
  role: { 'zh-CN': '角色', en: 'Role' },
  session: { 'zh-CN': '会话', en: 'Session' },
  shipment: { 'zh-CN': '发货单', en: 'Shipment' },
  shipping_method: { 'zh-CN': '运输方式', en: 'Shipping method' },
  staff: { 'zh-CN': '员工', en: 'Staff' },
  stock: { 'zh-CN': '库存', en: 'Stock' },
  zone: { 'zh-CN': '配送区域', en: 'Zone' },
}

const DEEDS: Readonly<Record<string, Label>> = {
  cancel: { 'zh-CN': '取消', en: 'cancelled' },
  change: { 'zh-CN': '修改', en: 'changed' },
  complete: { 'zh-CN': '完成', en: 'completed' },
  confirm: { 'zh-CN': '确认', en: 'confirmed' },
  create: { 'zh-CN': '新建', en: 'created' },
  delete: { 'zh-CN': '删除', en: 'deleted' },
  erase: { 'zh-CN': '抹除', en: 'erased' },
  finish: { 'zh-CN': '结束', en: 'finished' },
  lock: { 'zh-CN': '锁定', en: 'locked' },
  merge: { 'zh-CN': '合并', en: 'merged' },
  move: { 'zh-CN': '移动', en: 'moved' },
  place: { 'zh-CN': '提交', en: 'placed' },
  publish: { 'zh-CN': '上架', en: 'published' },
  record: { 'zh-CN': '登记', en: 'recorded' },
  refund: { 'zh-CN': '退款', en: 'refunded' },
  revoke: { 'zh-CN': '撤销', en: 'revoked' },
  ship: { 'zh-CN': '发货', en: 'shipped' },
  sign_in: { 'zh-CN': '登录', en: 'signed in' },
  start: { 'zh-CN': '开始', en: 'started' },
  take_over: { 'zh-CN': '接管', en: 'taken over' },
  unconfirm: { 'zh-CN': '取消确认', en: 'unconfirmed' },
  unlock: { 'zh-CN': '解锁', en: 'unlocked' },
  unpublish: { 'zh-CN': '下架', en: 'unpublished' },
  upload: { 'zh-CN': '上传文件', en: 'file uploaded' },
}

/** What an action of the log is called; one that is not known here keeps its code. */
export function actionWords(action: string): Label {
  const whole = WHOLE[action]
  if (whole) return whole
  const [thing = '', deed = ''] = action.split('.')
  const noun = THINGS[thing]
  const verb = DEEDS[deed]
  if (!noun || !verb) return { 'zh-CN': action, en: action }
  return { 'zh-CN': `${verb['zh-CN']}${noun['zh-CN']}`, en: `${noun.en} ${verb.en}` }
}

/** Refusals and what takes something away stand out. */
export function toneOf(action: string): Tone {
  if (action.endsWith('.refuse')) return 'bad'
  if (/\.(delete|revoke|erase|cancel|second_factor_off)$/.test(action)) return 'warn'
  return 'neutral'
}
