import { useQuery } from '@tanstack/react-query'
import type { Field } from '@/ui'
import { TagsField } from '@/ui'
import { rolesQuery } from './queries'
import { useT } from './texts'

/** Which roles somebody holds. */
export function RolesField({ of, disabled = false }: { of: Field<readonly string[]>; disabled?: boolean }) {
  const t = useT()
  const roles = useQuery(rolesQuery).data?.data ?? []
  return (
    <TagsField
      of={of}
      label={t('staff.roles')}
      help={t('staff.rolesHelp')}
      free={false}
      disabled={disabled}
      options={roles.map(role => ({ value: String(role.id), label: role.name }))}
    />
  )
}
