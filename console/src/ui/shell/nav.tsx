import { useQuery } from '@tanstack/react-query'
import { useRouterState } from '@tanstack/react-router'
import { api, unwrap } from '@/api/client'
import { useMay, useMe } from '@/api/session'
import { useLabel } from '@/i18n'
import { useLiveRefresh } from '../live'
import { PathLink } from '../path'
import { useUi } from '../texts'
import { Mark } from './mark'
import type { Badges, ModuleDef, NavChild } from './module'

const BADGES = ['dashboard', 'badges'] as const

/** Work waiting; asked again when something happened, and every minute in any case. */
function useBadges(): Partial<Badges> {
  useLiveRefresh('orders.read', BADGES)
  useLiveRefresh('stock.read', BADGES)
  const { data } = useQuery({
    queryKey: BADGES,
    queryFn: () => unwrap(api.GET('/api/v1/admin/dashboard/badges')),
    refetchInterval: 60_000,
    retry: false,
  })
  return data ?? {}
}

/** The modules somebody may see, in order, each with the pages they may open. */
export function useVisible(modules: readonly ModuleDef[]) {
  const may = useMay()
  return [...modules]
    .sort((a, b) => a.nav.order - b.nav.order)
    .map(module => ({ module, children: module.nav.children.filter(child => may(child.right ?? module.nav.right)) }))
    .filter(({ children }) => children.length > 0)
}

/** The page that a path belongs to: the longest that it begins with. */
export function activeChild(children: readonly NavChild[], path: string): NavChild | undefined {
  return children
    .filter(
      child =>
        path === child.to ||
        (child.to !== '/' && path.startsWith(`${child.to}/`)) ||
        (child.also !== undefined && path.startsWith(child.also)),
    )
    .sort((a, b) => b.to.length - a.to.length)[0]
}

/** The side navigation; the open module shows its pages. */
export function Side({ modules, onGo }: { modules: readonly ModuleDef[]; onGo?: () => void }) {
  const t = useUi()
  const label = useLabel()
  const me = useMe()
  const badges = useBadges()
  const path = useRouterState({ select: state => state.location.pathname })
  const visible = useVisible(modules)
  const at = activeChild(
    visible.flatMap(({ children }) => children),
    path,
  )
  const countOf = (children: readonly NavChild[]) =>
    children.reduce((sum, child) => sum + (child.badge ? (badges[child.badge] ?? 0) : 0), 0)
  return (
    <div className="zg-side">
      <PathLink to="/" className="zg-brand" onClick={onGo}>
        <Mark />
        <span>{me.shop.name}</span>
      </PathLink>
      <nav className="zg-nav" aria-label={t('nav.label')}>
        <ul>
          {visible.map(({ module, children }) => {
            const first = children[0]
            if (!first) return null
            const open = at !== undefined && children.includes(at)
            const alone = children.length === 1
            return (
              <li key={module.name}>
                <PathLink
                  to={first.to}
                  data-in={open}
                  aria-current={open && alone ? 'page' : undefined}
                  aria-expanded={alone ? undefined : open}
                  onClick={onGo}
                >
                  {module.nav.icon}
                  {label(module.title)}
                  {open && !alone ? null : <Count n={countOf(children)} />}
                </PathLink>
                {open && !alone ? (
                  <ul>
                    {children.map(child => (
                      <li key={child.to}>
                        <PathLink to={child.to} aria-current={child === at ? 'page' : undefined} onClick={onGo}>
                          {label(child.label)}
                          <Count n={countOf([child])} />
                        </PathLink>
                      </li>
                    ))}
                  </ul>
                ) : null}
              </li>
            )
          })}
        </ul>
      </nav>
    </div>
  )
}

function Count({ n }: { n: number }) {
  return n > 0 ? <span className="zg-count">{n > 999 ? '999+' : n}</span> : null
}
