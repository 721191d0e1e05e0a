import { useCallback } from 'react'
import { useName } from '@/i18n'
import type { StockRow } from './queries'

/** What a SKU is, `衬衫 · 红色 / XL`: variants of a product are told apart by their values. */
export function useWhat(): (row: Pick<StockRow, 'name' | 'options'>) => string {
  const nameOf = useName()
  return useCallback(row => [nameOf(row.name), nameOf(row.options)].filter(part => part !== '').join(' · '), [nameOf])
}
