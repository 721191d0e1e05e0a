import { AppstoreOutlined } from '@ant-design/icons'
import { defineModule, page } from '@/ui/shell/module'

export const module = defineModule({
  name: 'catalog',
  title: { 'zh-CN': '商品', en: 'Products' },
  nav: {
    icon: <AppstoreOutlined />,
    order: 30,
    right: 'catalog.read',
    children: [
      { to: '/products', label: { 'zh-CN': '商品', en: 'Products' } },
      { to: '/categories', label: { 'zh-CN': '分类', en: 'Categories' } },
    ],
  },
  palette: [
    {
      to: '/products/new',
      title: { 'zh-CN': '添加商品', en: 'Add product' },
      words: ['tianjia'],
      right: 'products.write',
    },
  ],
  finds: [{ kind: 'product', title: { 'zh-CN': '商品', en: 'Products' }, to: id => `/products/${id}` }],
  routes: [
    page('/products', () => import('./list'), { right: 'catalog.read' }),
    page('/products/new', () => import('./product-new'), { right: 'products.write' }),
    page('/products/$id', () => import('./product'), { right: 'catalog.read' }),
    page('/categories', () => import('./categories'), { right: 'catalog.read' }),
  ],
})
