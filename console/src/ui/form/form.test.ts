import { describe, expect, it } from 'vitest'
import { changed, clashes, merged } from './conflict'
import { Field, items } from './field'

type Values = {
  name: string
  lines: readonly { sku: string; quantity: number }[]
  address: { city: string; 'a/b': string }
}
const start: Values = {
  name: 'Tea',
  lines: [
    { sku: 'A', quantity: 1 },
    { sku: 'B', quantity: 2 },
  ],
  address: { city: '杭州', 'a/b': '' },
}

function root(problems: readonly { pointer: string; code: string; detail: string }[] = []) {
  const box = { now: start }
  const field = () =>
    new Field<Values>(
      '',
      box.now,
      change => {
        box.now = change(box.now)
      },
      problems,
      'f',
    )
  return { box, field }
}

describe('a field', () => {
  it('changes its place and nothing else', () => {
    const { box, field } = root()
    field().at('address').at('city').set('苏州')
    items(field().at('lines'), [])[1]?.at('quantity').set(5)
    expect(box.now).toEqual({
      ...start,
      lines: [
        { sku: 'A', quantity: 1 },
        { sku: 'B', quantity: 5 },
      ],
      address: { city: '苏州', 'a/b': '' },
    })
    expect(start.address.city).toBe('杭州')
  })

  it('finds the server’s problems by JSON pointer', () => {
    const problems = [
      { pointer: '/lines/1/quantity', code: 'too_many', detail: '库存只剩 1 件' },
      { pointer: '/address/a~1b', code: 'x', detail: 'escaped' },
    ]
    const { field } = root(problems)
    expect(items(field().at('lines'), problems)[1]?.at('quantity').errors).toEqual(['库存只剩 1 件'])
    expect(items(field().at('lines'), problems)[0]?.at('quantity').errors).toEqual([])
    expect(field().at('address').at('a/b').errors).toEqual(['escaped'])
  })
})

describe('two people’s changes', () => {
  const base = { name: 'Tea', price: 10, note: '' }
  const mine = { name: 'Green tea', price: 12, note: '' }
  const theirs = { name: 'Tea', price: 15, note: 'fragile' }

  it('says who changed what', () => {
    expect(clashes(base, mine, theirs).map(({ key, by }) => [key, by])).toEqual([
      ['name', 'mine'],
      ['price', 'both'],
      ['note', 'theirs'],
    ])
  })

  it('are merged as chosen', () => {
    expect(merged(mine, theirs, { name: 'mine', price: 'theirs', note: 'theirs' })).toEqual({
      name: 'Green tea',
      price: 15,
      note: 'fragile',
    })
  })

  it('a PATCH has only what changed', () => {
    expect(changed(base, mine)).toEqual({ name: 'Green tea', price: 12 })
  })
})
