import { describe, expect, it } from 'vitest'
import { type Axis, codeFor, fitted, leftOut, type Variant } from './matrix'

const axis = (code: string, ...values: string[]): Axis => ({
  code,
  name: {},
  values: values.map(value => ({ code: value, name: {} })),
})
const sku = (code: string, values: Record<string, string>): Variant => ({
  id: 1,
  code,
  barcode: '',
  weight_g: 100,
  tracked: true,
  values,
  price: { amount: 100, currency: 'CNY' },
})
const show = (variants: readonly Variant[]) =>
  variants.map(each => `${each.code}:${Object.values(each.values).join('/')}`)

describe('m2_16 the matrix of SKUs', () => {
  it('gives the SKU that was there the first value of a new axis and makes the others', () => {
    const after = fitted([], [axis('size', 's', 'm')], [sku('TEA', {})], 'TEA')
    expect(show(after)).toEqual(['TEA:s', 'TEA-M:m'])
    expect(after[1]).toMatchObject({ id: null, price: { amount: 100 }, weight_g: 100 })
  })

  it('a suggested code follows the values until it is written or saved', () => {
    const unsaved = { ...sku('', {}), id: null }
    const one = fitted([], [axis('size', 's', 'm')], [unsaved], 'TEA')
    expect(show(one)).toEqual(['TEA-S:s', 'TEA-M:m'])
    const written = one.map((each, at) => (at === 0 ? { ...each, code: 'MINE' } : each))
    const two = fitted([axis('size', 's', 'm')], [axis('size', 's', 'm'), axis('hue', 'red', 'blue')], written, 'TEA')
    expect(show(two)).toEqual(['MINE:s/red', 'TEA-S-BLUE:s/blue', 'TEA-M-RED:m/red', 'TEA-M-BLUE:m/blue'])
  })

  it('a value added later makes only new SKUs, and what was left out stays out', () => {
    const before = [axis('size', 's', 'm'), axis('colour', 'red', 'blue')]
    const there = [sku('A', { size: 's', colour: 'red' }), sku('B', { size: 'm', colour: 'blue' })]
    const after = fitted(before, [axis('size', 's', 'm', 'l'), axis('colour', 'red', 'blue')], there, 'P')
    expect(show(after)).toEqual(['A:s/red', 'B:m/blue', 'P-L-RED:l/red', 'P-L-BLUE:l/blue'])
    expect(leftOut(before, there)).toEqual([
      { size: 's', colour: 'blue' },
      { size: 'm', colour: 'red' },
    ])
  })

  it('a value taken away takes its SKUs, an axis taken away leaves one a combination', () => {
    const before = [axis('size', 's', 'm'), axis('colour', 'red', 'blue')]
    const there = [
      sku('A', { size: 's', colour: 'red' }),
      sku('B', { size: 's', colour: 'blue' }),
      sku('C', { size: 'm', colour: 'red' }),
    ]
    expect(show(fitted(before, [axis('size', 's'), axis('colour', 'red', 'blue')], there, 'P'))).toEqual([
      'A:s/red',
      'B:s/blue',
    ])
    expect(show(fitted(before, [axis('size', 's', 'm')], there, 'P'))).toEqual(['A:s', 'C:m'])
    expect(show(fitted(before, [], there, 'P'))).toEqual(['A:'])
  })

  it('a code comes from the name and stands once', () => {
    expect(codeFor('Dark Red', [], 'v')).toBe('dark-red')
    expect(codeFor('Dark Red', ['dark-red'], 'v')).toBe('dark-red-2')
    expect(codeFor('红色', ['v1'], 'v')).toBe('v2')
  })
})
