import { ShoppingOutlined } from '@ant-design/icons'
import { defineModule } from '@/ui/shell/module'

export const module = defineModule({
  name: 'orders',
  title: { 'zh-CN': '订单', en: 'Orders' },
  nav: { icon: <ShoppingOutlined />, order: 20, children: [] },
  routes: [],
})
