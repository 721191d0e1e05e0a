import './sign-in.css'
import '@/ui/form/form.css'
import { BgColorsOutlined, GlobalOutlined } from '@ant-design/icons'
import { useQueryClient } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { Dropdown } from 'antd'
import { useState } from 'react'
import { type Me, sessionQuery } from '@/api/session'
import { hasChosenLocale, isLocale, LOCALES, setLocale, useLocale } from '@/i18n'
import { useGo } from '@/ui/path'
import { Mark } from '@/ui/shell/mark'
import { pickPreference, useThemeItems } from '@/ui/shell/menus'
import type { Search } from '@/ui/table/list-state'
import { useUi } from '@/ui/texts'
import { SignInForm, type Step } from './sign-in-form'
import { useApp } from './texts'

const OTHER = { 'zh-CN': 'English', en: '简体中文' } as const

/** The door of the console. */
export default function SignInPage() {
  const t = useApp()
  const ui = useUi()
  const client = useQueryClient()
  const go = useGo()
  const locale = useLocale()
  const themes = useThemeItems()
  const [step, setStep] = useState<Step>('password')
  const search: Search = useSearch({ strict: false })
  const signedIn = async (me: Me) => {
    if (!hasChosenLocale() && isLocale(me.staff.locale)) await setLocale(me.staff.locale, false)
    client.setQueryData(sessionQuery.queryKey, me)
    go(inside(search['next']), { replace: true })
  }
  const heading = step === 'code' ? t('signIn.codeTitle') : t('signIn.title')
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
          <SignInForm signedIn={me => void signedIn(me)} onStep={setStep} />
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
        <Dropdown
          trigger={['click']}
          placement="top"
          menu={{ items: themes, onClick: ({ key }) => pickPreference(key) }}
        >
          <button type="button" className="zg-plain">
            <BgColorsOutlined />
            {ui('top.theme')}
          </button>
        </Dropdown>
      </footer>
    </div>
  )
}

/** Only a path of the console may be gone to after signing in. */
export function inside(next: string | undefined): string {
  return next?.startsWith('/') && !next.startsWith('//') && !next.startsWith('/\\') ? next : '/'
}
