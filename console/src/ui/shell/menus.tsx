import { BgColorsOutlined, CheckOutlined, GlobalOutlined } from '@ant-design/icons'
import { isLocale, LOCALES, type Locale, setLocale, useLocale } from '@/i18n'
import { useUi } from '../texts'
import { chooseTheme, type ThemeChoice, useThemeChoice } from '../theme'
import { type MenuItem, PopMenu } from './pop-menu'

const LANGUAGES = { 'zh-CN': '简体中文', en: 'English' } satisfies Record<Locale, string>
const THEMES = ['light', 'dark', 'system'] as const

function isTheme(value: string): value is ThemeChoice {
  return THEMES.some(each => each === value)
}

const tick = (on: boolean) => <CheckOutlined style={{ visibility: on ? 'visible' : 'hidden' }} />

export function useLanguageItems(): readonly MenuItem[] {
  const now = useLocale()
  return LOCALES.map(locale => ({
    key: `locale:${locale}`,
    label: LANGUAGES[locale],
    lang: locale,
    icon: tick(locale === now),
  }))
}

export function useThemeItems(): readonly MenuItem[] {
  const t = useUi()
  const now = useThemeChoice()
  return THEMES.map(theme => ({ key: `theme:${theme}`, label: t(`top.theme.${theme}`), icon: tick(theme === now) }))
}

/** Acts on an item of these menus. */
export function pickPreference(key: string): void {
  const [kind, value = ''] = key.split(':')
  if (kind === 'locale' && isLocale(value)) void setLocale(value)
  if (kind === 'theme' && isTheme(value)) chooseTheme(value)
}

export function LanguageMenu() {
  const t = useUi()
  const items = useLanguageItems()
  return (
    <PopMenu label={t('top.language')} groups={[{ key: 'all', items }]} pick={pickPreference}>
      <button
        type="button"
        className="zg-plain zg-icon-button"
        aria-label={t('top.language')}
        title={t('top.language')}
      >
        <GlobalOutlined />
      </button>
    </PopMenu>
  )
}

export function ThemeMenu() {
  const t = useUi()
  const items = useThemeItems()
  return (
    <PopMenu label={t('top.theme')} groups={[{ key: 'all', items }]} pick={pickPreference}>
      <button type="button" className="zg-plain zg-icon-button" aria-label={t('top.theme')} title={t('top.theme')}>
        <BgColorsOutlined />
      </button>
    </PopMenu>
  )
}
