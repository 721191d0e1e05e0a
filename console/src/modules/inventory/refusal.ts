import { Problem } from '@/api'
import type { useT } from './texts'

/** Why a line was refused, in words. */
export function refusedText(code: string, t: ReturnType<typeof useT>): string {
  switch (code) {
    case 'stock_sku_unknown':
      return t('refused.sku')
    case 'stock_warehouse_unknown':
      return t('refused.warehouse')
    case 'stock_negative':
      return t('refused.negative')
    case 'stock_below_zero':
      return t('refused.below')
    default:
      return code
  }
}

export function refusal(code: string, t: ReturnType<typeof useT>): Problem {
  return new Problem(422, { code, detail: refusedText(code, t) })
}
