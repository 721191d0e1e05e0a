import { describe, expect, it } from 'vitest'
import { days, months } from './spans'

describe('the days of a report', () => {
  it('are all there, also those on which nothing was ordered', () => {
    expect(days('2024-02-28', '2024-03-01')).toEqual(['2024-02-28', '2024-02-29', '2024-03-01'])
    expect(days('2024-05-31', '2024-05-31')).toEqual(['2024-05-31'])
  })

  it('lie in months, each named once', () => {
    expect(months('2023-11-30', '2024-01-01')).toEqual(['2023-11', '2023-12', '2024-01'])
  })
})
