import type { QueryClient } from '@tanstack/react-query'
import { createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { moduleRoutes } from '@/modules'
import { Loading } from '@/ui/feedback'
import { rootRoute, shellRoute } from '@/ui/shell/module'
import { Inside } from './inside'
import { NotFound } from './not-found'
import { PageProblem } from './page-problem'

shellRoute.update({ component: Inside })

/** The start is the dashboard, of which everybody sees what they may. */
const home = createRoute({
  getParentRoute: () => shellRoute,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/dashboard', replace: true })
  },
})
const lost = createRoute({ getParentRoute: () => shellRoute, path: '$', component: NotFound })
const signIn = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  component: lazyRouteComponent(() => import('./sign-in')),
})
const forgotPassword = createRoute({
  getParentRoute: () => rootRoute,
  path: '/forgot-password',
  component: lazyRouteComponent(() => import('./forgot-password')),
})
const newPassword = createRoute({
  getParentRoute: () => rootRoute,
  path: '/new-password',
  component: lazyRouteComponent(() => import('./new-password')),
})

const routeTree = rootRoute.addChildren([
  signIn,
  forgotPassword,
  newPassword,
  shellRoute.addChildren([home, lost, ...moduleRoutes]),
])

/** `?state=placed,confirmed` as it is, without JSON's quotes. */
const search = {
  parse: (text: string): Record<string, string> => Object.fromEntries(new URLSearchParams(text)),
  stringify: (values: Record<string, unknown>): string => {
    const pairs = Object.entries(values).flatMap(([name, value]) =>
      value === undefined || value === null || value === '' ? [] : [[name, String(value)]],
    )
    const text = new URLSearchParams(pairs)
      .toString()
      .replaceAll('%2C', ',')
      .replaceAll('%3A', ':')
      .replaceAll('%2F', '/')
    return text === '' ? '' : `?${text}`
  },
}

export function makeRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    basepath: '/admin',
    context: { queryClient },
    parseSearch: search.parse,
    stringifySearch: search.stringify,
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0,
    defaultPendingMs: 200,
    defaultPendingMinMs: 0,
    defaultPendingComponent: Loading,
    defaultErrorComponent: PageProblem,
    defaultNotFoundComponent: NotFound,
    scrollRestoration: true,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>
  }
}
