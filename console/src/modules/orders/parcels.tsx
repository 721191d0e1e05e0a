import { useQuery } from '@tanstack/react-query'
import { type Schemas, useMay } from '@/api'
import { Action, Card, PARCEL_STATES, ProblemView, StateBadge, Time } from '@/ui'
import { type Order, parcelsQuery, useParcelCommands } from './queries'
import { useT } from './texts'

type Parcel = Schemas['ShipmentView']

/** What left, in which parcel, and where it is (M5.12). */
export function Parcels({ row }: { row: Order }) {
  const t = useT()
  const may = useMay()
  const allowed = may('fulfilment.read')
  const parcels = useQuery({ ...parcelsQuery(row.id), enabled: allowed })
  if (!allowed) return null
  return (
    <Card title={t('parcels')}>
      {parcels.isError ? <ProblemView error={parcels.error} retry={() => void parcels.refetch()} /> : null}
      {parcels.data?.length === 0 ? <span className="zg-quiet">{t('parcels.none')}</span> : null}
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
  const { handOver, deliver, undo } = useParcelCommands(parcel.id)
  // The server lists what the parcel's state allows; the rest is greyed.
  const of = {
    actions: (['hand_over', 'deliver', 'undo'] as const).map(name => ({
      name,
      allowed: parcel.actions.includes(name),
    })),
  }
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
          <Action
            of={of}
            name="hand_over"
            label={t('parcel.handOver')}
            size="small"
            initial={nothing}
            run={handOver}
            done={t('parcel.handOver.done')}
          />
          <Action
            of={of}
            name="deliver"
            label={t('parcel.deliver')}
            size="small"
            initial={nothing}
            run={deliver}
            done={t('parcel.deliver.done')}
          />
          <Action
            of={of}
            name="undo"
            label={t('parcel.undo')}
            size="small"
            danger
            title={t('parcel.undo.title', { number: parcel.number })}
            consequences={t('parcel.undo.help')}
            initial={nothing}
            run={undo}
            done={t('parcel.undo.done')}
          />
        </span>
      </header>
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
