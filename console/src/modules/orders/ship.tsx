import { Action, AreaField, SelectField, TextField } from '@/ui'
import { useCarriers } from './carriers'
import { chosen, Quantities } from './quantities'
import { type Order, useCommands } from './queries'
import { useT } from './texts'

type Written = {
  lines: Readonly<Record<string, number | null>>
  carrier: string | null
  tracking: string
  note: string
}

/** Packs a parcel of this order: all that is open unless less is said (M5.12). */
export function Ship({ row, primary = false }: { row: Order; primary?: boolean }) {
  const t = useT()
  const { ship } = useCommands(row)
  const carriers = useCarriers()
  const open = row.lines.filter(line => line.open > 0)
  const initial: Written = {
    lines: Object.fromEntries(open.map(line => [String(line.id), line.open])),
    carrier: null,
    tracking: '',
    note: '',
  }
  return (
    <Action
      of={row}
      name="ship"
      label={t('action.ship')}
      primary={primary}
      hotkey="s"
      title={t('action.ship.title', { number: row.number })}
      consequences={t('action.ship.help')}
      initial={initial}
      form={field => (
        <>
          <div className="zg-fields">
            <TextField
              of={field.at('tracking')}
              label={t('ship.tracking')}
              help={t('ship.trackingHelp')}
              maxLength={64}
            />
            <SelectField
              of={field.at('carrier')}
              label={t('ship.carrier')}
              help={t('ship.carrierHelp')}
              options={carriers}
              clearable
            />
          </div>
          <Quantities of={field.at('lines')} lines={open} open={t('ship.open')} />
          <AreaField of={field.at('note')} label={t('ship.note')} rows={2} maxLength={1000} />
        </>
      )}
      run={({ key, body }) =>
        ship({
          key,
          body: {
            lines: chosen(body.lines),
            ...(body.carrier ? { carrier_id: Number(body.carrier) } : {}),
            ...(body.tracking ? { tracking_number: body.tracking } : {}),
            ...(body.note ? { note: body.note } : {}),
            notify: true,
            handed_over: false,
          },
        })
      }
      done={t('action.ship.done')}
    />
  )
}
