import { useEffect, useState } from 'react'

/** For what stands only while it is open: when it goes, the focus returns to where it came from. */
export function useFocusBack(): void {
  const [from] = useState(() => document.activeElement)
  useEffect(
    () => () => {
      // After it has left the page; unless somebody has already gone elsewhere.
      setTimeout(() => {
        if (document.activeElement === null || document.activeElement === document.body) opener(from)?.focus()
      })
    },
    [from],
  )
}

/** What was pressed, or the button of the menu that it stood in. */
function opener(from: Element | null): HTMLElement | undefined {
  if (!(from instanceof HTMLElement)) return undefined
  if (from.isConnected && (from.checkVisibility?.() ?? true)) return from
  return document.querySelector<HTMLElement>('[data-more]') ?? undefined
}
