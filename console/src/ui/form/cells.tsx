import { Input } from 'antd'
import type { ReactNode } from 'react'
import type { MoneyValue } from '../format'
import { parseMoney, plainMoney } from '../format'
import { useUi } from '../texts'
import type { Field } from './field'
import { useTyped, whole } from './fields'
import { unreadable } from './unreadable'

type Look = { label: string; disabled?: boolean }

/** An input in a table: its label is heard, what is wrong with it stands below. */
function Cell({ errors, children }: { errors: readonly string[]; children: ReactNode }) {
  return (
    <>
      {children}
      {errors.length > 0 ? <span className="zg-error">{errors.join(' ')}</span> : null}
    </>
  )
}

export function TextCell({
  of,
  label,
  disabled,
  mono,
  maxLength,
  lang,
  placeholder,
}: Look & { of: Field<string>; mono?: boolean; maxLength?: number; lang?: string; placeholder?: string | undefined }) {
  return (
    <Cell errors={of.errors}>
      <Input
        id={of.id}
        aria-label={label}
        aria-invalid={of.errors.length > 0}
        status={of.errors.length > 0 ? 'error' : ''}
        className={mono ? 'zg-mono' : undefined}
        value={of.value}
        disabled={disabled}
        maxLength={maxLength}
        lang={lang}
        placeholder={placeholder}
        onChange={event => of.set(event.target.value)}
      />
    </Cell>
  )
}

export function NumberCell({ of, label, disabled }: Look & { of: Field<number | null> }) {
  const t = useUi()
  const [text, setText] = useTyped(of.value === null ? '' : String(of.value), typed => whole(typed) === of.value)
  const errors = whole(text) === undefined ? [t('form.notANumber'), ...of.errors] : of.errors
  return (
    <Cell errors={errors}>
      <Input
        id={of.id}
        aria-label={label}
        aria-invalid={errors.length > 0}
        {...unreadable(whole(text) === undefined)}
        status={errors.length > 0 ? 'error' : ''}
        inputMode="numeric"
        className="zg-num"
        value={text}
        disabled={disabled}
        onChange={event => {
          setText(event.target.value)
          const value = whole(event.target.value)
          if (value !== undefined) of.set(value)
        }}
      />
    </Cell>
  )
}

export function MoneyCell({
  of,
  label,
  currency,
  disabled,
}: Look & { of: Field<MoneyValue | null>; currency: string }) {
  const t = useUi()
  const read = (typed: string) => (typed.trim() === '' ? null : parseMoney(typed, currency))
  const [text, setText] = useTyped(
    of.value ? plainMoney(of.value) : '',
    typed => read(typed) === (of.value?.amount ?? null),
  )
  const errors = read(text) === undefined ? [t('form.notAnAmount'), ...of.errors] : of.errors
  return (
    <Cell errors={errors}>
      <Input
        id={of.id}
        aria-label={label}
        aria-invalid={errors.length > 0}
        {...unreadable(read(text) === undefined)}
        status={errors.length > 0 ? 'error' : ''}
        inputMode="decimal"
        className="zg-num"
        value={text}
        disabled={disabled}
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
    </Cell>
  )
}
