import { Action, NumberField } from '@/ui'
import { type Order, useCommands } from './queries'
import { UNSAID, useWhy, type Why, WhyFields } from './reasons'
import { useT } from './texts'

/** Calls single pieces off (M4.3). */
export function CancelLines({ row }: { row: Order }) {
  const t = useT()
  const { cancelLines } = useCommands(row)
  const said = useWhy()
  const open = row.lines.filter(line => line.open > 0)
  const initial: Why & { lines: Record<string, number | null> } = {
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
          {open.map(line => (
            <NumberField
              key={line.id}
              of={field.at('lines').at(String(line.id))}
              label={line.options ? `${line.name} · ${line.options}` : line.name}
              help={t('action.cancel_lines.of', { open: line.open })}
            />
          ))}
          <WhyFields reason={field.at('reason')} comment={field.at('comment')} />
        </>
      )}
      run={async ({ key, body }) => {
        const lines = Object.entries(body.lines).flatMap(([id, quantity]) =>
          quantity ? [{ line_id: Number(id), quantity }] : [],
        )
        await cancelLines({ key, body: { ...said(body), lines } })
      }}
      done={t('action.cancel_lines.done')}
    />
  )
}
