import { DashboardOutlined } from '@ant-design/icons'
import { defineModule } from '@/ui/shell/module'

export const module = defineModule({
  name: 'dashboard',
  title: { 'zh-CN': '主页', en: 'Home' },
  nav: { icon: <DashboardOutlined />, order: 10, children: [] },
  routes: [],
})
