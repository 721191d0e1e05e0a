import { useLabel, useLocale } from '@/i18n'
import { TASK_WORDS, useQueueT } from './texts'

/** A task: what it does, and its name. */
export function TaskName({ name }: { name: string }) {
  const label = useLabel()
  const words = TASK_WORDS[name]
  return (
    <span>
      {words ? `${label(words)} ` : null}
      <span className="zg-mono zg-quiet">{name}</span>
    </span>
  )
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const

/** A span as people say it: the largest unit that fits. */
export function useSpan(): (seconds: number) => string {
  const locale = useLocale()
  return seconds => {
    const [unit, size] = UNITS.find(([, size]) => seconds >= size) ?? ['second', 1]
    return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 1 }).format(
      seconds / size,
    )
  }
}

/** `every 3600s` in the reader's language; a crontab as it is. */
export function useScheduleWords(): (schedule: string) => string {
  const t = useQueueT()
  const span = useSpan()
  return schedule => {
    const seconds = /^every (\d+(?:\.\d+)?)s$/.exec(schedule)?.[1]
    return seconds === undefined ? schedule : t('every', { span: span(Number(seconds)) })
  }
}
