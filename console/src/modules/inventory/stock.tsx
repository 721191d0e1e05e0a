import './inventory.css'
import { useQuery } from '@tanstack/react-query'
import { useCallback } from 'react'
import { api, unwrap, useMay } from '@/api'
import { useLabel, useName } from '@/i18n'
import {
  Action,
  AreaField,
  Card,
  DetailPage,
  Facts,
  Form,
  Loaded,
  NumberField,
  PathLink,
  Quantity,
  SelectField,
  Skeleton,
  SkuCode,
  StateBadge,
  TextField,
  Time,
  useForm,
  useLiveRefresh,
  useRouteId,
} from '@/ui'
import { Delta } from './delta'
import { Actor, Cause, Why } from './entries'
import {
  type AdjustKind,
  entriesQuery,
  type StockLevel,
  type StockRow,
  stockKeys,
  stockQuery,
  useRefresh,
} from './queries'
import { refusal } from './refusal'
import { Level } from './stock-list'
import { useT } from './texts'
import { KINDS, optionsOf, REASONS } from './words'

/** One SKU: what lies where, its settings, its last changes. */
export default function Stock() {
  const id = useRouteId()
  const stock = useQuery(stockQuery(id))
  useLiveRefresh('stock.read', stockKeys.detail(id))
  return <Loaded of={stock}>{row => <Sku key={id} row={row} />}</Loaded>
}

function Sku({ row }: { row: StockRow }) {
  const t = useT()
  const nameOf = useName()
  const may = useMay()
  const writes = may('stock.write')
  const options = nameOf(row.options)
  return (
    <DetailPage
      title={row.sku}
      badges={<Level row={row} />}
      list={{ name: 'stock', path: '/stock', title: t('title') }}
      primary={writes && row.tracked ? <Adjust row={row} /> : null}
      side={
        <Card title={t('facts')}>
          <Facts
            of={[
              [
                t('name'),
                may('catalog.read') ? (
                  <PathLink key="p" to={`/products/${row.product_id}`}>
                    {nameOf(row.name)}
                  </PathLink>
                ) : (
                  nameOf(row.name)
                ),
              ],
              options === '' ? undefined : [t('options'), options],
              [t('sku'), <SkuCode key="s" code={row.sku} />],
              [t('barcode'), <SkuCode key="b" code={row.barcode} />],
            ]}
          />
        </Card>
      }
      notice={row.tracked ? null : <div className="zg-notice">{t('untrackedHelp')}</div>}
    >
      <Card>
        <dl className="zg-figures">
          <Figure name={t('available')} value={row.available} short={row.tracked && row.available <= 0} />
          <Figure name={t('onHand')} value={row.on_hand} />
          <Figure name={t('reserved')} value={row.reserved} />
          <Figure name={t('held')} value={row.held} />
          <Figure name={t('incoming')} value={row.incoming} />
        </dl>
      </Card>
      {row.levels.map(level => (
        <Settings key={level.warehouse_id} level={level} several={row.levels.length > 1} disabled={!writes} />
      ))}
      <Entries row={row} />
    </DetailPage>
  )
}

function Figure({ name, value, short = false }: { name: string; value: number; short?: boolean }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="zg-free" data-short={short}>
        <Quantity value={value} />
      </dd>
    </div>
  )
}

type Values = {
  min: number | null
  reorder: number | null
  held: number | null
  backorder_limit: number | null
  incoming: number | null
  bin: string
}

function Settings({ level, several, disabled }: { level: StockLevel; several: boolean; disabled: boolean }) {
  const t = useT()
  const refresh = useRefresh(stockKeys.all, ['dashboard'])
  const form = useForm({
    name: `stock/${level.sku_id}/${level.warehouse_id}`,
    source: level,
    etag: `"${level.version}"`,
    values: useCallback(
      ({ min, reorder, held, backorder_limit, incoming, bin }: StockLevel): Values => ({
        min,
        reorder,
        held,
        backorder_limit,
        incoming,
        bin: bin ?? '',
      }),
      [],
    ),
    save: async ({ changed, etag }) => {
      const body = Object.fromEntries(Object.entries(changed).map(([name, value]) => [name, value ?? 0]))
      await unwrap(
        api.PATCH('/api/v1/admin/stock/{sku_id}/{warehouse_id}', {
          params: {
            path: { sku_id: level.sku_id, warehouse_id: level.warehouse_id },
            header: { 'If-Match': etag ?? '' },
          },
          body,
        }),
      )
      await refresh()
    },
    fresh: async () => {
      const row = await unwrap(api.GET('/api/v1/admin/stock/{sku_id}', { params: { path: { sku_id: level.sku_id } } }))
      const source = row.levels.find(each => each.warehouse_id === level.warehouse_id) ?? level
      return { source, etag: `"${source.version}"` }
    },
  })
  const f = form.field
  const labels = {
    min: t('min'),
    reorder: t('reorder'),
    held: t('held'),
    backorder_limit: t('backorder'),
    incoming: t('incoming'),
    bin: t('bin'),
  }
  return (
    <Form form={form} labels={labels}>
      <Card title={several ? t('settingsIn', { warehouse: level.warehouse }) : t('settings')}>
        <div className="zg-form">
          {several ? (
            <dl className="zg-figures">
              <Figure name={t('available')} value={level.available} short={level.available <= 0} />
              <Figure name={t('onHand')} value={level.on_hand} />
              <Figure name={t('reserved')} value={level.reserved} />
            </dl>
          ) : null}
          <div className="zg-fields">
            <NumberField of={f.at('min')} label={labels.min} help={t('minHelp')} disabled={disabled} />
            <NumberField of={f.at('reorder')} label={labels.reorder} help={t('reorderHelp')} disabled={disabled} />
            <NumberField of={f.at('held')} label={labels.held} help={t('heldHelp')} disabled={disabled} />
          </div>
          <div className="zg-fields">
            <NumberField
              of={f.at('backorder_limit')}
              label={labels.backorder_limit}
              help={t('backorderHelp')}
              disabled={disabled}
            />
            <NumberField of={f.at('incoming')} label={labels.incoming} help={t('incomingHelp')} disabled={disabled} />
            <TextField of={f.at('bin')} label={labels.bin} help={t('binHelp')} maxLength={64} disabled={disabled} />
          </div>
        </div>
      </Card>
    </Form>
  )
}

