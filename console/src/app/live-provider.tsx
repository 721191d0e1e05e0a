import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useEffect, useMemo, useState } from 'react'
import { announceSignedOut, api } from '@/api/client'
import { useMe } from '@/api/session'
import { type Live, LiveContext, type LiveStatus } from '@/ui/live'
import { LiveSocket } from './live-socket'

/** The console's one socket, while somebody is signed in. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient()
  const csrf = useMe().csrf
  const [status, setStatus] = useState<LiveStatus>('closed')
  const socket = useMemo(() => {
    const made = new LiveSocket({
      url: after => `${location.origin.replace(/^http/, 'ws')}/ws${after === undefined ? '' : `?after=${after}`}`,
      changed: () => {
        setStatus(made.status)
        // A refused handshake says no status: whether it was for the session is asked.
        if (made.status === 'waiting') void stillSignedIn()
      },
      reset: () => void client.invalidateQueries(),
      signedOut: announceSignedOut,
    })
    return made
  }, [client])
  useEffect(() => {
    // A new sign-in has a new token: the socket is opened anew for it.
    if (csrf === '') return
    socket.start()
    return socket.stop
  }, [socket, csrf])
  const live = useMemo<Live>(() => ({ status, listen: socket.listen, retry: socket.retry }), [status, socket])
  return <LiveContext value={live}>{children}</LiveContext>
}

async function stillSignedIn(): Promise<void> {
  try {
    const { response } = await api.GET('/api/v1/admin/session')
    if (response.status === 401) announceSignedOut()
  } catch {
    // No network: the socket comes back by itself.
  }
}
