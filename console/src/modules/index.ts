import type { ModuleDef } from '@/ui/shell/module'
import { module as catalog } from './catalog/routes'
import { module as content } from './content/routes'
import { module as customers } from './customers/routes'
import { module as dashboard } from './dashboard/routes'
import { module as inventory } from './inventory/routes'
import { module as orders } from './orders/routes'
import { module as reports } from './reports/routes'
import { module as sales } from './sales/routes'
import { module as system } from './system/routes'

/** The nine modules. Their pages are chunks of their own: `routes.tsx` only says how to load them. */
export const modules: readonly ModuleDef[] = [
  dashboard,
  orders,
  catalog,
  inventory,
  customers,
  sales,
  content,
  reports,
  system,
]

export const moduleRoutes = [
  ...dashboard.routes,
  ...orders.routes,
  ...catalog.routes,
  ...inventory.routes,
  ...customers.routes,
  ...sales.routes,
  ...content.routes,
  ...reports.routes,
  ...system.routes,
] as const
