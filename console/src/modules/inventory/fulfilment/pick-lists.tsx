import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { api, sends, unwrap, useMay } from '@/api'
import {
  Action,
  Badge,
  type Column,
  Empty,
  enumFilter,
  type ListQuery,
  None,
  NumberField,
  Page,
  Quantity,
  ResourceTable,
  StateBadge,
  type StateLook,
  Time,
  useGo,
} from '@/ui'
import { type PickRow, pickKeys, readyQuery, useAgain } from './queries'
import { useT } from './texts'

const STATES = ['open', 'finished', 'cancelled'] as const

export const PICK_STATES: Readonly<Record<string, StateLook>> = {
  open: { tone: 'busy', label: { 'zh-CN': '备货中', en: 'Picking' } },
  finished: { tone: 'good', label: { 'zh-CN': '已完成', en: 'Finished' } },
  cancelled: { tone: 'neutral', label: { 'zh-CN': '已取消', en: 'Cancelled' } },
}

/** Pick lists (M5.8). */
export default function PickLists() {
  const t = useT()
  const columns = useMemo<readonly Column<PickRow>[]>(
    () => [
      { id: 'number', title: t('number'), cell: row => <span className="zg-num">{row.number}</span> },
      { id: 'state', title: t('state'), cell: row => <StateBadge state={row.state} of={PICK_STATES} /> },
      { id: 'orders', title: t('orders'), cell: row => <Quantity value={row.orders} />, align: 'right' },
      { id: 'pieces', title: t('pieces'), cell: row => <Quantity value={row.pieces} />, align: 'right' },
      { id: 'picked', title: t('picked'), cell: row => <Quantity value={row.picked} />, align: 'right' },
      { id: 'short', title: t('short'), cell: row => <Short pieces={row.short} />, align: 'right' },
      { id: 'warehouse', title: t('warehouse'), extra: true, cell: row => row.warehouse },
      { id: 'by', title: t('by'), cell: row => row.created_by },
      { id: 'made', title: t('made'), cell: row => <Time at={row.created_at} /> },
    ],
    [t],
  )
  const filters = useMemo(
    () => [
      enumFilter(
        'state',
        t('state'),
        STATES.map(value => ({ value, label: t(`state.${value}`) })),
        true,
      ),
    ],
    [t],
  )
  return (
    <Page title={t('picks')} actions={<Make />}>
      <ResourceTable<PickRow, 'state'>
        name="pick-lists"
        columns={columns}
        filters={filters}
        queryKey={pickKeys.lists}
        load={load}
        rowId={row => row.id}
        link={linkOf}
        searchHint={t('hint')}
        empty={<Empty title={t('empty')}>{t('emptyHelp')}</Empty>}
      />
    </Page>
  )
}

/** Only what is missing is worth a look. */
function Short({ pieces }: { pieces: number }) {
  return pieces > 0 ? <Badge tone="bad">{pieces}</Badge> : <None />
}

const linkOf = (row: PickRow) => `/pick-lists/${row.id}`

function load({ state, sort: _, ...query }: ListQuery<'state'>, signal: AbortSignal) {
  const known = STATES.find(each => each === state)
  return unwrap(
    api.GET('/api/v1/admin/pick-lists', {
      params: { query: { ...query, ...(known ? { state: known } : {}) } },
      signal,
    }),
  )
}

/** All that are ready, the oldest first. */
function Make() {
  const t = useT()
  const go = useGo()
  const again = useAgain()
  const may = useMay()
  const ready = useQuery({ ...readyQuery, enabled: may('orders.read') }).data
  const initial: { limit: number | null } = { limit: 50 }
  if (!may('picking.write')) return null
  return (
    <Action
      name="make"
      label={t('make')}
      primary
      hotkey="n"
      title={t('make.title')}
      consequences={
        <ul>
          {typeof ready === 'number' ? <li>{t('make.ready', { count: ready })}</li> : null}
          <li>{t('make.help')}</li>
        </ul>
      }
      initial={initial}
      form={field => <NumberField of={field.at('limit')} label={t('make.limit')} />}
      run={async ({ key, body }) => {
        const made = await unwrap(
          api.POST('/api/v1/admin/pick-lists', {
            headers: sends({ key }),
            body: { all_ready: true, order_ids: [], ...(body.limit ? { limit: body.limit } : {}) },
          }),
        )
        await again()
        go(`/pick-lists/${made.id}`)
      }}
      done={t('make.done')}
    />
  )
}
