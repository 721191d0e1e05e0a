import { useQuery } from '@tanstack/react-query'
import { useMay } from '@/api'
import { Action, AreaField, NumberField, SelectField, TextField } from '@/ui'
import { carriersQuery, type Order, useCommands } from './queries'
import { useT } from './texts'

type Written = { lines: Record<string, number | null>; carrier: string | null; tracking: string; note: string }

/** Packs a parcel of this order: all that is open unless less is said (M5.12). */
export function Ship({ row, primary = false }: { row: Order; primary?: boolean }) {
  const t = useT()
  const { ship } = useCommands(row)
  const may = useMay()
  const carriers = useQuery({ ...carriersQuery, enabled: may('shipping.read') }).data?.data ?? []
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
          {open.map(line => (
            <NumberField
              key={line.id}
              of={field.at('lines').at(String(line.id))}
              label={line.options ? `${line.name} · ${line.options}` : line.name}
              help={t('ship.of', { open: line.open })}
            />
          ))}
          <SelectField
            of={field.at('carrier')}
            label={t('ship.carrier')}
            options={carriers
              .filter(carrier => carrier.enabled)
              .map(carrier => ({ value: String(carrier.id), label: carrier.name }))}
          />
          <TextField
            of={field.at('tracking')}
            label={t('ship.tracking')}
            help={t('ship.trackingHelp')}
            maxLength={64}
          />
          <AreaField of={field.at('note')} label={t('ship.note')} maxLength={1000} />
        </>
      )}
      run={({ key, body }) =>
        ship({
          key,
          body: {
            lines: Object.entries(body.lines).flatMap(([id, quantity]) =>
              quantity ? [{ line_id: Number(id), quantity }] : [],
            ),
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
