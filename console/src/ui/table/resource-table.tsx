import './table.css'
import { CaretDownOutlined, CaretUpOutlined, LeftOutlined, RightOutlined } from '@ant-design/icons'
import { keepPreviousData, type QueryKey, useQuery } from '@tanstack/react-query'
import { useRouterState } from '@tanstack/react-router'
import { Button, Checkbox, type InputRef, Select } from 'antd'
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { readStored } from '@/api/json'
import type { Page } from '@/api/page'
import { useLocale } from '@/i18n'
import { Empty, ProblemView } from '../feedback'
import { formatNumber } from '../format'
import { useFresh } from '../live'
import { PathLink, useGo } from '../path'
import { useUi } from '../texts'
import { FilterBar } from './filter-bar'
import type { Filter } from './filters'
import { useKeys } from './keys'
import { LIMITS, type ListQuery, limitOf, nextSort, type Search, useListQuery, useListState } from './list-state'
import { type RowId, type Selection, useSelection } from './selection'
import { flat, TableOptions, useColumns } from './table-options'
import { keepTrail, pageBefore, rememberPage } from './trail'
import type { View } from './view-text'
import { Views } from './views'

export type Column<Row> = {
  readonly id: string
  readonly title: string
  readonly cell: (row: Row) => ReactNode
  /** The API's name for sorting by it, both ways; or the orders it has: `['code']`. */
  readonly sort?: string | readonly string[]
  /** Numbers and money stand on the right. */
  readonly align?: 'right'
  readonly width?: number
  /** Only shown when chosen. */
  readonly extra?: boolean
  /** The first column says it on a phone, where this one is left out. */
  readonly wide?: boolean
}

type Props<Row, P extends string> = {
  /** Of the list, for what is remembered: `orders`. */
  name: string
  /** The first column stays in view and holds the link. */
  columns: readonly Column<Row>[]
  filters?: readonly Filter<P>[]
  queryKey: QueryKey
  load: (query: ListQuery<P>, signal: AbortSignal) => Promise<Page<Row>>
  rowId: (row: Row) => RowId
  /** The path of the row's page: `/orders/12`. */
  link?: (row: Row) => string
  /** The order unless another is chosen: `-placed_at`. */
  sort?: string
  /** What the search field looks in; no hint, no field. */
  searchHint?: string
  views?: readonly View[]
  /** Buttons for what is selected; `done` ends the selection. */
  bulk?: (selection: Selection, done: () => void) => ReactNode
  /** The address of the export of these filters. */
  exportHref?: (format: 'csv' | 'xlsx', query: URLSearchParams) => string
  exportFormats?: readonly ('csv' | 'xlsx')[]
  /** The topic whose events make the list out of date: `orders.read`. */
  live?: string
  /** Shown when there is nothing at all yet. */
  empty: ReactNode
}

const NO_FILTERS: readonly never[] = []
const NO_VIEWS: readonly View[] = []

