import { ShoppingOutlined } from '@ant-design/icons'
import { defineModule, page } from '@/ui/shell/module'

export const module = defineModule({
  name: 'orders',
  title: { 'zh-CN': '订单', en: 'Orders' },
  nav: {
    icon: <ShoppingOutlined />,
    order: 20,
    children: [
      { to: '/orders', label: { 'zh-CN': '订单', en: 'Orders' }, right: 'orders.read', badge: 'orders_to_confirm' },
      { to: '/payments', label: { 'zh-CN': '收款记录', en: 'Payments' }, right: 'payments.read' },
      { to: '/payment-proposals', label: { 'zh-CN': '收款复核', en: 'Payment approvals' }, right: 'payments.read' },
    ],
  },
  palette: [
    { to: '/orders', title: { 'zh-CN': '全部订单', en: 'All orders' }, right: 'orders.read', words: ['dingdan'] },
    {
      to: '/orders?queue=to_confirm',
      title: { 'zh-CN': '待确认订单', en: 'Orders to confirm' },
      right: 'orders.read',
      words: ['queren'],
    },
    {
      to: '/payment-proposals?state=waiting',
      title: { 'zh-CN': '待复核收款', en: 'Payments to approve' },
      right: 'payments.read',
      words: ['fuhe', 'pizhun'],
    },
    {
      to: '/payments?kind=refund',
      title: { 'zh-CN': '退款记录', en: 'Refunds' },
      right: 'payments.read',
      words: ['tuikuan', 'shoukuan'],
    },
  ],
  finds: [{ kind: 'order', title: { 'zh-CN': '订单', en: 'Orders' }, to: id => `/orders/${id}` }],
  routes: [
    page('/orders', () => import('./list'), { right: 'orders.read' }),
    page('/orders/$id', () => import('./detail'), { right: 'orders.read' }),
    page('/payments', () => import('./payments'), { right: 'payments.read' }),
    page('/payment-proposals', () => import('./proposals'), { right: 'payments.read' }),
  ],
})
