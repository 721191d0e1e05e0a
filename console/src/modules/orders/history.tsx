import { newKey, useMe } from '@/api'
import { useLocale } from '@/i18n'
import { formatMinute, Timeline } from '@/ui'
import { useEntryText } from './entries'
import { useMethodName } from './methods'
import { type Entry, type Order, useCommands } from './queries'
import { useT } from './texts'

/** Who did what when, and what colleagues noted. */
export function History({ row }: { row: Order }) {
  const t = useT()
  const locale = useLocale()
  const zone = useMe().shop.time_zone
  const { comment } = useCommands(row)
  const may = row.actions.some(action => action.name === 'comment' && action.allowed)
  const methodOf = useMethodName()
  const textOf = useEntryText(row, methodOf, at => formatMinute(at, locale, zone))
  const who = ({ actor_kind, actor_name }: Entry) => {
    if (actor_kind === 'system') return null
    const shopper = actor_kind === 'shopper' || actor_kind === 'guest'
    return actor_name || (shopper ? row.contact.name || t('shopper') : null)
  }
  const items = row.timeline.data.map(entry => ({
    id: entry.id,
    at: entry.at,
    who: who(entry),
    text: textOf(entry),
    note: entry.comment,
  }))
  return may ? <Timeline items={items} comment={words => comment(words, newKey())} /> : <Timeline items={items} />
}
