import { useEffect, useRef } from 'react'

/** A key with Ctrl or ⌘, also while typing: `mod+s`, `mod+k`. */
export function useKeysAnywhere(combo: `mod+${string}`, act: () => void): void {
  const latest = useRef(act)
  useEffect(() => {
    latest.current = act
  })
  useEffect(() => {
    const key = combo.slice('mod+'.length)
    const press = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === key) {
        event.preventDefault()
        latest.current()
      }
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [combo])
}
