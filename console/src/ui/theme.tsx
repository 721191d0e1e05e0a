import { App as AntApp, ConfigProvider } from 'antd'
import enUS from 'antd/locale/en_US'
import zhCN from 'antd/locale/zh_CN'
import { createContext, type ReactNode, useContext, useLayoutEffect, useMemo, useSyncExternalStore } from 'react'
import { type Locale, useLocale } from '@/i18n'
import { antdTheme, applyTokens, type Mode } from './tokens'

export type ThemeChoice = 'light' | 'dark' | 'system'
const KEY = 'zg.theme'
const DARK = '(prefers-color-scheme: dark)'
const STILL = '(prefers-reduced-motion: reduce)'
const listeners = new Set<() => void>()

function choice(): ThemeChoice {
  const kept = localStorage.getItem(KEY)
  return kept === 'light' || kept === 'dark' ? kept : 'system'
}

export function chooseTheme(next: ThemeChoice): void {
  localStorage.setItem(KEY, next)
  for (const tell of listeners) tell()
}

function subscribe(tell: () => void): () => void {
  const system = [DARK, STILL].map(query => matchMedia(query))
  listeners.add(tell)
  for (const each of system) each.addEventListener('change', tell)
  window.addEventListener('storage', tell)
  return () => {
    listeners.delete(tell)
    for (const each of system) each.removeEventListener('change', tell)
    window.removeEventListener('storage', tell)
  }
}

function mode(): Mode {
  const chosen = choice()
  if (chosen !== 'system') return chosen
  return matchMedia(DARK).matches ? 'dark' : 'light'
}

const still = () => matchMedia(STILL).matches

const ModeContext = createContext<Mode>('light')

export const useMode = (): Mode => useContext(ModeContext)
export const useThemeChoice = (): ThemeChoice => useSyncExternalStore(subscribe, choice)

const antdLocale = { 'zh-CN': zhCN, en: enUS } satisfies Record<Locale, typeof zhCN>

/** Colours, language and distances for everything below it. */
export function ThemeProvider({ children }: { children: ReactNode }) {
  const now = useSyncExternalStore(subscribe, mode)
  const calm = useSyncExternalStore(subscribe, still)
  const locale = useLocale()
  useLayoutEffect(() => applyTokens(now), [now])
  const themeConfig = useMemo(() => antdTheme(now, calm), [now, calm])
  return (
    <ConfigProvider theme={themeConfig} locale={antdLocale[locale]} button={{ autoInsertSpace: false }}>
      <AntApp component={false} message={{ maxCount: 3 }}>
        <ModeContext value={now}>{children}</ModeContext>
      </AntApp>
    </ConfigProvider>
  )
}
