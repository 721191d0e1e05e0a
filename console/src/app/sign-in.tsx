import { useQueryClient } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { Button } from 'antd'
import { useState } from 'react'
import { type Me, sessionQuery } from '@/api/session'
import { hasChosenLocale, isLocale, setLocale } from '@/i18n'
import { useGo } from '@/ui/path'
import type { Search } from '@/ui/table/list-state'
import { Door } from './door'
import { SignInForm, type Step } from './sign-in-form'
import { useApp } from './texts'

/** The door of the console. */
export default function SignInPage() {
  const t = useApp()
  const client = useQueryClient()
  const go = useGo()
  const [step, setStep] = useState<Step>('password')
  const search: Search = useSearch({ strict: false })
  const signedIn = async (me: Me) => {
    if (!hasChosenLocale() && isLocale(me.staff.locale)) await setLocale(me.staff.locale, false)
    client.setQueryData(sessionQuery.queryKey, me)
    go(inside(search['next']), { replace: true })
  }
  return (
    <Door heading={step === 'password' ? t('signIn.title') : t('signIn.codeTitle')}>
      <SignInForm signedIn={me => void signedIn(me)} onStep={setStep} />
      {step === 'password' ? (
        <Button type="link" block onClick={() => go('/forgot-password')}>
          {t('signIn.forgot')}
        </Button>
      ) : null}
    </Door>
  )
}

/** Only a path of the console may be gone to after signing in. */
export function inside(next: string | undefined): string {
  return next?.startsWith('/') && !next.startsWith('//') && !next.startsWith('/\\') ? next : '/'
}
