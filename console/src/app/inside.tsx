import { useQueryClient } from '@tanstack/react-query'
import { Outlet } from '@tanstack/react-router'
import { App, Modal } from 'antd'
import { useCallback, useEffect, useState } from 'react'
import { whenSignedOut } from '@/api/client'
import { type Me, sessionQuery, signOut, useMe } from '@/api/session'
import { hasChosenLocale, isLocale, setLocale } from '@/i18n'
import { modules } from '@/modules'
import { ProblemView } from '@/ui/feedback'
import { Shell } from '@/ui/shell/shell'
import { useUi } from '@/ui/texts'
import { LiveProvider } from './live-provider'
import { SignInForm } from './sign-in-form'

/** Behind the sign-in: shell, live events, and a way back in when the session ends. */
export function Inside() {
  const t = useUi()
  const { notification } = App.useApp()
  const mine = useMe().staff.locale
  useEffect(() => {
    // One's own language, as the server knows it, unless another was chosen on this machine.
    if (!hasChosenLocale() && isLocale(mine)) void setLocale(mine, false)
  }, [mine])
  const leave = useCallback(() => {
    signOut().then(
      // A fresh page: nothing of the last person stays in memory.
      () => location.assign('/admin/sign-in'),
      error => {
        notification.error({ title: t('top.signOut'), description: <ProblemView error={error} />, duration: 0 })
      },
    )
  }, [notification, t])
  return (
    <LiveProvider>
      <Shell modules={modules} signOut={leave}>
        <Outlet />
      </Shell>
      <SessionEnded />
    </LiveProvider>
  )
}

/** Signs in again over the open page, so that nothing typed is lost. */
function SessionEnded() {
  const t = useUi()
  const client = useQueryClient()
  const me = useMe()
  const [ended, setEnded] = useState(false)
  useEffect(() => {
    whenSignedOut(() => setEnded(true))
    return () => whenSignedOut(() => {})
  }, [])
  const back = (now: Me) => {
    if (now.staff.id !== me.staff.id) {
      // Somebody else: the page and its drafts are not theirs.
      sessionStorage.clear()
      location.assign('/admin/')
      return
    }
    client.setQueryData(sessionQuery.queryKey, now)
    setEnded(false)
    void client.invalidateQueries({ predicate: query => query.queryKey[0] !== 'session' })
  }
  return (
    <Modal
      open={ended}
      title={t('session.expired')}
      footer={null}
      closable={false}
      keyboard={false}
      mask={{ closable: false }}
      width={420}
      destroyOnHidden
    >
      <p style={{ marginBlockEnd: 16 }}>{t('session.expiredHelp')}</p>
      <SignInForm email={me.staff.email} signedIn={back} />
    </Modal>
  )
}
