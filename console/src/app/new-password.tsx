import { useSearch } from '@tanstack/react-router'
import { Button, Input } from 'antd'
import { type FormEvent, useState } from 'react'
import { api, done } from '@/api/client'
import { asProblem, type Problem } from '@/api/problem'
import { useProblemText } from '@/ui/feedback'
import { useGo } from '@/ui/path'
import type { Search } from '@/ui/table/list-state'
import { Door } from './door'
import { useApp } from './texts'

/** Chooses a password by the link from a mail: an invitation, or a forgotten one. */
export default function NewPassword() {
  const t = useApp()
  const go = useGo()
  const textOf = useProblemText()
  const search: Search = useSearch({ strict: false })
  const token = search['token'] ?? ''
  const [password, setPassword] = useState('')
  const [set, setSet] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | undefined>(undefined)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (busy || password === '') return
    setBusy(true)
    setProblem(undefined)
    try {
      await done(api.POST('/api/v1/admin/password/reset', { body: { token, password } }))
      setSet(true)
    } catch (error) {
      setProblem(asProblem(error))
    } finally {
      setBusy(false)
    }
  }
  const refused = problem
    ? (problem.errors[0]?.detail ?? textOf(problem))
    : token === ''
      ? t('newPassword.noToken')
      : ''
  return (
    <Door heading={t('newPassword.title')}>
      <form className="zg-sign-form" onSubmit={event => void submit(event)} noValidate>
        {refused === '' ? null : (
          <div className="zg-sign-refused" role="alert">
            {refused}
          </div>
        )}
        {set ? (
          <p role="status">{t('newPassword.done')}</p>
        ) : (
          <>
            <p className="zg-sign-help">{t('newPassword.rule')}</p>
            <div className="zg-field">
              <label htmlFor="new-password">{t('newPassword.label')}</label>
              <Input.Password
                id="new-password"
                autoComplete="new-password"
                autoFocus
                value={password}
                onChange={event => setPassword(event.target.value)}
              />
            </div>
            <Button type="primary" htmlType="submit" loading={busy} disabled={token === ''} block>
              {t('newPassword.save')}
            </Button>
          </>
        )}
        <Button type="link" onClick={() => go(problem?.code === 'link_spent' ? '/forgot-password' : '/sign-in')}>
          {problem?.code === 'link_spent' ? t('signIn.forgot') : t('forgot.back')}
        </Button>
      </form>
    </Door>
  )
}