/** The one list of the console. Its whole state stands in the URL. */
export function ResourceTable<Row, P extends string = never>(props: Props<Row, P>) {
  const { name, columns, filters = NO_FILTERS, load, rowId, link, sort, bulk, live, empty } = props
  const t = useUi()
  const locale = useLocale()
  const go = useGo()
  const path = useRouterState({ select: state => state.location.pathname })
  const { search, change } = useListState()
  const params = useMemo(() => filters.flatMap((filter): readonly P[] => filter.params), [filters])
  const query = useListQuery(search, params, sort)
  const shown = useColumns(name, columns, search)
  const density = search['density'] ?? readStored<string>(localStorage, `zg.density.${name}`, 'roomy')
  const list = useQuery({
    queryKey: [...props.queryKey, query],
    queryFn: ({ signal }) => load(query, signal),
    placeholderData: keepPreviousData,
  })
  const rows = list.data?.data ?? []
  const meta = list.data?.meta
  const scope = JSON.stringify({ ...query, cursor: undefined, limit: undefined, sort: undefined })
  const selection = useSelection(scope)
  const fresh = useFresh(live)
  const [at, setAt] = useState(-1)
  const [moved, setMoved] = useState(false)
  const body = useRef<HTMLTableSectionElement>(null)
  const searchInput = useRef<InputRef>(null)
  const filtered = params.some(param => search[param]) || Boolean(search['q'])

  useEffect(() => {
    if (!link || !list.data) return
    const back = `${path}?${new URLSearchParams(flat(search))}`
    keepTrail(name, { back, rows: list.data.data.map(link) })
  }, [list.data, link, name, path, search])

  const step = (by: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, at + by))
    setAt(next)
    body.current?.rows[next]?.scrollIntoView?.({ block: 'nearest' })
  }
  const present = rows[at]
  useKeys({
    j: () => step(1),
    k: () => step(-1),
    x: () => present && bulk && selection.toggle(rowId(present)),
    // biome-ignore lint/correctness/noComponentHookFactories: the name of a key
    Enter: () => present && link && go(link(present)),
    '/': () => searchInput.current?.focus(),
    // biome-ignore lint/correctness/noComponentHookFactories: the name of a key
    Escape: () => selection.clear(),
  })

  const pageIds = rows.map(rowId)
  const pageChosen = pageIds.filter(id => selection.ids.has(id)).length
  const total = meta?.total ?? undefined
  const cursor = search['cursor']
  const next = meta?.next_cursor
  const busy = list.isFetching && !list.isPending

  if (list.isError && !list.data) return <ProblemView error={list.error} retry={() => void list.refetch()} />
  const nothing = !list.isPending && rows.length === 0 && !cursor

  return (
    <section className="zg-table-card" aria-busy={list.isFetching}>
      <Views
        name={name}
        path={path.replace(/^\/admin(?=\/|$)/, '') || '/'}
        search={search}
        given={props.views ?? NO_VIEWS}
      />
      {filters.length === 0 && props.searchHint === undefined && props.exportHref === undefined ? null : (
        <div className="zg-table-tools">
          <FilterBar
            filters={filters}
            search={search}
            change={change}
            searchHint={props.searchHint}
            inputRef={searchInput}
          />
          <TableOptions {...props} shown={shown} density={density} search={search} change={change} query={query} />
        </div>
      )}
      {bulk && (selection.ids.size > 0 || selection.all) ? (
        <section className="zg-bulk" aria-label={t('table.select')}>
          <Checkbox indeterminate checked={false} aria-label={t('table.clear')} onChange={selection.clear} />
          <strong aria-live="polite">
            {selection.all
              ? t('table.matching', { total: total === undefined ? '' : formatNumber(total, locale) })
              : t('table.selected', { count: selection.ids.size })}
          </strong>
          {!selection.all && pageChosen === rows.length && total !== undefined && total > selection.ids.size ? (
            <Button type="link" size="small" onClick={selection.matching}>
              {t('table.selectMatching', { total: formatNumber(total, locale) })}
            </Button>
          ) : null}
          <Button type="link" size="small" onClick={selection.clear}>
            {t('table.clear')}
          </Button>
          <div className="zg-bulk-do">
            {bulk(
              selection.all
                ? {
                    kind: 'matching',
                    query: { ...query, cursor: undefined, limit: undefined, sort: undefined },
                    count: total,
                  }
                : { kind: 'rows', ids: [...selection.ids], count: selection.ids.size },
              selection.clear,
            )}
          </div>
        </section>
      ) : null}
      {nothing ? (
        filtered ? (
          <Empty
            title={t('table.noMatch')}
            action={
              <Button onClick={() => change(Object.fromEntries([...params, 'q'].map(param => [param, undefined])))}>
                {t('table.clearFilters')}
              </Button>
            }
          >
            {t('table.noMatchHelp')}
          </Empty>
        ) : (
          empty
        )
      ) : (
        <section
          className="zg-table-scroll"
          data-moved={moved}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
          tabIndex={0}
          aria-label={t('table.keys')}
          onScroll={event => setMoved(event.currentTarget.scrollLeft > 0)}
        >
          {busy ? <div className="zg-table-busy" role="status" aria-label={t('table.busy')} /> : null}
          {fresh.count > 0 ? (
            <div className="zg-pill">
              <button
                type="button"
                className="zg-plain"
                onClick={() => {
                  fresh.seen()
                  if (cursor) change({ cursor: undefined })
                  void list.refetch()
                }}
              >
                {t('live.fresh', { count: fresh.count })}
              </button>
            </div>
          ) : null}
          <table className="zg-table" data-density={density} data-picks={bulk !== undefined}>
            <thead>
              <tr>
                {bulk ? (
                  <th data-pick scope="col">
                    <Checkbox
                      aria-label={t('table.selectAll')}
                      checked={rows.length > 0 && pageChosen === rows.length}
                      indeterminate={pageChosen > 0 && pageChosen < rows.length}
                      onChange={event => selection.page(pageIds, event.target.checked)}
                    />
                  </th>
                ) : null}
                {shown.columns.map((column, place) => (
                  <Head
                    key={column.id}
                    column={column}
                    first={place === 0}
                    width={shown.widths[column.id]}
                    setWidth={width => shown.setWidth(column.id, width)}
                    sort={query.sort}
                    change={change}
                  />
                ))}
              </tr>
            </thead>
            <tbody ref={body}>
              {list.isPending
                ? Array.from({ length: 12 }, (_, row) => `bone-${row}`).map((key, row) => (
                    <tr key={key}>
                      {bulk ? <td data-pick /> : null}
                      {shown.columns.map((column, place) => (
                        <td key={column.id} data-first={place === 0 ? true : undefined} data-wide-only={column.wide}>
                          <span className="zg-bone" style={{ width: `${48 + ((row * 17 + place * 29) % 40)}%` }} />
                        </td>
                      ))}
                    </tr>
                  ))
                : rows.map((row, place) => {
                    const id = rowId(row)
                    const chosen = selection.all || selection.ids.has(id)
                    const to = link?.(row)
                    return (
                      <tr
                        key={id}
                        aria-selected={bulk ? chosen : undefined}
                        data-at={place === at}
                        data-link={to !== undefined}
                        onClick={event => {
                          setAt(place)
                          if (to && !interactive(event.target) && getSelection()?.isCollapsed !== false) go(to)
                        }}
                      >
                        {bulk ? (
                          <td data-pick>
                            <Checkbox
                              aria-label={t('table.selectRow')}
                              checked={chosen}
                              onChange={() => selection.toggle(id)}
                            />
                          </td>
                        ) : null}
                        {shown.columns.map((column, at) => (
                          <td
                            key={column.id}
                            data-first={at === 0 ? true : undefined}
                            data-align={column.align}
                            data-wide-only={column.wide}
                          >
                            {at === 0 && to ? <PathLink to={to}>{column.cell(row)}</PathLink> : column.cell(row)}
                          </td>
                        ))}
                      </tr>
                    )
                  })}
            </tbody>
          </table>
        </section>
      )}
      {nothing ? null : (
        <footer className="zg-table-foot">
          <span className="zg-num">
            {total === undefined
              ? ''
              : t('table.total', { total: `${formatNumber(total, locale)}${total === 10_000 ? '+' : ''}` })}
          </span>
          <Select
            size="small"
            variant="borderless"
            aria-label={t('table.perPage', { n: '' })}
            value={limitOf(search)}
            options={LIMITS.map(n => ({ value: n, label: t('table.perPage', { n }) }))}
            onChange={limit => change({ limit: limit === 50 ? undefined : String(limit) })}
          />
          <Button
            size="small"
            icon={<LeftOutlined />}
            disabled={!cursor}
            aria-label={t('table.previous')}
            onClick={() => cursor && change({ cursor: pageBefore(name, cursor) }, { push: true, keepCursor: true })}
          />
          <Button
            size="small"
            icon={<RightOutlined />}
            disabled={!next}
            aria-label={t('table.next')}
            onClick={() => {
              if (!next) return
              rememberPage(name, cursor, next)
              setAt(-1)
              change({ cursor: next }, { push: true, keepCursor: true })
            }}
          />
        </footer>
      )}
    </section>
  )
}

