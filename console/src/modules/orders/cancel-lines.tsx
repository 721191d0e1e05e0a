import { Action, AreaField, NumberField, ReasonField } from '@/ui'
import { REASONS, reasonOf } from './commands'
import { type Order, useCommands } from './queries'
import { useT } from './texts'

/** Calls single pieces off (M4.3). */
export function CancelLines({ row }: { row: Order }) {
  const t = useT()
  const { cancelLines } = useCommands(row)
  const open = row.lines.filter(line => line.open > 0)
  const initial: { reason: string; comment: string; lines: Record<string, number | null> } = {
    reason: '',
    comment: '',
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
          <ReasonField
            of={field.at('reason')}
            options={REASONS.map(value => ({ value, label: t(`reason.${value}`) }))}
          />
          <AreaField of={field.at('comment')} label={t('pay.note')} maxLength={500} />
        </>
      )}
      run={({ key, body }) => {
        const lines = Object.entries(body.lines).flatMap(([id, quantity]) =>
          quantity ? [{ line_id: Number(id), quantity }] : [],
        )
        return cancelLines({
          key,
          body: { reason: reasonOf(body.reason), lines, ...(body.comment ? { comment: body.comment } : {}) },
        })
      }}
      done={t('action.cancel_lines.done')}
    />
  )
}
