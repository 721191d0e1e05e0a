/** The category tree as rows that are dragged: where a row lands when it is let go (M2.12). */

export type Node = { readonly id: number; readonly parent_id?: number | null; readonly depth: number }

/** The ids of everything below a node. */
export function below(rows: readonly Node[], id: number): ReadonlySet<number> {
  const found = new Set([id])
  // Parents stand before children.
  for (const row of rows) {
    if (row.parent_id !== null && row.parent_id !== undefined && found.has(row.parent_id)) found.add(row.id)
  }
  found.delete(id)
  return found
}

/** The rows to be seen: nothing below a folded one, nor below the one being dragged. */
export function shown<N extends Node>(
  rows: readonly N[],
  folded: ReadonlySet<number>,
  moving: number | undefined,
): readonly N[] {
  const hidden = new Set<number>()
  for (const row of rows) {
    const parent = row.parent_id ?? undefined
    if (parent !== undefined && (hidden.has(parent) || folded.has(parent) || parent === moving)) hidden.add(row.id)
  }
  return rows.filter(row => !hidden.has(row.id))
}

export type Landing = { readonly parent_id: number | null; readonly position: number; readonly depth: number }

/**
 * Where a row lands that is dropped on another, moved sideways by so many steps:
 * between what then stands above and below it, as deep as these allow.
 */
export function landing(rows: readonly Node[], moving: number, over: number, steps: number): Landing | undefined {
  const from = rows.findIndex(row => row.id === moving)
  const to = rows.findIndex(row => row.id === over)
  const row = rows[from]
  if (!row || to < 0) return undefined
  const others = rows.filter(each => each.id !== moving)
  const above = others[to - 1]
  const under = others[to]
  const deepest = above ? above.depth + 1 : 0
  const flattest = under ? under.depth : 0
  const depth = Math.max(flattest, Math.min(deepest, row.depth + steps))
  const parent_id = parentAt(others, to - 1, depth)
  const position = others.slice(0, to).filter(each => (each.parent_id ?? null) === parent_id).length
  return { parent_id, position, depth }
}

function parentAt(rows: readonly Node[], from: number, depth: number): number | null {
  for (let at = from; at >= 0; at -= 1) {
    const row = rows[at]
    if (row && row.depth < depth) return row.id
  }
  return null
}
