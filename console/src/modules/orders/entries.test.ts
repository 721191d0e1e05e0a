import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderHook } from '@testing-library/react'
import { expect, it } from 'vitest'
import { readJson } from '@/api/json'
import { type ENTRIES, isKind, useEntryText } from './entries'

const root = join(import.meta.dirname, '../../../..')

/** The kinds that the server's modules write, read from where they do. */
function written(): string[] {
  return ['orders', 'payments', 'fulfilment'].flatMap(crate => {
    const source = join(root, 'crates', crate, 'src')
    return readdirSync(source, { recursive: true, encoding: 'utf8' })
      .filter(path => path.endsWith('.rs'))
      .flatMap(path =>
        [
          ...readFileSync(join(source, path), 'utf8').matchAll(/note_entry\(&?\w+,\s*\*?[\w.]+,\s*"([a-z_]+)"/g),
        ].flatMap(([, kind]) => kind ?? []),
      )
  })
}

it('knows every kind of line that the server writes', () => {
  const kinds = written()
  expect(kinds.length).toBeGreaterThan(12)
  expect(kinds.filter(kind => !isKind(kind))).toEqual([])
})

it('knows the kinds that the API names', () => {
  const { components } = readJson<{
    components: { schemas: { OrderEntry: { properties: { kind: { description: string } } } } }
  }>(readFileSync(join(root, 'console/openapi.json'), 'utf8'))
  const told = components.schemas.OrderEntry.properties.kind.description
  const named = [...told.matchAll(/`([a-z_]+)`/g)].flatMap(([, kind]) => kind ?? [])
  expect(named).toContain('taken_over')
  expect(named.filter(kind => !isKind(kind))).toEqual([])
})

it('says the facts of a line in words, never in codes', () => {
  const { result } = renderHook(() =>
    useEntryText(
      { currency: 'CNY' },
      () => 'Bank transfer',
      () => '12:30',
    ),
  )
  const say = (kind: keyof typeof ENTRIES, data: unknown) => result.current({ kind, data })
  expect(say('placed', { total: 52_700, pieces: 5 })).toMatch(/¥527\.00 · 5/)
  expect(
    say('paid', {
      entry: 1,
      kind: 'manual',
      amount: { amount: 4700, currency: 'CNY' },
      method: 'bank_transfer',
      reference: 'ICBC1',
      date: '2026-11-23',
    }),
  ).toMatch(/¥47\.00 · Bank transfer · ICBC1 · /)
  const cancelled = say('cancelled', { reason: 'customer_request', pieces: 2, total: 100, to_refund: 0 })
  expect(cancelled).not.toContain('customer_request')
  expect(cancelled).not.toContain('0')
  expect(say('lines_cancelled', { reason: 'other', lines: [{ sku: 'TEA-1', quantity: 2 }] })).toContain('TEA-1 × 2')
  expect(result.current({ kind: 'unheard_of', data: {} })).toBe('unheard_of')
})
