import { Button, Input } from 'antd'
import { type FormEvent, useState } from 'react'
import { api, done } from '@/api/client'
import { asProblem, type Problem } from '@/api/problem'
import { useProblemText } from '@/ui/feedback'
import { useGo } from '@/ui/path'
import { Door } from './door'
import { useApp } from './texts'

/** Asks for a link by which a new password is chosen. Says the same for every address. */
export default function ForgotPassword() {
  const t = useApp()
  const go = useGo()
  const textOf = useProblemText()
  const [email, setEmail] = useState('')
  const [sent, setSent] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | undefined>(undefined)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (busy || email.trim() === '') return
    setBusy(true)
    setProblem(undefined)
    try {
      await done(api.POST('/api/v1/admin/password/forgot', { body: { email: email.trim() } }))
      setSent(true)
    } catch (error) {
      setProblem(asProblem(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Door heading={t('forgot.title')}>
      <form className="zg-sign-form" onSubmit={event => void submit(event)} noValidate>
        {problem ? (
          <div className="zg-sign-refused" role="alert">
            {problem.errors[0]?.detail ?? textOf(problem)}
          </div>
        ) : null}
        {sent ? (
          <p role="status">{t('forgot.sent', { email: email.trim() })}</p>
        ) : (
          <>
            <p className="zg-sign-help">{t('forgot.help')}</p>
            <div className="zg-field">
              <label htmlFor="forgot-email">{t('signIn.email')}</label>
              <Input
                id="forgot-email"
                type="email"
                autoComplete="username"
                autoFocus
                value={email}
                onChange={event => setEmail(event.target.value)}
              />
            </div>
            <Button type="primary" htmlType="submit" loading={busy} block>
              {t('forgot.send')}
            </Button>
          </>
        )}
        <Button type="link" onClick={() => go('/sign-in')}>
          {t('forgot.back')}
        </Button>
      </form>
    </Door>
  )
}
