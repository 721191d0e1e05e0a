import { Action } from '@/ui'
import { chosen, Quantities } from './quantities'
import { type Order, useCommands } from './queries'
import { UNSAID, useWhy, type Why, WhyFields } from './reasons'
import { useT } from './texts'

/** Calls single pieces off (M4.3). */
export function CancelLines({ row }: { row: Order }) {
  const t = useT()
  const { cancelLines } = useCommands(row)
  const said = useWhy()
  const open = row.lines.filter(line => line.open > 0)
  const initial: Why & { lines: Readonly<Record<string, number | null>> } = {
    ...UNSAID,
    lines: Object.fromEntries(open.map(line => [String(line.id), null])),
  }
  return (
    <Action
      of={row}
      name="cancel_lines"
      label={t('action.cancel_lines')}
      danger
      title={t('action.cancel_lines.title', { number: row.number })}
      consequences={t('action.cancel_lines.help')}
      initial={initial}
      form={field => (
        <>
          <Quantities of={field.at('lines')} lines={open} open={t('action.cancel_lines.open')} />
          <WhyFields reason={field.at('reason')} comment={field.at('comment')} />
        </>
      )}
      run={async ({ key, body }) => {
        await cancelLines({ key, body: { ...said(body), lines: chosen(body.lines) } })
      }}
      done={t('action.cancel_lines.done')}
    />
  )
}
