import { describe, expect, it } from 'vitest'
import {
  dayStart,
  formatDayBrief,
  formatDays,
  formatMoney,
  formatMoneyBrief,
  formatMonth,
  formatRelative,
  formatShort,
  nextDay,
  parseMoney,
  plainMoney,
  shopDay,
} from './format'

describe('money', () => {
  it('is written by the currency’s own digits, without floating point', () => {
    expect(formatMoney({ amount: 12990, currency: 'CNY' }, 'zh-CN')).toBe('¥129.90')
    expect(formatMoney({ amount: 500, currency: 'JPY' }, 'en')).toBe('¥500')
    expect(formatMoney({ amount: 1234567, currency: 'KWD' }, 'en').replace(/\s/g, ' ')).toBe('KWD 1,234.567')
    expect(formatMoney({ amount: -5, currency: 'USD' }, 'en')).toBe('−$0.05')
    expect(formatMoney({ amount: 9007199254740991, currency: 'USD' }, 'en')).toBe('$90,071,992,547,409.91')
  })

  it('is short on the axis of a chart', () => {
    expect(formatMoneyBrief({ amount: 0, currency: 'CNY' }, 'zh-CN')).toBe('¥0')
    expect(formatMoneyBrief({ amount: 250_000, currency: 'CNY' }, 'en')).toBe('¥2.5K')
    expect(formatMoneyBrief({ amount: 2_400_000, currency: 'CNY' }, 'zh-CN')).toBe('¥2.4万')
    expect(formatMoneyBrief({ amount: 500, currency: 'JPY' }, 'en')).toBe('¥500')
  })

  it('is read from what people type, or refused', () => {
    expect(parseMoney('129.9', 'CNY')).toBe(12990)
    expect(parseMoney('¥1,299', 'CNY')).toBe(129900)
    expect(parseMoney('-0.05', 'USD')).toBe(-5)
    expect(parseMoney('1.005', 'USD')).toBeUndefined()
    expect(parseMoney('1.5', 'JPY')).toBeUndefined()
    expect(parseMoney('abc', 'CNY')).toBeUndefined()
    expect(parseMoney('', 'CNY')).toBeUndefined()
  })

  it('is the same after writing and reading', () => {
    for (const amount of [0, 5, 99, 100, 12990, -12345]) {
      expect(parseMoney(plainMoney({ amount, currency: 'CNY' }), 'CNY')).toBe(amount)
    }
  })
})

describe('time', () => {
  const now = new Date('2024-06-01T02:00:00Z')

  it('is relative within a week', () => {
    expect(formatRelative('2024-06-01T01:57:00Z', now, 'en', 'just now')).toBe('3 minutes ago')
    expect(formatRelative('2024-05-31T02:00:00Z', now, 'zh-CN', '刚刚')).toBe('昨天')
    expect(formatRelative('2024-06-01T01:59:50Z', now, 'en', 'just now')).toBe('just now')
    expect(formatRelative('2024-05-01T02:00:00Z', now, 'en', 'just now')).toBeUndefined()
  })

  it('begins its days in the shop’s zone, not in UTC', () => {
    expect(shopDay(new Date('2024-05-31T16:30:00Z'), 'Asia/Shanghai')).toBe('2024-06-01')
    expect(formatShort('2024-05-31T16:30:00Z', now, 'en', 'Asia/Shanghai')).toBe('00:30')
    expect(formatShort('2024-05-31T16:30:00Z', now, 'en', 'America/New_York')).toBe('12:30')
    expect(formatShort('2024-05-30T16:30:00Z', now, 'en', 'America/New_York')).toBe('May 30, 12:30')
  })

  it('names days and months of the shop as people do', () => {
    expect(formatDayBrief('2024-05-31', 'zh-CN')).toBe('5月31日')
    expect(formatDayBrief('2024-05-31', 'en')).toBe('May 31')
    expect(formatDays('2024-05-31', '2024-06-02', 'zh-CN')).toBe('2024/5/31 – 2024/6/2')
    expect(formatDays('2024-05-31', '2024-05-31', 'en')).toBe('May 31, 2024')
    expect(formatMonth('2024-05', 'zh-CN')).toBe('2024年5月')
    expect(formatMonth('2024-05', 'en')).toBe('May 2024')
  })

  it('are asked for by the instant at which they begin, also when the clock changes', () => {
    expect(dayStart('2024-06-01', 'Asia/Shanghai')).toBe('2024-05-31T16:00:00.000Z')
    expect(dayStart('2024-03-10', 'America/New_York')).toBe('2024-03-10T05:00:00.000Z')
    expect(dayStart('2024-03-11', 'America/New_York')).toBe('2024-03-11T04:00:00.000Z')
    expect(nextDay('2024-02-28')).toBe('2024-02-29')
  })
})
