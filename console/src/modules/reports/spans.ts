import { nextDay } from '@/ui'

/** Every day from one to another, both included. */
export function days(from: string, to: string): readonly string[] {
  const all: string[] = []
  for (let day = from; day <= to; day = nextDay(day)) all.push(day)
  return all
}

/** Every month that has a day between the two: `2024-01`, `2024-02`. */
export function months(from: string, to: string): readonly string[] {
  return [...new Set(days(from, to).map(day => day.slice(0, 7)))]
}
