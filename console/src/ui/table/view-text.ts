import type { Search } from './list-state'

/** A tab above a list: a name for what stands in the URL. */
export type View = { readonly name: string; readonly search: Search }

/** What of a URL belongs to no view: the page, and which view is open. */
const IGNORED: readonly string[] = ['cursor', 'limit', 'view']

/** The parts of a URL that make a view. */
export function viewQuery(search: Search): Record<string, string> {
  return Object.fromEntries(
    Object.entries(search).flatMap(([name, value]) => (value && !IGNORED.includes(name) ? [[name, value]] : [])),
  )
}

/** The same as text, in one order. */
export function viewText(search: Search): string {
  const pairs = Object.entries(viewQuery(search))
  return new URLSearchParams(pairs.sort(([a], [b]) => a.localeCompare(b))).toString()
}

type Tab = { readonly id?: number | undefined; readonly text: string }

/**
 * Which tab is open: the one the URL names, though its filters were changed since; else the
 * one that holds just what the URL holds.
 */
export function openTab<T extends Tab>(tabs: readonly T[], search: Search): { tab: T | undefined; changed: boolean } {
  const now = viewText(search)
  const named = tabs.find(tab => tab.id !== undefined && String(tab.id) === search['view'])
  const tab = named ?? tabs.find(tab => tab.text === now)
  return { tab, changed: tab?.text !== now }
}
