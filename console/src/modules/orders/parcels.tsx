import { useQuery } from '@tanstack/react-query'
import { type Schemas, useMay } from '@/api'
import { Action, Card, PARCEL_STATES, ProblemView, SelectField, StateBadge, TextField, Time } from '@/ui'
import { useCarriers } from './carriers'
import { type Order, parcelsQuery, useParcelCommands } from './queries'
import { useT } from './texts'

type Parcel = Schemas['ShipmentView']

/** What left, in which parcel, and where it is (M5.12). */
export function Parcels({ row }: { row: Order }) {
  const t = useT()
  const may = useMay()
  const allowed = may('fulfilment.read')
  const parcels = useQuery({ ...parcelsQuery(row.id), enabled: allowed })
  if (!allowed || (!parcels.isError && !parcels.data?.length)) return null
  return (
    <Card title={t('parcels')}>
      {parcels.isError ? <ProblemView error={parcels.error} retry={() => void parcels.refetch()} /> : null}
      <div className="zg-stack">
        {parcels.data?.map(parcel => (
          <One key={parcel.id} parcel={parcel} />
        ))}
      </div>
    </Card>
  )
}

const nothing = {}

function One({ parcel }: { parcel: Parcel }) {
  const t = useT()
  const may = useMay()
  const { handOver, deliver, undo } = useParcelCommands(parcel.id)
  const can = (name: string) => may('shipments.write') && parcel.actions.includes(name)
  return (
    <section className="zg-parcel" aria-label={parcel.number}>
      <header>
        <strong className="zg-num">{parcel.number}</strong>
        <StateBadge state={parcel.state} of={PARCEL_STATES} />
        <span>
          {parcel.carrier}{' '}
          {parcel.tracking_url ? (
            <a href={parcel.tracking_url} target="_blank" rel="noreferrer">
              {parcel.tracking_number}
            </a>
          ) : (
            parcel.tracking_number
          )}
        </span>
        <span className="zg-quiet">
          <Time at={parcel.delivered_at ?? parcel.handed_over_at ?? parcel.packed_at} />
        </span>
        <span className="zg-parcel-do">
          {can('hand_over') ? (
            <Action
              name={`hand_over.${parcel.id}`}
              label={t('parcel.handOver')}
              size="small"
              initial={nothing}
              run={handOver}
              done={t('parcel.handOver.done')}
            />
          ) : null}
          {can('deliver') ? (
            <Action
              name={`deliver.${parcel.id}`}
              label={t('parcel.deliver')}
              size="small"
              initial={nothing}
              run={deliver}
              done={t('parcel.deliver.done')}
            />
          ) : null}
          {can('change') ? <Waybill parcel={parcel} /> : null}
          {can('undo') ? (
            <Action
              name={`undo.${parcel.id}`}
              label={t('parcel.undo')}
              size="small"
              danger
              title={t('parcel.undo.title', { number: parcel.number })}
              consequences={t('parcel.undo.help')}
              initial={nothing}
              run={undo}
              done={t('parcel.undo.done')}
            />
          ) : null}
        </span>
      </header>
      {parcel.note ? <p className="zg-quiet">{parcel.note}</p> : null}
      <ul className="zg-quiet">
        {parcel.lines.map(line => (
          <li key={line.line_id}>
            {line.name}
            {line.options ? ` · ${line.options}` : ''} × {line.quantity}
          </li>
        ))}
      </ul>
    </section>
  )
}

/** Another carrier or number than was written on it first. */
function Waybill({ parcel }: { parcel: Parcel }) {
  const t = useT()
  const { change } = useParcelCommands(parcel.id)
  const carriers = useCarriers()
  return (
    <Action
      name={`waybill.${parcel.id}`}
      label={t('parcel.change')}
      size="small"
      title={t('parcel.change.title', { number: parcel.number })}
      {...(parcel.notified_at ? { consequences: t('parcel.change.help') } : {})}
      initial={{
        tracking_number: parcel.tracking_number ?? '',
        carrier_id: parcel.carrier_id ? String(parcel.carrier_id) : null,
      }}
      form={field => (
        <>
          <TextField
            of={field.at('tracking_number')}
            label={t('ship.tracking')}
            help={t('ship.trackingHelp')}
            maxLength={64}
          />
          <SelectField<string> of={field.at('carrier_id')} label={t('ship.carrier')} options={carriers} />
        </>
      )}
      run={({ key, body }) =>
        change(
          {
            key,
            body: {
              tracking_number: body.tracking_number || null,
              ...(body.carrier_id ? { carrier_id: Number(body.carrier_id) } : {}),
            },
          },
          parcel.version,
        )
      }
      done={t('parcel.change.done')}
    />
  )
}
