import './reports.css'
import { DownloadOutlined, PrinterOutlined } from '@ant-design/icons'
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query'
import { Button, Checkbox, DatePicker, Segmented, Select } from 'antd'
import dayjs from 'dayjs'
import { useMemo } from 'react'
import { api, type paths, type Schemas, unwrap, useMay } from '@/api'
import { type Locale, useLocale } from '@/i18n'
import {
  Card,
  Chart,
  Empty,
  formatDay,
  formatDayBrief,
  formatDays,
  formatMoney,
  formatMoneyBrief,
  formatMonth,
  Loaded,
  Money,
  Page,
  PathLink,
  PlainTable,
  Quantity,
  type Search,
  useListState,
} from '@/ui'
import { days, months } from './spans'
import { useT } from './texts'

type Report = Schemas['OrderReport']
type Row = Report['rows'][number]
type Figures = Report['totals']
type Asked = NonNullable<paths['/api/v1/admin/reports/orders']['get']['parameters']['query']>

const BY = ['day', 'month', 'category', 'subcategory'] as const
const PRESETS = ['today', 'yesterday', 'last7_days', 'last30_days', 'this_month', 'last_month'] as const
const STATES = ['placed', 'confirmed', 'completed'] as const
const PAYMENTS = ['unpaid', 'partial', 'paid', 'overpaid', 'part_refunded', 'refunded'] as const
const COUNTS = ['orders', 'lines', 'pieces'] as const
const AMOUNTS = ['gross', 'discount', 'refunds', 'net', 'tax', 'shipping', 'fees', 'total', 'paid', 'refunded'] as const

/** The URL's texts as the API's types: the whole report stands in the address. */
function asked(search: Search): Asked {
  const { preset, from, to, state, payment, currency } = search
  return {
    by: BY.find(each => each === search['by']) ?? 'day',
    compare: search['compare'] === 'true',
    ...(from || to
      ? { ...(from ? { from } : {}), ...(to ? { to } : {}) }
      : { preset: PRESETS.find(each => each === preset) ?? 'last30_days' }),
    ...(state ? { state } : {}),
    ...(payment ? { payment } : {}),
    ...(currency ? { currency } : {}),
  }
}

const reportQuery = (query: Asked) =>
  queryOptions({
    queryKey: ['reports', 'orders', query],
    queryFn: () => unwrap(api.GET('/api/v1/admin/reports/orders', { params: { query } })),
    placeholderData: keepPreviousData,
  })

/** Orders in sum: by day, month or category, with the period before (M9.1, M9.3, M9.10). */
export default function OrderReport() {
  const t = useT()
  const { search } = useListState()
  const query = useMemo(() => asked(search), [search])
  const found = useQuery(reportQuery(query))
  const file = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]))
  return (
    <Page
      title={t('title')}
      actions={
        <>
          <Button icon={<DownloadOutlined />} href={`/api/v1/admin/reports/orders.csv?${file}`}>
            {t('csv')}
          </Button>
          <Button icon={<PrinterOutlined />} onClick={() => window.print()}>
            {t('print')}
          </Button>
        </>
      }
    >
      <Choices query={query} currencies={found.data?.currencies ?? []} />
      <Loaded of={found}>{report => <Content of={report} query={query} />}</Loaded>
    </Page>
  )
}

function Choices({ query, currencies }: { query: Asked; currencies: readonly string[] }) {
  const t = useT()
  const { change } = useListState()
  const custom = query.preset === undefined
  const day = (text: string | undefined) => (text ? dayjs(text) : null)
  const several = (text: string | undefined) => (text ? text.split(',') : [])
  return (
    <div className="zg-report-choices">
      <Segmented
        aria-label={t('by')}
        value={query.by ?? 'day'}
        options={BY.map(value => ({ value, label: t(`by.${value}`) }))}
        onChange={by => change({ by })}
      />
      <Select
        aria-label={t('range')}
        value={custom ? 'custom' : (query.preset ?? 'last30_days')}
        style={{ minWidth: 130 }}
        options={[
          ...PRESETS.map(value => ({ value: String(value), label: t(`preset.${value}`) })),
          { value: 'custom', label: t('custom') },
        ]}
        onChange={value =>
          value === 'custom'
            ? change({ preset: undefined, from: dayjs().subtract(29, 'day').format('YYYY-MM-DD') })
            : change({ preset: value, from: undefined, to: undefined })
        }
      />
      {custom ? (
        <>
          <DatePicker
            aria-label={t('from')}
            placeholder={t('from')}
            value={day(query.from ?? undefined)}
            onChange={value => change({ from: value?.format('YYYY-MM-DD') })}
          />
          <DatePicker
            aria-label={t('to')}
            placeholder={t('to')}
            value={day(query.to ?? undefined)}
            onChange={value => change({ to: value?.format('YYYY-MM-DD') })}
          />
        </>
      ) : null}
      <Select
        mode="multiple"
        aria-label={t('state')}
        placeholder={t('state')}
        style={{ minWidth: 140 }}
        value={several(query.state ?? undefined)}
        options={STATES.map(value => ({ value: String(value), label: t(`state.${value}`) }))}
        onChange={values => change({ state: values.join(',') || undefined })}
      />
      <Select
        mode="multiple"
        aria-label={t('payment')}
        placeholder={t('payment')}
        style={{ minWidth: 140 }}
        value={several(query.payment ?? undefined)}
        options={PAYMENTS.map(value => ({ value: String(value), label: t(`payment.${value}`) }))}
        onChange={values => change({ payment: values.join(',') || undefined })}
      />
      {currencies.length > 1 ? (
        <Select
          aria-label={t('currency')}
          placeholder={t('currency')}
          value={query.currency ?? undefined}
          options={currencies.map(value => ({ value, label: value }))}
          onChange={currency => change({ currency })}
        />
      ) : null}
      <Checkbox
        checked={query.compare === true}
        onChange={event => change({ compare: event.target.checked ? 'true' : undefined })}
      >
        {t('compare')}
      </Checkbox>
    </div>
  )
}

