import { readStored, writeStored } from '@/api/json'

/** What a list remembers in this tab: how it was paged, and its rows for previous/next on a detail page. */
type Trail = { readonly back: string; readonly rows: readonly string[] }

const key = (name: string) => `zg.trail.${name}`
const pages = (name: string) => `zg.pages.${name}`

export function keepTrail(name: string, trail: Trail): void {
  writeStored(sessionStorage, key(name), trail)
}

/** The row before and after this path in the list one came from, and the list itself. */
export function trailOf(
  name: string,
  path: string,
): { back: string | undefined; previous: string | undefined; next: string | undefined } {
  const { back, rows } = readStored<Trail>(sessionStorage, key(name), { back: '', rows: [] })
  const at = rows.indexOf(path)
  if (at < 0) return { back: back || undefined, previous: undefined, next: undefined }
  return { back: back || undefined, previous: rows[at - 1], next: rows[at + 1] }
}

/** A cursor only leads forward; where it was reached from is remembered. */
export function rememberPage(name: string, from: string | undefined, to: string): void {
  const known = readStored<Record<string, string>>(sessionStorage, pages(name), {})
  writeStored(sessionStorage, pages(name), {
    ...Object.fromEntries(Object.entries(known).slice(-200)),
    [to]: from ?? '',
  })
}

/** The cursor of the page before; undefined is the first page. */
export function pageBefore(name: string, cursor: string): string | undefined {
  return readStored<Record<string, string>>(sessionStorage, pages(name), {})[cursor] || undefined
}
