import { ReadOutlined } from '@ant-design/icons'
import { defineModule } from '@/ui/shell/module'

export const module = defineModule({
  name: 'content',
  title: { 'zh-CN': '内容', en: 'Content' },
  nav: { icon: <ReadOutlined />, order: 70, children: [] },
  routes: [],
})
