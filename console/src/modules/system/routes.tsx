import { SettingOutlined } from '@ant-design/icons'
import { defineModule, page } from '@/ui/shell/module'

export const module = defineModule({
  name: 'system',
  title: { 'zh-CN': '系统', en: 'System' },
  nav: {
    icon: <SettingOutlined />,
    order: 90,
    children: [
      { to: '/staff', label: { 'zh-CN': '员工', en: 'Staff' }, right: 'staff.read' },
      { to: '/roles', label: { 'zh-CN': '角色与权限', en: 'Roles and rights' }, right: 'staff.read' },
      { to: '/api-keys', label: { 'zh-CN': 'API 密钥', en: 'API keys' }, right: 'api_keys.write' },
      { to: '/audit', label: { 'zh-CN': '安全日志', en: 'Security log' }, right: 'audit.read' },
    ],
  },
  palette: [
    {
      to: '/account',
      title: { 'zh-CN': '我的账号', en: 'My account' },
      words: ['zhanghao', 'password', '2fa', '密码'],
    },
    { to: '/staff/new', title: { 'zh-CN': '添加员工', en: 'Add staff' }, right: 'staff.write' },
    { to: '/roles/new', title: { 'zh-CN': '新建角色', en: 'New role' }, right: 'roles.write' },
  ],
  routes: [
    page('/staff', () => import('./staff-list'), { right: 'staff.read' }),
    page('/staff/new', () => import('./staff-new'), { right: 'staff.write' }),
    page('/staff/$id', () => import('./staff'), { right: 'staff.read' }),
    page('/roles', () => import('./roles-list'), { right: 'staff.read' }),
    page('/roles/new', () => import('./role-new'), { right: 'roles.write' }),
    page('/roles/$id', () => import('./role'), { right: 'staff.read' }),
    page('/api-keys', () => import('./keys'), { right: 'api_keys.write' }),
    page('/audit', () => import('./audit'), { right: 'audit.read' }),
    page('/account', () => import('./account')),
  ],
})
