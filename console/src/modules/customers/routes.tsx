import { TeamOutlined } from '@ant-design/icons'
import { defineModule } from '@/ui/shell/module'

export const module = defineModule({
  name: 'customers',
  title: { 'zh-CN': '客户', en: 'Customers' },
  nav: { icon: <TeamOutlined />, order: 50, children: [] },
  routes: [],
})
