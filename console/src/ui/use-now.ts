import { useSyncExternalStore } from 'react'

let now = new Date()
let timer: ReturnType<typeof setInterval> | undefined
const listeners = new Set<() => void>()

function subscribe(tell: () => void): () => void {
  listeners.add(tell)
  timer ??= setInterval(() => {
    now = new Date()
    for (const each of listeners) each()
  }, 20_000)
  return () => {
    listeners.delete(tell)
    if (listeners.size === 0) {
      clearInterval(timer)
      timer = undefined
    }
  }
}

/** The present, one clock for the whole page, a step every 20 s. */
export function useNow(): Date {
  return useSyncExternalStore(subscribe, () => now)
}
