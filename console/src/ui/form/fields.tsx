import './form.css'
import { DatePicker, Input, Select, Switch } from 'antd'
import dayjs from 'dayjs'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { LOCALES, type Locale, useLocale } from '@/i18n'
import { type MoneyValue, parseMoney, plainMoney } from '../format'
import type { Option } from '../table/filters'
import { useUi } from '../texts'
import type { Field } from './field'
import { unreadable } from './unreadable'

type Look = { label: string; help?: ReactNode; required?: boolean; disabled?: boolean }

/** What an input of one's own needs: its id, and what describes it. */
export type Bound = {
  id: string
  status: '' | 'error'
  'aria-describedby': string | undefined
  'aria-invalid': boolean
  'aria-required': boolean
  disabled: boolean | undefined
}

/** Label above, help below, what is wrong beside it. */
export function FieldBox({
  of,
  label,
  help,
  required = false,
  disabled,
  extra,
  error,
  children,
}: Look & {
  of: { id: string; errors: readonly string[] }
  extra?: ReactNode
  error?: string | undefined
  children: (bound: Bound) => ReactNode
}) {
  const t = useUi()
  const errors = error ? [error, ...of.errors] : of.errors
  const wrong = errors.length > 0
  const describedBy = [help ? `${of.id}-help` : '', wrong ? `${of.id}-error` : ''].filter(each => each !== '').join(' ')
  return (
    <div className="zg-field">
      <div className="zg-label-row">
        <label htmlFor={of.id} className="zg-label" style={{ fontWeight: 500 }}>
          {label}
          {required ? <span className="zg-need">{t('form.required')}</span> : null}
        </label>
        {extra}
      </div>
      {children({
        id: of.id,
        status: wrong ? 'error' : '',
        'aria-describedby': describedBy || undefined,
        'aria-invalid': wrong,
        'aria-required': required,
        disabled,
      })}
      {wrong ? (
        <span className="zg-error" id={`${of.id}-error`}>
          {errors.join(' ')}
        </span>
      ) : null}
      {help ? (
        <span className="zg-help" id={`${of.id}-help`}>
          {help}
        </span>
      ) : null}
    </div>
  )
}

type TextProps = Look & {
  of: Field<string>
  maxLength?: number
  placeholder?: string
  autoFocus?: boolean
  mono?: boolean
  type?: 'text' | 'email' | 'tel' | 'url' | 'password'
  autoComplete?: string
}

export function TextField({
  of,
  maxLength,
  placeholder,
  autoFocus,
  mono,
  type = 'text',
  autoComplete = 'off',
  ...look
}: TextProps) {
  const Control = type === 'password' ? Input.Password : Input
  return (
    <FieldBox of={of} {...look}>
      {bound => (
        <Control
          {...bound}
          type={type}
          autoComplete={autoComplete}
          value={of.value}
          maxLength={maxLength}
          placeholder={placeholder}
          autoFocus={autoFocus}
          className={mono ? 'zg-mono' : undefined}
          onChange={event => of.set(event.target.value)}
        />
      )}
    </FieldBox>
  )
}

export function AreaField({
  of,
  rows = 3,
  maxLength,
  ...look
}: Look & { of: Field<string>; rows?: number; maxLength?: number }) {
  return (
    <FieldBox of={of} {...look}>
      {bound => (
        <Input.TextArea
          {...bound}
          autoSize={{ minRows: rows, maxRows: 16 }}
          value={of.value}
          maxLength={maxLength}
          showCount={maxLength !== undefined && of.value.length > maxLength * 0.8}
          onChange={event => of.set(event.target.value)}
        />
      )}
    </FieldBox>
  )
}

/** A whole number; what is not one stays in the field and is said to be wrong. */
export function NumberField({ of, unit, ...look }: Look & { of: Field<number | null>; unit?: string }) {
  const t = useUi()
  const [text, setText] = useTyped(of.value === null ? '' : String(of.value), typed => whole(typed) === of.value)
  const wrong = text.trim() !== '' && whole(text) === undefined
  return (
    <FieldBox of={of} {...look} error={wrong ? t('form.notANumber') : undefined}>
      {bound => (
        <Input
          {...bound}
          {...unreadable(wrong)}
          inputMode="numeric"
          className="zg-num"
          suffix={unit}
          value={text}
          onChange={event => {
            setText(event.target.value)
            const value = event.target.value.trim() === '' ? null : whole(event.target.value)
            if (value !== undefined) of.set(value)
          }}
        />
      )}
    </FieldBox>
  )
}

export function whole(text: string): number | null | undefined {
  if (text.trim() === '') return null
  const value = Number(text.replace(/[,，\s]/g, ''))
  return Number.isSafeInteger(value) ? value : undefined
}

