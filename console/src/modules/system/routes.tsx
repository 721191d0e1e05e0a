import { SettingOutlined } from '@ant-design/icons'
import { defineModule, page } from '@/ui/shell/module'

export const module = defineModule({
  name: 'system',
  title: { 'zh-CN': '系统', en: 'System' },
  nav: {
    icon: <SettingOutlined />,
    order: 90,
    children: [
      { to: '/imports', label: { 'zh-CN': '数据导入', en: 'Imports' }, right: 'jobs.read' },
      { to: '/staff', label: { 'zh-CN': '员工', en: 'Staff' }, right: 'staff.read' },
      { to: '/roles', label: { 'zh-CN': '角色与权限', en: 'Roles and rights' }, right: 'staff.read' },
      { to: '/api-keys', label: { 'zh-CN': 'API 密钥', en: 'API keys' }, right: 'api_keys.write' },
      { to: '/shipping-methods', label: { 'zh-CN': '运输方式', en: 'Shipping methods' }, right: 'shipping.read' },
      { to: '/zones', label: { 'zh-CN': '配送区域', en: 'Zones' }, right: 'shipping.read' },
      { to: '/carriers', label: { 'zh-CN': '运输公司', en: 'Carriers' }, right: 'shipping.read' },
      { to: '/audit', label: { 'zh-CN': '安全日志', en: 'Security log' }, right: 'audit.read' },
    ],
  },
  palette: [
    {
      to: '/account',
      title: { 'zh-CN': '我的账号', en: 'My account' },
      words: ['zhanghao', 'password', '2fa', '密码'],
    },
    {
      to: '/imports/new',
      title: { 'zh-CN': '导入文件', en: 'Import a file' },
      words: ['daoru', 'csv', 'excel', 'xlsx'],
      right: 'imports.write',
    },
    { to: '/staff/new', title: { 'zh-CN': '添加员工', en: 'Add staff' }, right: 'staff.write' },
    { to: '/roles/new', title: { 'zh-CN': '新建角色', en: 'New role' }, right: 'roles.write' },
  ],
  routes: [
    page('/imports', () => import('./imports'), { right: 'jobs.read' }),
    page('/imports/new', () => import('./import'), { right: 'imports.write' }),
    page('/jobs/$id', () => import('./job'), { right: 'jobs.read' }),
    page('/staff', () => import('./staff-list'), { right: 'staff.read' }),
    page('/staff/new', () => import('./staff-new'), { right: 'staff.write' }),
    page('/staff/$id', () => import('./staff'), { right: 'staff.read' }),
    page('/roles', () => import('./roles-list'), { right: 'staff.read' }),
    page('/roles/new', () => import('./role-new'), { right: 'roles.write' }),
    page('/roles/$id', () => import('./role'), { right: 'staff.read' }),
    page('/shipping-methods', () => import('./methods'), { right: 'shipping.read' }),
    page('/shipping-methods/new', () => import('./method-new'), { right: 'shipping.write' }),
    page('/shipping-methods/$id', () => import('./method'), { right: 'shipping.read' }),
    page('/zones', () => import('./zones'), { right: 'shipping.read' }),
    page('/zones/new', () => import('./zone-new'), { right: 'shipping.write' }),
    page('/zones/$id', () => import('./zone'), { right: 'shipping.read' }),
    page('/carriers', () => import('./carriers'), { right: 'shipping.read' }),
    page('/carriers/new', () => import('./carrier-new'), { right: 'shipping.write' }),
    page('/carriers/$id', () => import('./carrier'), { right: 'shipping.read' }),
    page('/api-keys', () => import('./keys'), { right: 'api_keys.write' }),
    page('/audit', () => import('./audit'), { right: 'audit.read' }),
    page('/account', () => import('./account')),
  ],
})
