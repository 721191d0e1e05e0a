import { BarChartOutlined } from '@ant-design/icons'
import { defineModule } from '@/ui/shell/module'

export const module = defineModule({
  name: 'reports',
  title: { 'zh-CN': '报表', en: 'Reports' },
  nav: { icon: <BarChartOutlined />, order: 80, children: [] },
  routes: [],
})
