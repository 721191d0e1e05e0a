import { type Field, SelectField, SwitchField, TagsField, TextField } from '@/ui'
import { useT } from './texts'

/** A customer's profile as it is edited. */
export type Profile = {
  code: string
  name: string
  email: string
  phone: string
  segment: string
  locale: 'zh-CN' | 'en' | null
  tags: readonly string[]
  marketing: boolean
}

export const EMPTY: Profile = {
  code: '',
  name: '',
  email: '',
  phone: '',
  segment: '',
  locale: 'zh-CN',
  tags: [],
  marketing: false,
}

type Props = { of: Field<Profile>; disabled?: boolean; fresh?: boolean }

/** The fields of a profile: the same for a new customer and one that is changed. */
export function ProfileFields({ of, disabled = false, fresh = false }: Props) {
  const t = useT()
  return (
    <div className="zg-form">
      <TextField of={of.at('name')} label={t('name')} required maxLength={200} disabled={disabled} />
      <div className="zg-fields">
        <TextField of={of.at('email')} label={t('email')} type="email" maxLength={254} disabled={disabled} />
        <TextField of={of.at('phone')} label={t('phone')} type="tel" maxLength={32} disabled={disabled} />
      </div>
      <div className="zg-fields">
        <TextField
          of={of.at('code')}
          label={t('code')}
          help={fresh ? t('codeHelp') : undefined}
          maxLength={64}
          disabled={disabled}
        />
        <TextField of={of.at('segment')} label={t('segment')} maxLength={64} disabled={disabled} />
        <SelectField
          of={of.at('locale')}
          label={t('locale')}
          options={[
            { value: 'zh-CN', label: '中文' },
            { value: 'en', label: 'English' },
          ]}
          disabled={disabled}
        />
      </div>
      <TagsField of={of.at('tags')} label={t('tags')} disabled={disabled} />
      <SwitchField of={of.at('marketing')} label={t('marketing')} disabled={disabled} />
    </div>
  )
}