/** An amount, typed in units and kept in minor units. */
export function MoneyField({ of, currency, ...look }: Look & { of: Field<MoneyValue | null>; currency: string }) {
  const t = useUi()
  const read = (typed: string) => (typed.trim() === '' ? null : parseMoney(typed, currency))
  const [text, setText] = useTyped(
    of.value ? plainMoney(of.value) : '',
    typed => read(typed) === (of.value?.amount ?? null),
  )
  return (
    <FieldBox
      of={{ id: of.id, errors: of.errorsWithin }}
      {...look}
      error={read(text) === undefined ? t('form.notAnAmount') : undefined}
    >
      {bound => (
        <Input
          {...bound}
          {...unreadable(read(text) === undefined)}
          inputMode="decimal"
          className="zg-num"
          suffix={<span className="zg-quiet">{currency}</span>}
          value={text}
          onChange={event => {
            setText(event.target.value)
            const amount = read(event.target.value)
            if (amount !== undefined) of.set(amount === null ? null : { amount, currency })
          }}
          onBlur={() => {
            const amount = read(text)
            if (typeof amount === 'number') setText(plainMoney({ amount, currency }))
          }}
        />
      )}
    </FieldBox>
  )
}

/** Keeps what is being typed, until the value becomes another one from outside. */
export function useTyped(value: string, means: (text: string) => boolean): [string, (text: string) => void] {
  const [text, setText] = useState(value)
  const meaning = useRef(means)
  useEffect(() => {
    meaning.current = means
  })
  useEffect(() => setText(before => (meaning.current(before) ? before : value)), [value])
  return [text, setText]
}

export function SelectField<V extends string>({
  of,
  options,
  clearable = false,
  placeholder,
  onSearch,
  ...look
}: Look & {
  of: Field<V | null>
  options: readonly { value: V; label: ReactNode }[]
  clearable?: boolean
  placeholder?: string
  onSearch?: (text: string) => void
}) {
  return (
    <FieldBox of={of} {...look}>
      {bound => (
        <Select<V>
          {...bound}
          value={of.value ?? undefined}
          placeholder={placeholder}
          allowClear={clearable}
          showSearch={
            onSearch ? { onSearch, filterOption: false } : options.length > 8 ? { optionFilterProp: 'label' } : false
          }
          options={[...options]}
          onChange={value => of.set(value ?? null)}
        />
      )}
    </FieldBox>
  )
}

/** Several of a list, or free words. */
export function TagsField({
  of,
  options = [],
  free = true,
  ...look
}: Look & { of: Field<readonly string[]>; options?: readonly Option[]; free?: boolean }) {
  return (
    <FieldBox of={of} {...look}>
      {bound => (
        <Select<string[]>
          {...bound}
          mode={free ? 'tags' : 'multiple'}
          tokenSeparators={free ? [',', '，', '、'] : []}
          value={[...of.value]}
          options={options.map(({ value, label }) => ({ value, label }))}
          onChange={value => of.set(value)}
        />
      )}
    </FieldBox>
  )
}

export function SwitchField({ of, ...look }: Look & { of: Field<boolean> }) {
  return (
    <FieldBox of={of} {...look}>
      {({ id, disabled, ...aria }) => (
        <span>
          <Switch
            id={id}
            disabled={disabled}
            aria-describedby={aria['aria-describedby']}
            checked={of.value}
            onChange={value => of.set(value)}
          />
        </span>
      )}
    </FieldBox>
  )
}

/** A shop day. */
export function DayField({ of, ...look }: Look & { of: Field<string | null> }) {
  return (
    <FieldBox of={of} {...look}>
      {({ status, ...bound }) => (
        <DatePicker
          {...bound}
          status={status}
          value={of.value ? dayjs(of.value) : null}
          onChange={day => of.set(day ? day.format('YYYY-MM-DD') : null)}
        />
      )}
    </FieldBox>
  )
}

const NAMES = { 'zh-CN': '中', en: 'EN' } satisfies Record<Locale, string>

/** A text in several languages, `{"zh-CN": …, "en": …}`; what is missing falls back to the other. */
export function NameField({
  of,
  area = false,
  maxLength,
  ...look
}: Look & { of: Field<Readonly<Record<string, string>>>; area?: boolean; maxLength?: number }) {
  const present = useLocale()
  const [locale, setLocale] = useState<Locale>(present)
  const text = of.value[locale] ?? ''
  const change = (next: string) => of.update(before => ({ ...before, [locale]: next }))
  const fallback = Object.entries(of.value).find(([tag, other]) => tag !== locale && other !== '')?.[1]
  return (
    <FieldBox
      of={{ id: of.id, errors: [...of.errors, ...LOCALES.flatMap(tag => of.at(tag).errors)] }}
      {...look}
      extra={
        <span className="zg-tabs-mini">
          {LOCALES.map(tag => (
            <button
              key={tag}
              type="button"
              className="zg-plain"
              aria-pressed={tag === locale}
              lang={tag}
              onClick={() => setLocale(tag)}
            >
              {NAMES[tag]}
              {of.value[tag] ? '' : ' ·'}
            </button>
          ))}
        </span>
      }
    >
      {bound =>
        area ? (
          <Input.TextArea
            {...bound}
            lang={locale}
            autoSize={{ minRows: 3, maxRows: 16 }}
            value={text}
            maxLength={maxLength}
            placeholder={fallback}
            onChange={event => change(event.target.value)}
          />
        ) : (
          <Input
            {...bound}
            lang={locale}
            value={text}
            maxLength={maxLength}
            placeholder={fallback}
            onChange={event => change(event.target.value)}
          />
        )
      }
    </FieldBox>
  )
}
