import { DashboardOutlined } from '@ant-design/icons'
import { defineModule, page } from '@/ui/shell/module'

export const module = defineModule({
  name: 'dashboard',
  title: { 'zh-CN': '主页', en: 'Home' },
  nav: {
    icon: <DashboardOutlined />,
    order: 10,
    children: [{ to: '/dashboard', label: { 'zh-CN': '主页', en: 'Home' } }],
  },
  routes: [page('/dashboard', () => import('./home'))],
})
