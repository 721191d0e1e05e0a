import { type QueryKey, useQueryClient } from '@tanstack/react-query'
import { createContext, useContext, useEffect, useRef, useState } from 'react'

/** An event as it comes over the socket. */
export type LiveEvent = {
  readonly id: number
  readonly topic: string
  readonly kind: string
  readonly entity_id?: number | null | undefined
  readonly payload?: unknown
}
/** `open`: events flow. `closed`: not wanted. Else it is on its way. */
export type LiveStatus = 'connecting' | 'open' | 'waiting' | 'closed'

export type Live = {
  readonly status: LiveStatus
  /** Hears a topic (the right needed to hear it, `orders.read`) until the returned function is called. */
  readonly listen: (topic: string, hear: (event: LiveEvent) => void) => () => void
  readonly retry: () => void
}

export const LiveContext = createContext<Live>({ status: 'closed', listen: () => () => {}, retry: () => {} })
export const useLive = (): Live => useContext(LiveContext)

/** Hears a topic while the component is there. */
export function useLiveEvents(topic: string | undefined, hear: (event: LiveEvent) => void): void {
  const { listen } = useLive()
  const latest = useRef(hear)
  useEffect(() => {
    latest.current = hear
  })
  useEffect(() => (topic === undefined ? undefined : listen(topic, event => latest.current(event))), [listen, topic])
}

/** Asks a query again when one of these events is heard: for detail pages and figures. */
export function useLiveRefresh(
  topic: string,
  queryKey: QueryKey,
  of: (event: LiveEvent) => boolean = () => true,
): void {
  const client = useQueryClient()
  useLiveEvents(topic, event => {
    if (of(event)) void client.invalidateQueries({ queryKey })
  })
}

/** How many events came since the list was last shown: for the pill above it. */
export function useFresh(topic: string | undefined): { count: number; seen: () => void } {
  const [count, setCount] = useState(0)
  useLiveEvents(topic, () => setCount(before => before + 1))
  return { count, seen: () => setCount(0) }
}
