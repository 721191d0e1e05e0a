import { useQuery } from '@tanstack/react-query'
import { useMay } from '@/api'
import type { Option } from '@/ui'
import { carriersQuery } from './queries'

/** Who may carry a parcel; none for those who may not see carriers. */
export function useCarriers(): readonly Option[] {
  const may = useMay()
  const carriers = useQuery({ ...carriersQuery, enabled: may('shipping.read') }).data?.data ?? []
  return carriers.filter(({ enabled }) => enabled).map(({ id, name }) => ({ value: String(id), label: name }))
}