function Content({ of, query }: { of: Report; query: Asked }) {
  const t = useT()
  const locale = useLocale()
  const { currency, reconciled } = of
  const before = useQuery({ ...reportQuery(earlier(query, of)), enabled: Boolean(of.previous) }).data
  if (of.rows.length === 0) return <Empty title={t('empty')}>{t('emptyHelp')}</Empty>
  const { labels, net, netBefore } = drawn(of, of.previous ? before : undefined, locale, t('none'))
  return (
    <div className="zg-stack zg-report">
      <Card>
        <Chart
          title={t('chart')}
          heading={
            <h2 className="zg-report-head">
              {t('chart')} · {currency}
            </h2>
          }
          kind={of.by === 'day' ? 'line' : 'bar'}
          labels={labels}
          series={[
            { name: t('net'), values: net },
            ...(netBefore ? [{ name: t('previous'), values: netBefore, previous: true }] : []),
          ]}
          format={amount => formatMoney({ amount, currency }, locale)}
          axis={amount => formatMoneyBrief({ amount, currency }, locale)}
        />
      </Card>
      <Card>
        <Table of={of} query={query} />
        {byTime(of) ? null : <p className="zg-quiet zg-report-note">{t('countedOnce')}</p>}
        <p className="zg-quiet zg-report-note" data-bad={!reconciled.agrees}>
          {reconciled.agrees
            ? t('agrees', {
                paid: formatMoney(reconciled.paid, locale),
                refunded: formatMoney(reconciled.refunded, locale),
              })
            : t('differs', {
                paid: formatMoney(reconciled.paid, locale),
                ledger: formatMoney(reconciled.ledger_paid, locale),
              })}
        </p>
      </Card>
    </div>
  )
}

function byTime(of: Report): boolean {
  return of.by === 'day' || of.by === 'month'
}

/** The same report over the days before. */
function earlier({ preset: _, ...query }: Asked, of: Report): Asked {
  return { ...query, from: of.previous?.from ?? of.from, to: of.previous?.to ?? of.to, compare: false }
}

/** A day or month without an order has no row: in the chart it is a nought, not a gap that is drawn over. */
function drawn(of: Report, before: Report | undefined, locale: Locale, none: string) {
  const spans = (report: Report) => (of.by === 'day' ? days(report.from, report.to) : months(report.from, report.to))
  const keyOf = (row: Row) => (byTime(of) ? row.key : String(row.category_id ?? ''))
  const netOf = (report: Report, keys: readonly string[]) => {
    const found = new Map(report.rows.map(row => [keyOf(row), row.net.amount]))
    return keys.map(key => found.get(key) ?? 0)
  }
  const keys = byTime(of) ? spans(of) : of.rows.map(keyOf)
  const years = of.from.slice(0, 4) !== of.to.slice(0, 4)
  const label = (key: string) =>
    of.by === 'month' ? formatMonth(key, locale) : years ? formatDay(key, locale) : formatDayBrief(key, locale)
  return {
    labels: byTime(of) ? keys.map(label) : of.rows.map(row => row.key || none),
    net: netOf(of, keys),
    netBefore: before && netOf(before, byTime(of) ? spans(before).slice(0, keys.length) : keys),
  }
}

function Table({ of, query }: { of: Report; query: Asked }) {
  const t = useT()
  const locale = useLocale()
  const may = useMay()
  // By category, what belongs to a whole order has no place; fees are rare.
  const amounts = AMOUNTS.filter(name => (name === 'fees' ? of.totals.fees?.amount : of.rows.some(row => row[name])))
  const label = (row: Row) => {
    if (!byTime(of)) return row.key || t('none')
    const text = of.by === 'month' ? formatMonth(row.key, locale) : formatDay(row.key, locale)
    return may('orders.read') ? <PathLink to={`/orders?${drill(row, query)}`}>{text}</PathLink> : text
  }
  const cells = (figures: Figures) => (
    <>
      {COUNTS.map(name => (
        <td key={name} data-align="right">
          <Quantity value={figures[name]} />
        </td>
      ))}
      {amounts.map(name => (
        <td key={name} data-align="right">
          <Money value={figures[name]} />
        </td>
      ))}
    </>
  )
  return (
    <PlainTable label={t('title')} dense>
      <thead>
        <tr>
          <th scope="col" data-first>
            {t(`key.${of.by}`)}
          </th>
          {[...COUNTS, ...amounts].map(name => (
            <th key={name} scope="col" data-align="right">
              {t(name)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {of.rows.map(row => (
          <tr key={`${row.key}-${row.category_id ?? ''}`}>
            <th scope="row" data-first>
              {label(row)}
            </th>
            {cells(row)}
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row" data-first>
            {t('sum')}
          </th>
          {cells(of.totals)}
        </tr>
        {of.previous ? (
          <tr>
            <th scope="row" data-first>
              {t('previous')}
              <div className="zg-report-before">{formatDays(of.previous.from, of.previous.to, locale)}</div>
            </th>
            {cells(of.previous.totals)}
          </tr>
        ) : null}
      </tfoot>
    </PlainTable>
  )
}

/** The orders behind a row, as filters of the list of orders. */
function drill(row: Row, query: Asked): URLSearchParams {
  return new URLSearchParams({
    placed_from: row.from,
    placed_to: row.to,
    state: query.state ?? STATES.join(','),
    ...(query.payment ? { payment: query.payment } : {}),
  })
}
