import { TeamOutlined } from '@ant-design/icons'
import { defineModule, page } from '@/ui/shell/module'

export const module = defineModule({
  name: 'customers',
  title: { 'zh-CN': '客户', en: 'Customers' },
  nav: {
    icon: <TeamOutlined />,
    order: 50,
    children: [
      { to: '/customers', label: { 'zh-CN': '客户', en: 'Customers' }, right: 'customers.read' },
      { to: '/customers/duplicates', label: { 'zh-CN': '疑似重复', en: 'Duplicates' }, right: 'customers.read' },
    ],
  },
  palette: [
    {
      to: '/customers/new',
      title: { 'zh-CN': '添加客户', en: 'Add customer' },
      right: 'customers.write',
      words: ['kehu'],
    },
  ],
  finds: [{ kind: 'customer', title: { 'zh-CN': '客户', en: 'Customers' }, to: id => `/customers/${id}` }],
  routes: [
    page('/customers', () => import('./list'), { right: 'customers.read' }),
    page('/customers/duplicates', () => import('./all-duplicates'), { right: 'customers.read' }),
    page('/customers/new', () => import('./new'), { right: 'customers.write' }),
    page('/customers/$id', () => import('./detail'), { right: 'customers.read' }),
  ],
})
