import type { QueryClient } from '@tanstack/react-query'
import {
  type AnyRoute,
  createRootRouteWithContext,
  createRoute,
  lazyRouteComponent,
  notFound,
  redirect,
} from '@tanstack/react-router'
import type { ComponentType, ReactNode } from 'react'
import { Problem } from '@/api/problem'
import type { paths } from '@/api/schema'
import { holds, sessionQuery } from '@/api/session'
import type { Label } from '@/i18n'
import type { Search } from '../table/list-state'
import type { PaletteEntry } from './palette-registry'

/** The nine modules of the console, as of the server's crates. */
export const MODULES = [
  'dashboard',
  'catalog',
  'sales',
  'orders',
  'inventory',
  'content',
  'customers',
  'system',
  'reports',
] as const
export type ModuleName = (typeof MODULES)[number]

/** Numbers of work waiting, beside the navigation. */
export type Badges = paths['/api/v1/admin/dashboard/badges']['get']['responses'][200]['content']['application/json']

export type NavChild = {
  readonly to: string
  /** Where pages of it stand that are not below `to`. */
  readonly also?: string
  readonly label: Label
  readonly right?: string
  readonly badge?: keyof Badges & string
}

/** Something the server's search finds, and where it is looked at. */
export type Found = { readonly kind: string; readonly title: Label; readonly to: (id: number) => string }

export type ModuleDef<R extends readonly AnyRoute[] = readonly AnyRoute[]> = {
  readonly name: ModuleName
  readonly title: Label
  readonly nav: {
    readonly icon: ReactNode
    readonly order: number
    readonly children: readonly NavChild[]
    readonly right?: string
  }
  readonly routes: R
  readonly palette?: readonly PaletteEntry[]
  readonly finds?: readonly Found[]
}

export function defineModule<const R extends readonly AnyRoute[]>(def: ModuleDef<R>): ModuleDef<R> {
  return def
}

type Context = { queryClient: QueryClient }

/** The URL's search is flat text: what a list shows can be read and sent to a colleague. */
export const rootRoute = createRootRouteWithContext<Context>()({
  validateSearch: (search: Record<string, unknown>): Search =>
    Object.fromEntries(
      Object.entries(search).flatMap(([name, value]) =>
        value === undefined || value === null ? [] : [[name, String(value)]],
      ),
    ),
})

/** Everything behind the sign-in. */
export const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'shell',
  beforeLoad: async ({ context, location }) => {
    const me = await context.queryClient.ensureQueryData(sessionQuery)
    if (me === null) {
      const here = location.href === '/' ? undefined : location.href
      throw redirect({ to: '/sign-in', search: here ? { next: here } : {} })
    }
    return { me }
  },
})

/** Anything but a number is a page that does not exist. */
function isRowId(params: object): boolean {
  const id = 'id' in params ? Number(params.id) : Number.NaN
  return Number.isSafeInteger(id) && id > 0
}

/** A page of a module: loaded when it is first opened, shown only to those who hold the right. */
export function page<const P extends string>(
  path: P,
  load: () => Promise<{ default: ComponentType }>,
  options: { right?: string } = {},
) {
  return createRoute({
    getParentRoute: () => shellRoute,
    path,
    component: lazyRouteComponent(load),
    beforeLoad: ({ context, params }) => {
      if (path.includes('$id') && !isRowId(params)) throw notFound()
      if (!holds(context.me, options.right)) throw new Problem(403, { code: 'right_missing', right: options.right })
    },
  })
}
