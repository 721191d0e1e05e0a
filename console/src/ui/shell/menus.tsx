import { BgColorsOutlined, CheckOutlined, GlobalOutlined } from '@ant-design/icons'
import { Dropdown, type MenuProps } from 'antd'
import { isLocale, LOCALES, type Locale, setLocale, useLocale } from '@/i18n'
import { useUi } from '../texts'
import { chooseTheme, type ThemeChoice, useThemeChoice } from '../theme'

const LANGUAGES = { 'zh-CN': '简体中文', en: 'English' } satisfies Record<Locale, string>
const THEMES = ['light', 'dark', 'system'] as const

type Items = NonNullable<MenuProps['items']>

function isTheme(value: string): value is ThemeChoice {
  return THEMES.some(each => each === value)
}

const tick = (on: boolean) => <CheckOutlined style={{ visibility: on ? 'visible' : 'hidden' }} />

export function useLanguageItems(): Items {
  const now = useLocale()
  return LOCALES.map(locale => ({
    key: `locale:${locale}`,
    label: <span lang={locale}>{LANGUAGES[locale]}</span>,
    icon: tick(locale === now),
  }))
}

export function useThemeItems(): Items {
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
    <Dropdown trigger={['click']} menu={{ items, onClick: ({ key }) => pickPreference(key) }}>
      <button
        type="button"
        className="zg-plain zg-icon-button"
        aria-label={t('top.language')}
        title={t('top.language')}
      >
        <GlobalOutlined />
      </button>
    </Dropdown>
  )
}

export function ThemeMenu() {
  const t = useUi()
  const items = useThemeItems()
  return (
    <Dropdown trigger={['click']} menu={{ items, onClick: ({ key }) => pickPreference(key) }}>
      <button type="button" className="zg-plain zg-icon-button" aria-label={t('top.theme')} title={t('top.theme')}>
        <BgColorsOutlined />
      </button>
    </Dropdown>
  )
}
