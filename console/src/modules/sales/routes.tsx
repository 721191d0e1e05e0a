import { PercentageOutlined } from '@ant-design/icons'
import { defineModule } from '@/ui/shell/module'

export const module = defineModule({
  name: 'sales',
  title: { 'zh-CN': '营销', en: 'Promotions' },
  nav: { icon: <PercentageOutlined />, order: 60, children: [] },
  routes: [],
})
