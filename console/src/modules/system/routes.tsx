import { SettingOutlined } from '@ant-design/icons'
import { defineModule } from '@/ui/shell/module'

export const module = defineModule({
  name: 'system',
  title: { 'zh-CN': '系统', en: 'System' },
  nav: { icon: <SettingOutlined />, order: 90, children: [] },
  routes: [],
})
