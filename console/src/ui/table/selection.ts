import { useCallback, useMemo, useState } from 'react'

export type RowId = number | string

/** What a bulk action works on: rows, or everything that matches the list's query. */
export type Selection =
  | { readonly kind: 'rows'; readonly ids: readonly RowId[]; readonly count: number }
  | { readonly kind: 'matching'; readonly query: Readonly<Record<string, unknown>>; readonly count: number | undefined }

const NONE: ReadonlySet<RowId> = new Set()

/** The selection lasts over pages and ends with another filter. */
export function useSelection(scope: string) {
  const [kept, setKept] = useState<{ scope: string; ids: ReadonlySet<RowId>; all: boolean }>({
    scope,
    ids: NONE,
    all: false,
  })
  const present = kept.scope === scope ? kept : { scope, ids: NONE, all: false }
  const set = useCallback((ids: ReadonlySet<RowId>) => setKept({ scope, ids, all: false }), [scope])
  const { ids, all } = present
  return useMemo(
    () => ({
      ids,
      all,
      toggle: (id: RowId) => {
        const next = new Set(ids)
        if (!next.delete(id)) next.add(id)
        set(next)
      },
      page: (page: readonly RowId[], on: boolean) => {
        const next = new Set(ids)
        for (const id of page) {
          if (on) next.add(id)
          else next.delete(id)
        }
        set(next)
      },
      matching: () => setKept({ scope, ids, all: true }),
      clear: () => set(NONE),
    }),
    [ids, all, set, scope],
  )
}
