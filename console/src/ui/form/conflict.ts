export type Side = 'mine' | 'theirs'

/** A member on which two people differ. */
export type Clash<V> = {
  readonly key: keyof V & string
  readonly base: unknown
  readonly mine: unknown
  readonly theirs: unknown
  /** Which side changed it: only one of them, or both. */
  readonly by: Side | 'both'
}

export const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

function keysOf<V extends object>(values: V): (keyof V & string)[] {
  const keys: (keyof V & string)[] = []
  for (const key in values) keys.push(key)
  return keys
}

/** What differs between mine and theirs, and who changed it since both began. */
export function clashes<V extends object>(base: V, mine: V, theirs: V): readonly Clash<V>[] {
  return keysOf(mine)
    .filter(key => !same(mine[key], theirs[key]))
    .map(key => {
      const mineMoved = !same(base[key], mine[key])
      const theirsMoved = !same(base[key], theirs[key])
      return {
        key,
        base: base[key],
        mine: mine[key],
        theirs: theirs[key],
        by: mineMoved && theirsMoved ? 'both' : mineMoved ? 'mine' : 'theirs',
      }
    })
}

/** Theirs, with the members of mine that were chosen. */
export function merged<V extends object>(mine: V, theirs: V, choice: Readonly<Record<string, Side | undefined>>): V {
  const chosen: Partial<V> = {}
  for (const key of keysOf(mine)) if (choice[key] === 'mine') chosen[key] = mine[key]
  return Object.assign({}, theirs, chosen)
}

/** The members that changed, for a PATCH. */
export function changed<V extends object>(base: V, now: V): Partial<V> {
  const out: Partial<V> = {}
  for (const key of keysOf(now)) if (!same(base[key], now[key])) out[key] = now[key]
  return out
}
