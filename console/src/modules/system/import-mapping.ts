import type { ImportKind, Upload } from './import-queries'

/** Column → heading; an empty heading leaves the column out. */
export type Mapping = Readonly<Record<string, string>>

/** What the server recognised, to begin with. */
export function suggested(upload: Upload, kind: string): Mapping {
  return upload.suggestions[kind] ?? {}
}

/** Required columns that have no heading. */
export function missing(kind: ImportKind, mapping: Mapping): readonly string[] {
  return kind.columns.filter(column => column.required && !mapping[column.name]).map(column => column.name)
}

/** Headings of the file that no column takes. */
export function unused(upload: Upload, mapping: Mapping): readonly string[] {
  const used = new Set(Object.values(mapping))
  return upload.headings.filter(heading => heading !== '' && !used.has(heading))
}

/** The first values under a heading. */
export function samples(upload: Upload, heading: string | undefined, count: number): readonly string[] {
  const at = heading ? upload.headings.indexOf(heading) : -1
  if (at < 0) return []
  return upload.sample
    .map(row => row[at] ?? '')
    .filter(cell => cell !== '')
    .slice(0, count)
}

/** The kind whose columns a file's headings fit best. */
export function bestKind(upload: Upload, kinds: readonly ImportKind[]): string | undefined {
  const score = (kind: ImportKind) => {
    const found = suggested(upload, kind.kind)
    const needed = kind.columns.filter(column => column.required)
    const complete = needed.every(column => found[column.name])
    return (complete ? 1000 : 0) + Object.keys(found).length
  }
  return [...kinds].sort((a, b) => score(b) - score(a))[0]?.kind
}
