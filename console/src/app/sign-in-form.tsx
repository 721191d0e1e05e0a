import './sign-in.css'
import { Button, Input } from 'antd'
import { type FormEvent, useEffect, useId, useRef, useState } from 'react'
import { asProblem, type Problem } from '@/api/problem'
import { type Me, signIn } from '@/api/session'
import { useProblemText } from '@/ui/feedback'
import { useApp } from './texts'

type Props = {
  /** Known already, when a session has ended under somebody's hands. */
  email?: string
  signedIn: (me: Me) => void
  /** Hears which step is shown. */
  onStep?: (step: Step) => void
}

export type Step = 'password' | 'code' | 'recovery'

/** Email and password; then, where it is on, the authenticator's six digits or a recovery code. */
export function SignInForm({ email: known = '', signedIn, onStep }: Props) {
  const t = useApp()
  const textOf = useProblemText()
  const id = useId()
  const [step, setStep] = useState<Step>('password')
  const [email, setEmail] = useState(known)
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const [tried, setTried] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | undefined>(undefined)
  const running = useRef(false)
  useEffect(() => onStep?.(step), [step, onStep])

  const send = async (digits: string) => {
    if (running.current) return
    running.current = true
    setBusy(true)
    setProblem(undefined)
    try {
      signedIn(await signIn({ email: email.trim(), password, ...(digits === '' ? {} : { code: digits }) }))
    } catch (error) {
      const refused = asProblem(error)
      if (refused.code === 'second_factor_required') {
        setStep('code')
      } else {
        setProblem(refused)
        setCode('')
      }
    } finally {
      running.current = false
      setBusy(false)
    }
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (step !== 'password') {
      if (code.length >= 6) void send(code)
      return
    }
    if (email.trim() !== '' && password !== '') void send('')
  }
  const noEmail = tried && email.trim() === ''
  const noPassword = tried && password === ''
  const refused = problem ? (
    <div className="zg-sign-refused" role="alert">
      {textOf(problem)}
    </div>
  ) : null

  if (step === 'recovery') {
    return (
      <form className="zg-sign-form" onSubmit={submit} noValidate>
        <p className="zg-sign-help">{t('signIn.recoveryHelp')}</p>
        {refused}
        <Input
          className="zg-mono"
          aria-label={t('signIn.recoveryCode')}
          autoFocus
          autoComplete="off"
          maxLength={20}
          value={code}
          disabled={busy}
          onChange={event => setCode(event.target.value)}
        />
        <Button type="primary" htmlType="submit" loading={busy} block>
          {t('signIn.verify')}
        </Button>
      </form>
    )
  }
  if (step === 'code') {
    return (
      <form className="zg-sign-form" onSubmit={submit} noValidate>
        <p className="zg-sign-help">{t('signIn.codeHelp', { email: email.trim() })}</p>
        {refused}
        <Input
          className="zg-sign-code"
          aria-label={t('signIn.code')}
          autoFocus
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={6}
          value={code}
          disabled={busy}
          onChange={event => {
            const digits = event.target.value.replace(/\D/g, '').slice(0, 6)
            setCode(digits)
            if (digits.length === 6) void send(digits)
          }}
        />
        <Button type="primary" htmlType="submit" loading={busy} block>
          {t('signIn.verify')}
        </Button>
        <Button
          type="link"
          onClick={() => {
            setStep('recovery')
            setCode('')
            setProblem(undefined)
          }}
        >
          {t('signIn.recovery')}
        </Button>
        <Button
          type="link"
          onClick={() => {
            setStep('password')
            setPassword('')
            setCode('')
            setTried(false)
            setProblem(undefined)
          }}
        >
          {t('signIn.back')}
        </Button>
      </form>
    )
  }
  return (
    <form className="zg-sign-form" onSubmit={submit} noValidate>
      {refused}
      <div className="zg-field">
        <label htmlFor={`${id}-email`}>{t('signIn.email')}</label>
        <Input
          id={`${id}-email`}
          type="email"
          name="email"
          autoComplete="username"
          autoFocus={known === ''}
          value={email}
          status={noEmail ? 'error' : ''}
          aria-invalid={noEmail}
          aria-describedby={noEmail ? `${id}-email-error` : undefined}
          onChange={event => setEmail(event.target.value)}
        />
        {noEmail ? (
          <span className="zg-error" id={`${id}-email-error`}>
            {t('signIn.emailNeeded')}
          </span>
        ) : null}
      </div>
      <div className="zg-field">
        <label htmlFor={`${id}-password`}>{t('signIn.password')}</label>
        <Input.Password
          id={`${id}-password`}
          name="password"
          autoComplete="current-password"
          autoFocus={known !== ''}
          value={password}
          status={noPassword ? 'error' : ''}
          aria-invalid={noPassword}
          aria-describedby={noPassword ? `${id}-password-error` : undefined}
          onChange={event => setPassword(event.target.value)}
        />
        {noPassword ? (
          <span className="zg-error" id={`${id}-password-error`}>
            {t('signIn.passwordNeeded')}
          </span>
        ) : null}
      </div>
      <Button type="primary" htmlType="submit" loading={busy} block>
        {t('signIn.submit')}
      </Button>
    </form>
  )
}
