import { TagsOutlined } from '@ant-design/icons'
import { defineModule } from '@/ui/shell/module'

export const module = defineModule({
  name: 'catalog',
  title: { 'zh-CN': '商品', en: 'Products' },
  nav: { icon: <TagsOutlined />, order: 30, children: [] },
  routes: [],
})