type Adjustment = {
  kind: AdjustKind | null
  quantity: number | null
  reason: string | null
  note: string
  warehouse: string | null
}

function Adjust({ row }: { row: StockRow }) {
  const t = useT()
  const label = useLabel()
  const refresh = useRefresh(stockKeys.all, ['dashboard'])
  const first = row.levels[0]
  return (
    <Action<Adjustment>
      name="adjust"
      label={t('adjustOne')}
      primary
      hotkey="a"
      title={t('adjustTitle', { sku: row.sku })}
      initial={{
        kind: 'increase',
        quantity: null,
        reason: 'received',
        note: '',
        warehouse: first ? String(first.warehouse_id) : null,
      }}
      form={field => (
        <>
          {row.levels.length > 1 ? (
            <SelectField<string>
              of={field.at('warehouse')}
              label={t('warehouse')}
              options={row.levels.map(level => ({ value: String(level.warehouse_id), label: level.warehouse }))}
            />
          ) : null}
          <div className="zg-fields">
            <SelectField<AdjustKind>
              of={field.at('kind')}
              label={t('adjustKind')}
              options={[
                { value: 'increase', label: t('kind.increase') },
                { value: 'decrease', label: t('kind.decrease') },
                { value: 'set_to', label: t('kind.set_to') },
              ]}
            />
            <NumberField of={field.at('quantity')} label={t('quantity')} required />
          </div>
          <SelectField<string>
            of={field.at('reason')}
            label={t('reason')}
            required
            options={optionsOf(REASONS, label)}
          />
          <AreaField of={field.at('note')} label={t('note')} rows={2} maxLength={500} />
        </>
      )}
      run={async ({ key, body }) => {
        const { lines } = await unwrap(
          api.POST('/api/v1/admin/stock/adjustments', {
            headers: { 'Idempotency-Key': key },
            body: {
              reason: body.reason ?? '',
              note: body.note || null,
              dry_run: false,
              lines: [
                {
                  sku: row.sku,
                  warehouse_id: body.warehouse ? Number(body.warehouse) : null,
                  kind: body.kind ?? 'increase',
                  quantity: body.quantity ?? 0,
                },
              ],
            },
          }),
        )
        await refresh()
        const refused = lines[0]?.refused
        if (refused) throw refusal(refused, t)
      }}
      done={t('adjusted')}
    />
  )
}

function Entries({ row }: { row: StockRow }) {
  const t = useT()
  const entries = useQuery(entriesQuery(row.sku_id))
  return (
    <Card
      title={t('ledger.title')}
      flush
      extra={<PathLink to={`/stock/ledger?sku=${encodeURIComponent(row.sku)}`}>{t('ledger.all')}</PathLink>}
    >
      {entries.data === undefined ? (
        <div className="zg-card-body">
          <Skeleton />
        </div>
      ) : entries.data.data.length === 0 ? (
        <div className="zg-card-body zg-quiet">{t('ledger.empty')}</div>
      ) : (
        <section
          className="zg-sheet-scroll"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
          tabIndex={0}
          aria-label={t('ledger.title')}
        >
          <table className="zg-sheet">
            <thead>
              <tr>
                <th scope="col">{t('at')}</th>
                <th scope="col">{t('kind')}</th>
                <th scope="col" data-align="right">
                  {t('onHandDelta')}
                </th>
                <th scope="col" data-align="right">
                  {t('onHandAfter')}
                </th>
                <th scope="col" data-align="right">
                  {t('reservedDelta')}
                </th>
                <th scope="col">{t('cause')}</th>
                <th scope="col">{t('why')}</th>
                <th scope="col">{t('who')}</th>
              </tr>
            </thead>
            <tbody>
              {entries.data.data.map(entry => (
                <tr key={entry.id}>
                  <td>
                    <Time at={entry.at} />
                  </td>
                  <td>
                    <StateBadge state={entry.kind} of={KINDS} />
                  </td>
                  <td data-align="right">
                    <Delta n={entry.on_hand_delta} />
                  </td>
                  <td data-align="right">
                    <Quantity value={entry.on_hand_after} />
                  </td>
                  <td data-align="right">
                    <Delta n={entry.reserved_delta} />
                  </td>
                  <td>
                    <Cause row={entry} />
                  </td>
                  <td>
                    <Why row={entry} />
                  </td>
                  <td>
                    <Actor row={entry} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </Card>
  )
}
