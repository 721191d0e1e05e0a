import { useQuery } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import { useMay } from '@/api'
import { useLocale } from '@/i18n'
import type { Option } from '@/ui'
import { methodsQuery } from './queries'

/** The shop's ways to pay, in the reader's language; none for those who may not see payments. */
export function useMethods(): readonly Option[] {
  const may = useMay()
  const methods = useQuery({ ...methodsQuery, enabled: may('payments.read') }).data
  const locale = useLocale()
  return useMemo(
    () => (methods ?? []).map(({ code, name }) => ({ value: code, label: name[locale] || code })),
    [methods, locale],
  )
}

/** What a method is called; one that is gone keeps its code. */
export function useMethodName(): (code: string) => string {
  const methods = useMethods()
  return useCallback(code => methods.find(each => each.value === code)?.label ?? code, [methods])
}
