import './shell.css'
import { LogoutOutlined, MenuOutlined, SearchOutlined, UserOutlined } from '@ant-design/icons'
import { lazy, type ReactNode, Suspense, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { useMe } from '@/api/session'
import { setLocale, useLocale } from '@/i18n'
import { useLive } from '../live'
import { useGo } from '../path'
import { useKeysAnywhere } from '../shortcut'
import { useUi } from '../texts'
import { chooseTheme } from '../theme'
import { initials } from '../values'
import { JobBell } from './jobs'
import { LanguageMenu, pickPreference, ThemeMenu, useLanguageItems, useThemeItems } from './menus'
import type { ModuleDef } from './module'
import { Side } from './nav'
import type { Command } from './palette-registry'
import { PopMenu } from './pop-menu'

// What is opened later is loaded later: the sign-in page and the shell stay light.
const palettePart = () => import('./palette')
const CommandPalette = lazy(() => palettePart().then(({ CommandPalette: it }) => ({ default: it })))
const MenuDrawer = lazy(() => import('./menu-drawer'))

type Props = { modules: readonly ModuleDef[]; signOut: () => void; children: ReactNode }

/** What stands around every page. */
export function Shell({ modules, signOut, children }: Props) {
  const t = useUi()
  const [menu, setMenu] = useState(false)
  const [palette, setPalette] = useState(false)
  const main = useRef<HTMLElement>(null)
  useKeysAnywhere('mod+k', () => setPalette(open => !open))
  const commands = useOwnCommands(signOut)
  useEffect(() => {
    // Once the page is there, so that what is typed after Ctrl K is not lost while the palette loads.
    const timer = setTimeout(() => void palettePart(), 600)
    return () => clearTimeout(timer)
  }, [])
  const apple = navigator.platform.startsWith('Mac')
  return (
    <div className="zg-shell">
      <button type="button" className="zg-plain zg-skip" onClick={() => main.current?.focus()}>
        {t('nav.skip')}
      </button>
      <Side modules={modules} />
      <header className="zg-top">
        <button
          type="button"
          className="zg-plain zg-icon-button zg-menu-button"
          aria-label={t('nav.open')}
          onClick={() => setMenu(true)}
        >
          <MenuOutlined />
        </button>
        <button
          type="button"
          className="zg-plain zg-top-search"
          onClick={() => setPalette(true)}
          aria-keyshortcuts="Control+K Meta+K"
        >
          <SearchOutlined />
          {t('top.search')}
          <span className="zg-kbd">{apple ? '⌘ K' : 'Ctrl K'}</span>
        </button>
        <JobBell />
        <span className="zg-wide">
          <LanguageMenu />
          <ThemeMenu />
        </span>
        <MeMenu signOut={signOut} />
      </header>
      <main ref={main} id="main" className="zg-main" tabIndex={-1}>
        <OfflineBanner />
        {children}
      </main>
      <Suspense fallback={null}>
        {menu ? <MenuDrawer modules={modules} close={() => setMenu(false)} /> : null}
        {palette ? <CommandPalette modules={modules} extra={commands} close={() => setPalette(false)} /> : null}
      </Suspense>
    </div>
  )
}

function MeMenu({ signOut }: { signOut: () => void }) {
  const t = useUi()
  const me = useMe()
  const go = useGo()
  const languages = useLanguageItems()
  const themes = useThemeItems()
  return (
    <PopMenu
      label={t('top.me')}
      groups={[
        { key: 'who', title: me.staff.email, items: [{ key: 'account', label: t('top.me'), icon: <UserOutlined /> }] },
        { key: 'language', title: t('top.language'), items: languages },
        { key: 'theme', title: t('top.theme'), items: themes },
        { key: 'end', items: [{ key: 'out', label: t('top.signOut'), icon: <LogoutOutlined /> }] },
      ]}
      pick={key => {
        if (key === 'out') signOut()
        else if (key === 'account') go('/account')
        else pickPreference(key)
      }}
    >
      <button type="button" className="zg-plain zg-me">
        <span className="zg-sr">{`${t('top.me')}: ${me.staff.name}`}</span>
        <span className="zg-person-mark" aria-hidden="true">
          {initials(me.staff.name)}
        </span>
        <span aria-hidden="true">{me.staff.name}</span>
      </button>
    </PopMenu>
  )
}

function useOwnCommands(signOut: () => void): readonly Command[] {
  const t = useUi()
  const locale = useLocale()
  return useMemo(() => {
    const other = locale === 'en' ? 'zh-CN' : 'en'
    return [
      {
        id: 'locale',
        title: other === 'en' ? 'English' : '简体中文',
        hint: t('top.language'),
        run: () => void setLocale(other),
      },
      { id: 'light', title: t('top.theme.light'), hint: t('top.theme'), run: () => chooseTheme('light') },
      { id: 'dark', title: t('top.theme.dark'), hint: t('top.theme'), run: () => chooseTheme('dark') },
      { id: 'out', title: t('top.signOut'), run: signOut },
    ]
  }, [t, locale, signOut])
}

function online(tell: () => void): () => void {
  window.addEventListener('online', tell)
  window.addEventListener('offline', tell)
  return () => {
    window.removeEventListener('online', tell)
    window.removeEventListener('offline', tell)
  }
}

/** Says that the connection is lost, once that has lasted for a moment. */
function OfflineBanner() {
  const t = useUi()
  const { status, retry } = useLive()
  const here = useSyncExternalStore(online, () => navigator.onLine)
  const lost = status === 'waiting' || status === 'connecting'
  const [shown, setShown] = useState(false)
  useEffect(() => {
    if (!lost) {
      setShown(false)
      return
    }
    const timer = setTimeout(() => setShown(true), 2_500)
    return () => clearTimeout(timer)
  }, [lost])
  if (here && !shown) return null
  return (
    <div className="zg-offline" role="status">
      {here ? t('live.lost') : t('live.offline')}
      {here ? (
        <button type="button" className="zg-plain" onClick={retry}>
          {t('live.retry')}
        </button>
      ) : null}
    </div>
  )
}
