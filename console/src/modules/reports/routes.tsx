import { BarChartOutlined } from '@ant-design/icons'
import { defineModule, page } from '@/ui/shell/module'

export const module = defineModule({
  name: 'reports',
  title: { 'zh-CN': '报表', en: 'Reports' },
  nav: {
    icon: <BarChartOutlined />,
    order: 80,
    children: [{ to: '/reports/orders', label: { 'zh-CN': '订单汇总', en: 'Order summary' }, right: 'reports.read' }],
  },
  palette: [
    {
      to: '/reports/orders',
      title: { 'zh-CN': '订单汇总', en: 'Order summary' },
      right: 'reports.read',
      words: ['baobiao', 'report'],
    },
  ],
  routes: [page('/reports/orders', () => import('./orders'), { right: 'reports.read' })],
})
