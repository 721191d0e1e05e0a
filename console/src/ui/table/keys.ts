import { useEffect, useRef } from 'react'

type Keys = { [key: string]: ((event: KeyboardEvent) => void) | undefined }

/** Single keys, while nobody is typing and no dialog is open. */
export function useKeys(keys: Keys, active = true): void {
  const latest = useRef(keys)
  useEffect(() => {
    latest.current = keys
  })
  useEffect(() => {
    if (!active) return
    const press = (event: KeyboardEvent) => {
      if (
        event.defaultPrevented ||
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        isTyping(event.target) ||
        dialogOpen()
      )
        return
      const act = latest.current[event.key]
      if (!act) return
      if (event.key === 'Enter' && isControl(event.target)) return
      event.preventDefault()
      act(event)
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [active])
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('input:not([type=checkbox]), textarea, select, [role=combobox]'))
  )
}

function isControl(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('a, button, input, [role=menuitem]') !== null
}

function dialogOpen(): boolean {
  return [...document.querySelectorAll('[role=dialog][aria-modal=true], .zg-palette')].some(
    each => each.checkVisibility?.() ?? true,
  )
}
