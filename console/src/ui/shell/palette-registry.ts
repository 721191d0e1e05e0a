import { useEffect, useRef, useSyncExternalStore } from 'react'
import type { Label } from '@/i18n'

/** Something the palette offers while the page that registered it is open. */
export type Command = {
  readonly id: string
  readonly title: string
  readonly hint?: string | undefined
  readonly run: () => void
}

/** What a module puts into the palette for good: pages and commands by path. */
export type PaletteEntry = {
  readonly title: Label
  /** More words it is found by: pinyin, other names. */
  readonly words?: readonly string[]
  readonly to: string
  readonly right?: string
}

let commands: readonly Command[] = []
const listeners = new Set<() => void>()

function change(next: readonly Command[]): void {
  commands = next
  for (const tell of listeners) tell()
}

/** Puts a command into the palette while the component is there. */
export function usePaletteCommand(command: Command | undefined): void {
  const latest = useRef(command)
  useEffect(() => {
    latest.current = command
  })
  const id = command?.id
  const title = command?.title
  const hint = command?.hint
  useEffect(() => {
    if (id === undefined || title === undefined) return
    const mine: Command = { id, title, hint, run: () => latest.current?.run() }
    change([...commands.filter(each => each.id !== id), mine])
    return () => change(commands.filter(each => each !== mine))
  }, [id, title, hint])
}

export function usePaletteCommands(): readonly Command[] {
  return useSyncExternalStore(
    tell => {
      listeners.add(tell)
      return () => listeners.delete(tell)
    },
    () => commands,
  )
}

/** How well words fit what was typed: 0 not at all; the start of the title is best. */
export function scoreOf(typed: string, title: string, words: readonly string[] = []): number {
  const wanted = typed.trim().toLowerCase()
  if (wanted === '') return 1
  const name = title.toLowerCase()
  if (name.startsWith(wanted)) return 4
  if (name.includes(wanted)) return 3
  if (words.some(word => word.toLowerCase().startsWith(wanted))) return 2
  return wanted.split(/\s+/).every(part => name.includes(part) || words.some(word => word.toLowerCase().includes(part)))
    ? 1
    : 0
}
