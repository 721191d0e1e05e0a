import { useCallback } from 'react'
import { useT } from './texts'

/** What a line of the payment ledger is. */
export const PAYMENT_KINDS = ['manual', 'cod', 'capture', 'authorize', 'refund', 'fee', 'import'] as const

/** A kind in words. */
export function usePaymentKind(): (kind: string) => string {
  const t = useT()
  return useCallback(
    kind => {
      const known = PAYMENT_KINDS.find(each => each === kind)
      return known ? t(`kind.${known}`) : kind
    },
    [t],
  )
}
