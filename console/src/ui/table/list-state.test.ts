import { describe, expect, it } from 'vitest'
import { limitOf, listQuery, merge, nextSort } from './list-state'

describe('the list’s query', () => {
  it('passes on only what the list knows, because the API refuses the rest', () => {
    const search = {
      state: 'placed,confirmed',
      q: '王',
      cols: 'number,total',
      density: 'dense',
      foo: '1',
      sort: '-total',
    }
    expect(listQuery(search, ['state', 'placed_from'], '-placed_at')).toEqual({
      limit: 50,
      q: '王',
      sort: '-total',
      state: 'placed,confirmed',
    })
  })

  it('takes only page sizes that are offered', () => {
    expect(limitOf({ limit: '100' })).toBe(100)
    expect(limitOf({ limit: '9999' })).toBe(50)
    expect(limitOf({})).toBe(50)
  })
})

describe('a change of the URL', () => {
  it('begins at the first page again unless only the page turns', () => {
    expect(merge({ cursor: 'abc', state: 'placed' }, { state: 'confirmed' }, false)).toEqual({ state: 'confirmed' })
    expect(merge({ state: 'placed' }, { cursor: 'abc' }, true)).toEqual({ state: 'placed', cursor: 'abc' })
  })

  it('leaves out what is empty', () => {
    expect(merge({ state: 'placed', q: 'tea' }, { q: '', state: undefined }, false)).toEqual({})
  })
})

it('a column’s order goes down, up, none', () => {
  expect(nextSort(undefined, ['-total', 'total'])).toBe('-total')
  expect(nextSort('-total', ['-total', 'total'])).toBe('total')
  expect(nextSort('total', ['-total', 'total'])).toBeUndefined()
  expect(nextSort('name', ['-total', 'total'])).toBe('-total')
})
