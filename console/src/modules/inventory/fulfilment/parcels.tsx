import { App, Button } from 'antd'
import { useMemo } from 'react'
import { api, newKey, sends, unwrap, useMay } from '@/api'
import {
  type Column,
  Empty,
  enumFilter,
  type ListQuery,
  Page,
  PathLink,
  ProblemView,
  ResourceTable,
  type Selection,
  StateBadge,
  type StateLook,
  Time,
} from '@/ui'
import { type Parcel, parcelKeys, useAgain } from './queries'
import { useT } from './texts'

const STATES = ['packed', 'handed_over', 'delivered', 'undone'] as const

const PARCEL_STATES: Readonly<Record<(typeof STATES)[number], StateLook>> = {
  packed: { tone: 'warn', label: { 'zh-CN': '已打包', en: 'Packed' } },
  handed_over: { tone: 'busy', label: { 'zh-CN': '运输中', en: 'On its way' } },
  delivered: { tone: 'good', label: { 'zh-CN': '已签收', en: 'Delivered' } },
  undone: { tone: 'neutral', label: { 'zh-CN': '已撤销', en: 'Undone' } },
}

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
      { id: 'receiver', title: t('receiver'), cell: row => row.contact_name },
      { id: 'carrier', title: t('carrier'), cell: row => row.carrier },
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
      {
        id: 'pieces',
        title: t('pieces'),
        cell: row => row.lines.map(line => `${line.sku} × ${line.quantity}`).join('，'),
      },
      { id: 'packed', title: t('packed'), cell: row => <Time at={row.packed_at} /> },
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
    <Page title={t('parcels')}>
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
    api.GET('/api/v1/admin/shipments', { params: { query: { ...query, ...(known ? { state: known } : {}) } }, signal }),
  )
}

function HandOver({ selection, done }: { selection: Selection; done: () => void }) {
  const t = useT()
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
      void message.success(t('handOver.done', { done: made.done, refused: made.refused }))
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
