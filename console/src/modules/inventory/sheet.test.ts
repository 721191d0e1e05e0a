import { expect, it } from 'vitest'
import { EMPTY_SHEET, type Line, rest, scanned, toSend } from './sheet'

const line = (sku: string, quantity: number | null = 1): Line => ({ sku, name: sku, expected: 5, quantity })

it('m5_2 a scanned code is a line of one, and one more each time', () => {
  const sheet = [line('A'), line('B'), line('A')].reduce(scanned, EMPTY_SHEET)
  expect(sheet.lines.map(each => [each.sku, each.quantity])).toEqual([
    ['B', 1],
    ['A', 2],
  ])
})

it('m5_2 lines that were not counted are not sent', () => {
  const sheet = { ...EMPTY_SHEET, lines: [line('A', 0), line('B', null)] }
  expect(toSend(sheet)).toEqual([{ sku: 'A', warehouse_id: null, kind: 'set_to', quantity: 0 }])
})

it('m5_2 what was applied leaves the sheet, what was refused stays with its reason', () => {
  const sheet = { ...EMPTY_SHEET, lines: [line('A'), line('B', null), line('C')] }
  const left = rest(sheet, [{ sku: 'A' }, { sku: 'C', refused: 'stock_negative' }])
  expect(left.sheet.lines.map(each => each.sku)).toEqual(['B', 'C'])
  expect(left.refused).toEqual([{ at: 1, code: 'stock_negative' }])
})
