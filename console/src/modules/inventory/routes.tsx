import { InboxOutlined } from '@ant-design/icons'
import { defineModule } from '@/ui/shell/module'

export const module = defineModule({
  name: 'inventory',
  title: { 'zh-CN': '库存', en: 'Inventory' },
  nav: { icon: <InboxOutlined />, order: 40, children: [] },
  routes: [],
})
