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
  'staff.renew_recovery_codes': { 'zh-CN': '重新生成恢复码', en: 'Recovery codes renewed' },
  'staff.reset_password': { 'zh-CN': '重设密码', en: 'Password reset' },
  'staff.send_link': { 'zh-CN': '发送密码链接', en: 'Password link sent' },
  'staff.use_recovery_code': { 'zh-CN': '使用恢复码', en: 'Recovery code used' },
  'session.revoke_all': { 'zh-CN': '结束全部会话', en: 'All sessions ended' },
  'account.change_password': { 'zh-CN': '顾客修改密码', en: 'Shopper changed the password' },
  'account.confirm': { 'zh-CN': '顾客确认邮箱', en: 'Shopper confirmed the email' },
  'account.reset_password': { 'zh-CN': '顾客重设密码', en: 'Shopper reset the password' },
  'channel.currency': { 'zh-CN': '修改店铺币种', en: 'Currency changed' },
  'customer.add_address': { 'zh-CN': '添加客户地址', en: 'Customer address added' },
  'customer.change_address': { 'zh-CN': '修改客户地址', en: 'Customer address changed' },
  'customer.remove_address': { 'zh-CN': '移除客户地址', en: 'Customer address removed' },
  'customer.add_note': { 'zh-CN': '添加客户备注', en: 'Customer note added' },
  'customer.remove_note': { 'zh-CN': '移除客户备注', en: 'Customer note removed' },
  'customer.import': { 'zh-CN': '导入客户', en: 'Customers imported' },
  'order.cancel_lines': { 'zh-CN': '取消部分商品', en: 'Order lines cancelled' },
  'order.confirm_many': { 'zh-CN': '批量确认订单', en: 'Orders confirmed together' },
  'order.settings': { 'zh-CN': '修改订单设置', en: 'Order settings changed' },
  'payment.propose': { 'zh-CN': '提交收款复核', en: 'Payment put up for approval' },
  'payment.settings': { 'zh-CN': '修改收款设置', en: 'Payment settings changed' },
  'payment.upload_proof': { 'zh-CN': '上传收款凭证', en: 'Proof of payment uploaded' },
  'pick_list.take_off': { 'zh-CN': '订单移出备货单', en: 'Order taken off a pick list' },
  'shipment.create': { 'zh-CN': '打包发货', en: 'Parcel packed' },
  'shipment.deliver': { 'zh-CN': '包裹签收', en: 'Parcel delivered' },
  'shipment.hand_over': { 'zh-CN': '包裹交运', en: 'Parcel handed over' },
  'shipment.undo': { 'zh-CN': '撤销包裹', en: 'Parcel undone' },
  'job.end_lost': { 'zh-CN': '结束中断的任务', en: 'Interrupted job ended' },
  'mail.pause': { 'zh-CN': '暂缓邮件', en: 'Mails held back' },
  'mail.requeue': { 'zh-CN': '重新发送邮件', en: 'Mails sent again' },
  'mail.delete': { 'zh-CN': '删除邮件', en: 'Mails deleted' },
  'mail.settings': { 'zh-CN': '暂停或恢复邮件', en: 'Mail held or let go' },
  'task.retry': { 'zh-CN': '再次运行任务', en: 'Task run again' },
  'task.revoke': { 'zh-CN': '撤回任务', en: 'Task withdrawn' },
  'worker.pool': { 'zh-CN': '调整工作进程', en: 'Worker resized' },
  'worker.rate_limit': { 'zh-CN': '任务限速', en: 'Task limited' },
  'worker.shutdown': { 'zh-CN': '结束工作进程', en: 'Worker ended' },
  'schedule.run': { 'zh-CN': '立即运行定时任务', en: 'Scheduled task run' },
  'schedule.pause': { 'zh-CN': '暂停定时任务', en: 'Scheduled task paused' },
  'schedule.resume': { 'zh-CN': '恢复定时任务', en: 'Scheduled task resumed' },
  'view.share': { 'zh-CN': '共享列表视图', en: 'Saved view shared' },
  'view.withdraw': { 'zh-CN': '取消共享视图', en: 'Saved view no longer shared' },
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
  payment_entry: { 'zh-CN': '收付款', en: 'Payment' },
  shipment: { 'zh-CN': '包裹', en: 'Parcel' },
  shipping_method: { 'zh-CN': '运输方式', en: 'Shipping method' },
  staff: { 'zh-CN': '员工', en: 'Staff' },
  stock: { 'zh-CN': '库存', en: 'Stock' },
  tag: { 'zh-CN': '标签', en: 'Tag' },
  view: { 'zh-CN': '列表视图', en: 'Saved view' },
  mail: { 'zh-CN': '邮件', en: 'Mail' },
  task: { 'zh-CN': '后台任务', en: 'Background task' },
  worker: { 'zh-CN': '工作进程', en: 'Worker' },
  schedule: { 'zh-CN': '定时任务', en: 'Schedule' },
  zone: { 'zh-CN': '配送区域', en: 'Zone' },
}

const DEEDS: Readonly<Record<string, Label>> = {
  cancel: { 'zh-CN': '取消', en: 'cancelled' },
  resume: { 'zh-CN': '继续', en: 'resumed' },
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
  rename: { 'zh-CN': '改名', en: 'renamed' },
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

/** What was touched; one that is not known here keeps its code. */
export function entityWords(entity: string): Label {
  return THINGS[entity] ?? { 'zh-CN': entity, en: entity }
}

/** Where a thing of the log has a page. */
const PAGES: Readonly<Record<string, string>> = {
  carrier: '/carriers',
  customer: '/customers',
  job: '/jobs',
  order: '/orders',
  pick_list: '/pick-lists',
  product: '/products',
  role: '/roles',
  shipping_method: '/shipping-methods',
  staff: '/staff',
  zone: '/zones',
}

export function pageOf(entity: string, id: number): string | undefined {
  const page = PAGES[entity]
  return page && `${page}/${id}`
}

/** Refusals and what takes something away stand out. */
export function toneOf(action: string): Tone {
  if (action.endsWith('.refuse')) return 'bad'
  if (/\.(delete|revoke|revoke_all|erase|cancel|cancel_lines|undo|second_factor_off)$/.test(action)) return 'warn'
  return 'neutral'
}
