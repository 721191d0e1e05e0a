import { AppstoreOutlined, InboxOutlined, ShoppingOutlined, TeamOutlined } from '@ant-design/icons'
import { defineModule, type ModuleDef, page } from '@/ui/shell/module'

/** The parts of the kit on pages with made-up rows; only in `npm run dev:mock`. */
const orders = defineModule({
  name: 'orders',
  title: { 'zh-CN': '订单', en: 'Orders' },
  nav: {
    icon: <ShoppingOutlined />,
    order: 20,
    children: [
      { to: '/orders', label: { 'zh-CN': '全部订单', en: 'All orders' }, badge: 'orders_to_confirm' },
      { to: '/picking', label: { 'zh-CN': '拣货', en: 'Picking' }, badge: 'orders_to_pick' },
    ],
  },
  routes: [
    page('/orders', () => import('./list')),
    page('/orders/$id', () => import('./detail')),
    page('/picking', () => import('./parts')),
  ],
  finds: [{ kind: 'order', title: { 'zh-CN': '订单', en: 'Orders' }, to: id => `/orders/${id}` }],
})
const catalog = defineModule({
  name: 'catalog',
  title: { 'zh-CN': '商品', en: 'Products' },
  nav: {
    icon: <AppstoreOutlined />,
    order: 30,
    children: [{ to: '/products', label: { 'zh-CN': '商品', en: 'Products' } }],
  },
  routes: [page('/products', () => import('./form'))],
})
const inventory = defineModule({
  name: 'inventory',
  title: { 'zh-CN': '库存', en: 'Inventory' },
  nav: {
    icon: <InboxOutlined />,
    order: 40,
    children: [{ to: '/stock', label: { 'zh-CN': '库存', en: 'Stock' }, badge: 'low_stock' }],
  },
  routes: [page('/stock', () => import('./parts'))],
})
const customers = defineModule({
  name: 'customers',
  title: { 'zh-CN': '客户', en: 'Customers' },
  nav: {
    icon: <TeamOutlined />,
    order: 50,
    children: [{ to: '/customers', label: { 'zh-CN': '客户', en: 'Customers' } }],
  },
  routes: [page('/customers', () => import('./empty'))],
})

export const modules: readonly ModuleDef[] = [orders, catalog, inventory, customers]
export const moduleRoutes = [...orders.routes, ...catalog.routes, ...inventory.routes, ...customers.routes] as const
