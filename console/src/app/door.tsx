import './sign-in.css'
import '@/ui/form/form.css'
import { BgColorsOutlined, GlobalOutlined } from '@ant-design/icons'
import type { ReactNode } from 'react'
import { LOCALES, setLocale, useLocale } from '@/i18n'
import { Mark } from '@/ui/shell/mark'
import { pickPreference, useThemeItems } from '@/ui/shell/menus'
import { PopMenu } from '@/ui/shell/pop-menu'
import { useUi } from '@/ui/texts'
import { useApp } from './texts'

const OTHER = { 'zh-CN': 'English', en: '简体中文' } as const

/** The frame of whatever is seen before one is in. */
export function Door({ heading, children }: { heading: string; children: ReactNode }) {
  const t = useApp()
  const ui = useUi()
  const locale = useLocale()
  const themes = useThemeItems()
  return (
    <div className="zg-sign">
      <title>{`${heading} · ${t('signIn.product')}`}</title>
      <main className="zg-sign-box">
        <div className="zg-sign-brand">
          <Mark size={44} />
          <span>
            <strong>{t('signIn.product')}</strong>
            <span>{t('signIn.tagline')}</span>
          </span>
        </div>
        <div className="zg-sign-card">
          <h1>{heading}</h1>
          {children}
        </div>
      </main>
      <footer className="zg-sign-foot">
        <button
          type="button"
          className="zg-plain"
          lang={LOCALES.find(each => each !== locale)}
          onClick={() => void setLocale(locale === 'en' ? 'zh-CN' : 'en')}
        >
          <GlobalOutlined />
          {OTHER[locale]}
        </button>
        <PopMenu label={ui('top.theme')} placement="top" groups={[{ key: 'all', items: themes }]} pick={pickPreference}>
          <button type="button" className="zg-plain">
            <BgColorsOutlined />
            {ui('top.theme')}
          </button>
        </PopMenu>
      </footer>
    </div>
  )
}
