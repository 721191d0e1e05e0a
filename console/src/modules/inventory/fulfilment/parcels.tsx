import './pick.css'
import { App, Button } from 'antd'
import { useMemo } from 'react'
import { api, newKey, sends, unwrap, useMay } from '@/api'
import {
  type Column,
  Empty,
  enumFilter,
  type ListQuery,
  PARCEL_STATES,
  Page,
  PathLink,
  ProblemView,
  ResourceTable,
  type Selection,
  StateBadge,
  Time,
} from '@/ui'
import { Pieces } from './pieces'
import { type Parcel, parcelKeys, useAgain } from './queries'
import { ScanOut, useWhyRefused } from './scan-out'
import { useT } from './texts'

const STATES = ['packed', 'handed_over', 'delivered', 'undone'] as const

/** Every parcel, found by its number or waybill; many are handed over at once (M5.12). */
export default function Parcels() {
  const t = useT()
  const columns = useMemo<readonly Column<Parcel>[]>(
    () => [
      { id: 'number', title: t('parcel'), cell: row => <span className="zg-num">{row.number}</span> },
      {
        id: 'order',
        title: t('order'),
        cell: row => <PathLink to={`/orders/${row.order_id}`}>{row.order_number}</PathLink>,
      },
      { id: 'state', title: t('state'), cell: row => <StateBadge state={row.state} of={PARCEL_STATES} /> },
      { id: 'receiver', title: t('receiver'), cell: row => <span className="zg-whole">{row.contact_name}</span> },
      { id: 'carrier', title: t('carrier'), cell: row => <span className="zg-whole">{row.carrier}</span> },
      {
        id: 'tracking',
        title: t('tracking'),
        cell: row =>
          row.tracking_url ? (
            <a href={row.tracking_url} target="_blank" rel="noreferrer" className="zg-num">
              {row.tracking_number}
            </a>
          ) : (
            <span className="zg-num">{row.tracking_number}</span>
          ),
      },
      { id: 'packed', title: t('packed'), cell: row => <Time at={row.packed_at} /> },
      {
        id: 'pieces',
        title: t('contents'),
        cell: row => <Pieces of={row.lines} most={2} />,
      },
    ],
    [t],
  )
  const filters = useMemo(
    () => [
      enumFilter(
        'state',
        t('state'),
        STATES.map(value => ({ value, label: t(`parcel.${value}`) })),
        true,
      ),
    ],
    [t],
  )
  const views = useMemo(() => STATES.slice(0, 3).map(state => ({ name: t(`parcel.${state}`), search: { state } })), [t])
  return (
    <Page title={t('parcels')} actions={<ScanOut />}>
      <ResourceTable<Parcel, 'state'>
        name="shipments"
        columns={columns}
        filters={filters}
        queryKey={parcelKeys.lists}
        load={load}
        rowId={row => row.id}
        link={row => `/orders/${row.order_id}`}
        searchHint={t('parcels.hint')}
        views={views}
        bulk={(selection, done) => <HandOver selection={selection} done={done} />}
        empty={<Empty title={t('parcels.empty')}>{t('parcels.emptyHelp')}</Empty>}
      />
    </Page>
  )
}

function load({ state, sort: _, ...query }: ListQuery<'state'>, signal: AbortSignal) {
  const known = STATES.find(each => each === state)
  return unwrap(
    api.GET('/api/v1/admin/shipments', {
      params: { query: { ...query, ...(known ? { state: known } : {}) } },
      signal,
    }),
  )
}

function HandOver({ selection, done }: { selection: Selection; done: () => void }) {
  const t = useT()
  const why = useWhyRefused()
  const again = useAgain()
  const may = useMay()
  const { message, notification } = App.useApp()
  if (!may('shipments.write')) return null
  const go = async () => {
    if (selection.kind !== 'rows') {
      void message.info(t('handOver.page'))
      return
    }
    try {
      const made = await unwrap(
        api.POST('/api/v1/admin/shipments/hand-over', {
          headers: sends({ key: newKey() }),
          body: { ids: selection.ids.map(Number), tracking_numbers: [] },
        }),
      )
      if (made.refused === 0) void message.success(t('handOver.done', { count: made.done }))
      else {
        const reasons = new Set(made.results.filter(one => !one.done).map(one => why(one.code)))
        notification.warning({
          title: t('handOver.some', { done: made.done, refused: made.refused }),
          description: [...reasons].join(' '),
          duration: 0,
        })
      }
      done()
    } catch (error) {
      notification.error({ title: t('parcels'), description: <ProblemView error={error} />, duration: 0 })
    } finally {
      await again()
    }
  }
  return (
    <Button type="primary" size="small" onClick={() => void go()}>
      {t('handOver', { count: selection.count ?? 0 })}
    </Button>
  )
}
