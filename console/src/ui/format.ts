import type { Locale } from '@/i18n'

/** An amount as the API gives it: minor units and an ISO 4217 currency. */
export type MoneyValue = { readonly amount: number; readonly currency: string }

/** How many digits the currency has after the point: CNY 2, JPY 0, KWD 3. */
export function exponent(currency: string): number {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
}

/** `¥1,234.50`. Whole and fraction are written apart: no floating point is involved. */
export function formatMoney(value: MoneyValue, locale: Locale): string {
  const digits = exponent(value.currency)
  const minor = BigInt(Math.abs(value.amount))
  const unit = 10n ** BigInt(digits)
  const fraction = (minor % unit).toString().padStart(digits, '0')
  const format = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: value.currency,
    currencyDisplay: 'narrowSymbol',
  })
  const text = format
    .formatToParts(minor / unit)
    .map(part => (part.type === 'fraction' ? fraction : part.value))
    .join('')
  return value.amount < 0 ? `−${text}` : text
}

/** `¥6K`, `¥2.4万`: for the axis of a chart, where the last digit says nothing. */
export function formatMoneyBrief(value: MoneyValue, locale: Locale): string {
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: value.currency,
    currencyDisplay: 'narrowSymbol',
    notation: 'compact',
    minimumFractionDigits: 0,
    maximumFractionDigits: 1,
  }).format(value.amount / 10 ** exponent(value.currency))
}

/** What somebody typed, as minor units; undefined if it is no amount of this currency. */
export function parseMoney(text: string, currency: string): number | undefined {
  const digits = exponent(currency)
  const match = /^([-−]?)(\d{1,15})(?:\.(\d*))?$/.exec(text.replace(/[\s,，¥$€£]/g, '').replace('。', '.'))
  if (!match) return undefined
  const [, sign = '', whole = '0', fraction = ''] = match
  if (fraction.length > digits) return undefined
  const amount = Number(`${whole}${fraction.padEnd(digits, '0')}`)
  if (!Number.isSafeInteger(amount)) return undefined
  return sign === '' || amount === 0 ? amount : -amount
}

/** Minor units as plain digits for an input: `1234.50`. */
export function plainMoney(value: MoneyValue): string {
  const digits = exponent(value.currency)
  const text = BigInt(Math.abs(value.amount))
    .toString()
    .padStart(digits + 1, '0')
  const sign = value.amount < 0 ? '-' : ''
  return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`
}

export function formatNumber(value: number, locale: Locale): string {
  return new Intl.NumberFormat(locale).format(value)
}

/** A share given in parts per million: `12.5 %`. */
export function formatPpm(ppm: number, locale: Locale): string {
  return new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 2 }).format(ppm / 1_000_000)
}

/** The exact instant in the shop's zone, which is named. */
export function formatInstant(iso: string, locale: Locale, timeZone: string): string {
  const at = new Date(iso)
  const text = new Intl.DateTimeFormat(locale, {
    year: 'numeric',
    month: locale === 'en' ? 'short' : '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZone,
  }).format(at)
  const parts = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'short' }).formatToParts(at)
  return `${text} ${parts.find(part => part.type === 'timeZoneName')?.value ?? timeZone}`
}

/** The instant to the minute in the shop's zone: for facts, where the zone goes without saying. */
export function formatMinute(iso: string, locale: Locale, timeZone: string): string {
  return new Intl.DateTimeFormat(locale, {
    year: 'numeric',
    month: locale === 'en' ? 'short' : '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone,
  }).format(new Date(iso))
}

/** Short: the time today, the day this year, else the whole date; in the shop's zone. */
export function formatShort(iso: string, now: Date, locale: Locale, timeZone: string): string {
  const at = new Date(iso)
  const day = (date: Date) => new Intl.DateTimeFormat('sv-SE', { timeZone }).format(date)
  const clock = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone } as const
  if (day(at) === day(now)) return new Intl.DateTimeFormat(locale, clock).format(at)
  const month = locale === 'en' ? 'short' : 'long'
  if (day(at).slice(0, 4) === day(now).slice(0, 4)) {
    return new Intl.DateTimeFormat(locale, { month, day: 'numeric', ...clock }).format(at)
  }
  return new Intl.DateTimeFormat(locale, { year: 'numeric', month, day: 'numeric', timeZone }).format(at)
}

/** A shop day, `2024-05-31`, which has no zone any more. */
export function formatDay(day: string, locale: Locale): string {
  return new Intl.DateTimeFormat(locale, {
    year: 'numeric',
    month: locale === 'en' ? 'short' : 'long',
    day: 'numeric',
    timeZone: 'UTC',
  }).format(new Date(`${day}T00:00:00Z`))
}

/** A shop day where its year is known: `5月31日`. */
export function formatDayBrief(day: string, locale: Locale): string {
  return new Intl.DateTimeFormat(locale, {
    month: locale === 'en' ? 'short' : 'long',
    day: 'numeric',
    timeZone: 'UTC',
  }).format(new Date(`${day}T00:00:00Z`))
}

/** Days of the shop from one to another: `Sep 27 – Oct 26, 2026`. */
export function formatDays(from: string, to: string, locale: Locale): string {
  const month = locale === 'en' ? 'short' : 'long'
  return new Intl.DateTimeFormat(locale, { year: 'numeric', month, day: 'numeric', timeZone: 'UTC' }).formatRange(
    new Date(`${from}T00:00:00Z`),
    new Date(`${to}T00:00:00Z`),
  )
}

/** A month of the shop, `2024-05`. */
export function formatMonth(month: string, locale: Locale): string {
  return new Intl.DateTimeFormat(locale, {
    year: 'numeric',
    month: locale === 'en' ? 'short' : 'long',
    timeZone: 'UTC',
  }).format(new Date(`${month}-01T00:00:00Z`))
}

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]

/** `3 minutes ago` up to a week; undefined beyond, where a date says more. */
export function formatRelative(iso: string, now: Date, locale: Locale, justNow: string): string | undefined {
  const seconds = Math.round((new Date(iso).getTime() - now.getTime()) / 1000)
  if (Math.abs(seconds) >= 7 * 86_400) return undefined
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length) {
      return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(Math.trunc(seconds / length), unit)
    }
  }
  return justNow
}

/** Now in the shop's zone, as a day. */
export function shopDay(now: Date, timeZone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone }).format(now)
}

/** The instant at which a shop day begins, for filters of instants by day. */
export function dayStart(day: string, timeZone: string): string {
  const wanted = Date.parse(`${day}T00:00:00Z`)
  // Twice, because the offset at the first guess may be that of the day before a change of the clock.
  let at = wanted
  for (let round = 0; round < 2; round += 1) at = wanted - offsetAt(at, timeZone)
  return new Date(at).toISOString()
}

/** The day after, `2024-02-29` → `2024-03-01`. */
export function nextDay(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)
}

/** How far the zone is ahead of UTC at an instant, in milliseconds. */
function offsetAt(at: number, timeZone: string): number {
  const local = new Intl.DateTimeFormat('sv-SE', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZone,
  }).format(new Date(at))
  return Date.parse(`${local.replace(' ', 'T')}Z`) - at
}
