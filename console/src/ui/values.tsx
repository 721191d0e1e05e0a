import './values.css'
import { CheckOutlined, CopyOutlined } from '@ant-design/icons'
import { type ReactNode, useEffect, useState } from 'react'
import { useMe } from '@/api/session'
import { type Label, useLabel, useLocale } from '@/i18n'
import {
  formatDay,
  formatInstant,
  formatMinute,
  formatMoney,
  formatNumber,
  formatPpm,
  formatRelative,
  formatShort,
  type MoneyValue,
} from './format'
import { useUi } from './texts'
import { useNow } from './use-now'

/** An amount; the server has computed it. */
export function Money({ value, signed = false }: { value: MoneyValue | null | undefined; signed?: boolean }) {
  const locale = useLocale()
  if (!value) return <None />
  const plus = signed && value.amount > 0 ? '+' : ''
  return (
    <span className="zg-num zg-money" data-negative={value.amount < 0}>
      {plus + formatMoney(value, locale)}
    </span>
  )
}

/** A count of things, with its unit if it has one. */
export function Quantity({ value, unit }: { value: number | null | undefined; unit?: string }) {
  const locale = useLocale()
  if (value === null || value === undefined) return <None />
  return (
    <span className="zg-num">
      {formatNumber(value, locale)}
      {unit ? <span className="zg-quiet"> {unit}</span> : null}
    </span>
  )
}

/** A share in parts per million. */
export function Share({ ppm }: { ppm: number | null | undefined }) {
  const locale = useLocale()
  return ppm === null || ppm === undefined ? <None /> : <span className="zg-num">{formatPpm(ppm, locale)}</span>
}

/** An instant: relative within a week, the shop's date beyond, or to the minute; exact on hover. */
export function Time({ at, exact = false }: { at: string | null | undefined; exact?: boolean | 'minute' }) {
  const t = useUi()
  const locale = useLocale()
  const zone = useMe().shop.time_zone
  const now = useNow()
  if (!at) return <None />
  const full = formatInstant(at, locale, zone)
  const short = () => formatRelative(at, now, locale, t('time.justNow')) ?? formatShort(at, now, locale, zone)
  return (
    <time className="zg-time" dateTime={at} title={full}>
      {exact === 'minute' ? formatMinute(at, locale, zone) : exact ? full : short()}
    </time>
  )
}

/** A shop day, `2024-05-31`. */
export function Day({ day }: { day: string | null | undefined }) {
  const locale = useLocale()
  return day ? <span className="zg-time">{formatDay(day, locale)}</span> : <None />
}

/** Somebody: one name, never split into first and last. */
export function Person({ name, note, to }: { name: string | null | undefined; note?: ReactNode; to?: ReactNode }) {
  const t = useUi()
  const shown = name?.trim() || t('timeline.system')
  return (
    <span className="zg-person">
      <span className="zg-person-mark" aria-hidden="true">
        {initials(shown)}
      </span>
      <span className="zg-person-name">
        {to ?? shown}
        {note ? <span className="zg-person-note">{note}</span> : null}
      </span>
    </span>
  )
}

/** 王小明 → 王, Ada Lovelace → AL. */
export function initials(name: string): string {
  const first = [...name.trim()][0] ?? ''
  if (/\p{Script=Han}/u.test(first)) return first
  const words = name.split(/\s+/).filter(word => word !== '')
  return words
    .slice(0, 2)
    .map(word => [...word][0] ?? '')
    .join('')
    .toUpperCase()
}

/** A code that people copy: SKU, order number, waybill. */
export function SkuCode({ code }: { code: string | null | undefined }) {
  const t = useUi()
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 1500)
    return () => clearTimeout(timer)
  }, [copied])
  if (!code) return <None />
  return (
    <span className="zg-sku">
      {code}
      <button
        type="button"
        className="zg-plain"
        aria-label={`${copied ? t('common.copied') : t('common.copy')} ${code}`}
        onClick={event => {
          event.stopPropagation()
          event.preventDefault()
          navigator.clipboard?.writeText(code).then(
            () => setCopied(true),
            () => setCopied(false),
          )
        }}
      >
        {copied ? <CheckOutlined /> : <CopyOutlined />}
      </button>
    </span>
  )
}

/** What a colour means: waiting, under way, well, mind this, wrong. */
export type Tone = 'neutral' | 'busy' | 'good' | 'warn' | 'bad'
export type StateLook = { readonly tone: Tone; readonly label: Label }

/**
 * A state, by a table that knows every one of them:
 * `const ORDER_STATES = {…} satisfies Record<OrderState, StateLook>`.
 */
export function StateBadge({ state, of }: { state: string; of: Readonly<Record<string, StateLook>> }) {
  const label = useLabel()
  const look = of[state]
  return (
    <span className="zg-badge" data-tone={look?.tone ?? 'neutral'}>
      {look ? label(look.label) : state}
    </span>
  )
}

export function Badge({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span className="zg-badge" data-tone={tone}>
      {children}
    </span>
  )
}

/** Nothing there. */
export function None() {
  return <span className="zg-quiet">—</span>
}
