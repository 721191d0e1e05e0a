import { InboxOutlined } from '@ant-design/icons'
import { defineModule, page } from '@/ui/shell/module'

export const module = defineModule({
  name: 'inventory',
  title: { 'zh-CN': '库存', en: 'Inventory' },
  nav: {
    icon: <InboxOutlined />,
    order: 40,
    right: 'stock.read',
    children: [
      { to: '/stock', label: { 'zh-CN': '库存', en: 'Stock' }, badge: 'low_stock' },
      { to: '/stock/count', label: { 'zh-CN': '调整与盘点', en: 'Adjust and count' }, right: 'stock.write' },
      { to: '/stock/ledger', label: { 'zh-CN': '库存明细', en: 'Stock ledger' } },
      {
        to: '/pick-lists',
        label: { 'zh-CN': '备货单', en: 'Pick lists' },
        right: 'fulfilment.read',
        badge: 'orders_to_pick',
      },
      {
        to: '/shipments',
        label: { 'zh-CN': '包裹', en: 'Parcels' },
        right: 'fulfilment.read',
        badge: 'orders_to_ship',
      },
    ],
  },
  palette: [
    {
      to: '/stock?level=low',
      title: { 'zh-CN': '库存偏低', en: 'Low stock' },
      words: ['kucun', 'low'],
      right: 'stock.read',
    },
    {
      to: '/stock?level=out',
      title: { 'zh-CN': '缺货', en: 'Out of stock' },
      words: ['quehuo'],
      right: 'stock.read',
    },
  ],
  routes: [
    page('/stock', () => import('./stock-list'), { right: 'stock.read' }),
    page('/stock/count', () => import('./count'), { right: 'stock.write' }),
    page('/stock/ledger', () => import('./entries'), { right: 'stock.read' }),
    page('/pick-lists', () => import('./fulfilment/pick-lists'), { right: 'fulfilment.read' }),
    page('/pick-lists/$id', () => import('./fulfilment/pick-list'), { right: 'fulfilment.read' }),
    page('/shipments', () => import('./fulfilment/parcels'), { right: 'fulfilment.read' }),
    page('/stock/$id', () => import('./stock'), { right: 'stock.read' }),
  ],
})
