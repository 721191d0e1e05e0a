import type { AdjustKind, StockRow } from './queries'

/** Lines of one request, as the server takes them. */
export const LINES = 1_000

export type Line = {
  readonly sku: string
  readonly name: string
  /** On hand when the line was added. */
  readonly expected: number
  /** None: not counted yet, and not sent. */
  readonly quantity: number | null
}

export type Sheet = {
  readonly kind: AdjustKind | null
  readonly reason: string | null
  readonly document: string
  readonly note: string
  readonly warehouse: string | null
  readonly lines: readonly Line[]
}

export const EMPTY_SHEET: Sheet = {
  kind: 'set_to',
  reason: 'count',
  document: '',
  note: '',
  warehouse: null,
  lines: [],
}

export function lineOf(row: StockRow, name: string, warehouse: number | undefined): Line {
  const level = row.levels.find(each => each.warehouse_id === warehouse) ?? row.levels[0]
  return { sku: row.sku, name, expected: level?.on_hand ?? row.on_hand, quantity: 1 }
}

/** One scan: a new line of one, on top; one more on a line that is there. */
export function scanned(sheet: Sheet, line: Line): Sheet {
  if (!sheet.lines.some(each => each.sku === line.sku)) {
    return { ...sheet, lines: [line, ...sheet.lines].slice(0, LINES) }
  }
  return {
    ...sheet,
    lines: sheet.lines.map(each => (each.sku === line.sku ? { ...each, quantity: (each.quantity ?? 0) + 1 } : each)),
  }
}

/** The lines that say how many. */
export function toSend(sheet: Sheet) {
  return sheet.lines.flatMap(line =>
    line.quantity === null
      ? []
      : [
          {
            sku: line.sku,
            warehouse_id: sheet.warehouse === null ? null : Number(sheet.warehouse),
            kind: sheet.kind ?? ('set_to' as const),
            quantity: line.quantity,
          },
        ],
  )
}

/** What stays on the sheet after it was applied: lines refused or not counted. */
export function rest(
  sheet: Sheet,
  outcome: readonly { readonly sku: string; readonly refused?: string | null }[],
): { sheet: Sheet; refused: readonly { at: number; code: string }[] } {
  const refused = new Map(outcome.flatMap(line => (line.refused ? [[line.sku, line.refused] as const] : [])))
  const lines = sheet.lines.filter(line => line.quantity === null || refused.has(line.sku))
  return {
    sheet: { ...sheet, lines },
    refused: lines.flatMap((line, at) => {
      const code = refused.get(line.sku)
      return code ? [{ at, code }] : []
    }),
  }
}
