import { describe, expect, it } from 'vitest'
import { below, landing, shown } from './tree'

const rows = [
  { id: 1, parent_id: null, depth: 0 },
  { id: 2, parent_id: 1, depth: 1 },
  { id: 3, parent_id: 2, depth: 2 },
  { id: 4, parent_id: 1, depth: 1 },
  { id: 5, parent_id: null, depth: 0 },
]

describe('m2_12 a category that is dragged', () => {
  it('lands among its new siblings, as deep as it was moved', () => {
    expect(landing(rows, 5, 4, 0)).toEqual({ parent_id: 1, position: 1, depth: 1 })
    expect(landing(rows, 5, 5, 1)).toEqual({ parent_id: 1, position: 2, depth: 1 })
    expect(landing(rows, 5, 5, 2)).toEqual({ parent_id: 4, position: 0, depth: 2 })
    expect(landing(rows, 5, 1, 3)).toEqual({ parent_id: null, position: 0, depth: 0 })
  })

  it('is never dropped below itself, because what is below it is not there', () => {
    expect(shown(rows, new Set(), 2).map(row => row.id)).toEqual([1, 2, 4, 5])
    expect(shown(rows, new Set([1]), undefined).map(row => row.id)).toEqual([1, 5])
    expect([...below(rows, 1)]).toEqual([2, 3, 4])
  })
})