/** The first column stays in view: on a phone it leaves room for the others. */
function widthOf(px: number, first: boolean) {
  const width = first ? `min(${px}px, 46vw)` : px
  return { width, minWidth: width }
}

type HeadProps<Row> = {
  column: Column<Row>
  first: boolean
  width: number | undefined
  setWidth: (width: number) => void
  sort: string | undefined
  change: (changes: Search) => void
}

function Head<Row>({ column, first, width, setWidth, sort, change }: HeadProps<Row>) {
  const orders = typeof column.sort === 'string' ? [`-${column.sort}`, column.sort] : column.sort
  const now = orders?.find(order => order === sort)
  const down = now?.startsWith('-') === true
  const up = now !== undefined && !down
  const cell = useRef<HTMLTableCellElement>(null)
  const shown = width ?? column.width
  return (
    <th
      ref={cell}
      scope="col"
      data-first={first ? true : undefined}
      data-align={column.align}
      data-wide-only={column.wide}
      aria-sort={down ? 'descending' : up ? 'ascending' : undefined}
      style={shown === undefined ? undefined : widthOf(shown, first)}
    >
      {orders === undefined ? (
        column.title
      ) : (
        <button
          type="button"
          className="zg-plain zg-sort"
          data-on={down || up}
          onClick={() => change({ sort: nextSort(sort, orders) })}
        >
          {column.title}
          {down ? <CaretDownOutlined /> : up ? <CaretUpOutlined /> : null}
        </button>
      )}
      <span
        className="zg-grip"
        aria-hidden="true"
        onPointerDown={event => {
          event.preventDefault()
          const from = event.clientX
          const start = cell.current?.offsetWidth ?? 120
          const grip = event.currentTarget
          grip.setPointerCapture(event.pointerId)
          const drag = (moved: PointerEvent) => setWidth(Math.max(64, Math.round(start + moved.clientX - from)))
          grip.addEventListener('pointermove', drag)
          grip.addEventListener('lostpointercapture', () => grip.removeEventListener('pointermove', drag), {
            once: true,
          })
        }}
      />
    </th>
  )
}

function interactive(target: EventTarget): boolean {
  return (
    target instanceof Element &&
    target.closest('a, button, input, label, [role=menu], [role=dialog], .ant-popover') !== null
  )
}
