import './inventory.css'
import { DeleteOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { App, Button, Input, type InputRef } from 'antd'
import { useRef, useState } from 'react'
import { api, asProblem, Problem, type Schemas, unwrap } from '@/api'
import { useLabel } from '@/i18n'
import {
  Card,
  Empty,
  Form,
  items,
  NumberCell,
  Page,
  ProblemView,
  Quantity,
  SelectField,
  TextField,
  useForm,
} from '@/ui'
import { Delta } from './delta'
import { type Adjusted, type AdjustKind, type StockRow, stockKeys, useRefresh, warehousesQuery } from './queries'
import { refusedText } from './refusal'
import { EMPTY_SHEET, LINES, type Line, lineOf, rest, type Sheet, scanned, toSend } from './sheet'
import { useT } from './texts'
import { useWhat } from './what'
import { optionsOf, REASONS } from './words'

type Outcome = Schemas['StockAdjustments']

/** Many adjustments at once, or a count sheet (M5.2): typed or scanned, checked, then applied. */
export default function Count() {
  const t = useT()
  const label = useLabel()
  const refresh = useRefresh(stockKeys.all, ['dashboard'])
  const warehouses = useQuery(warehousesQuery).data ?? []
  const [outcome, setOutcome] = useState<Outcome | undefined>(undefined)
  const [checking, setChecking] = useState(false)
  const [error, setError] = useState<unknown>(undefined)
  const ask = (sheet: Sheet, dry_run: boolean, key?: string) =>
    unwrap(
      api.POST('/api/v1/admin/stock/adjustments', {
        ...(key === undefined ? {} : { headers: { 'Idempotency-Key': key } }),
        body: {
          reason: sheet.reason ?? '',
          note: sheet.note || null,
          document: sheet.document || null,
          dry_run,
          lines: toSend(sheet),
        },
      }),
    )
  const form = useForm<Sheet, Sheet>({
    name: 'stock/count',
    source: EMPTY_SHEET,
    values: same,
    save: async ({ values, key }) => {
      const done = await ask(values, false, key)
      setOutcome(done)
      await refresh()
      if (done.refused === 0) return
      // What was done leaves the sheet, so that it is not done twice; what was refused stays, with the reason.
      const left = rest(values, done.lines)
      form.field.set(left.sheet)
      throw new Problem(422, {
        code: 'stock_refused',
        detail: t('count.someRefused', { count: done.refused }),
        errors: left.refused.map(({ at, code }) => ({
          pointer: `/lines/${at}/quantity`,
          code,
          detail: `${left.sheet.lines[at]?.sku ?? ''}: ${refusedText(code, t)}`,
        })),
      })
    },
    saved: () => form.discard(),
  })
  const sheet = form.values
  const counted = sheet.kind === 'set_to'
  const ready = toSend(sheet).length
  const check = async () => {
    setChecking(true)
    setError(undefined)
    try {
      setOutcome(await ask(sheet, true))
    } catch (refused) {
      setError(asProblem(refused))
    } finally {
      setChecking(false)
    }
  }
  const f = form.field
  return (
    <Page title={t('count.title')}>
      <Form
        form={form}
        saveText={counted ? t('count.apply', { count: ready }) : t('count.applyAdjust', { count: ready })}
        labels={{ lines: t('count.lines') }}
      >
        <Card>
          <div className="zg-form">
            <div className="zg-fields">
              <SelectField<AdjustKind>
                of={f.at('kind')}
                label={t('adjustKind')}
                options={[
                  { value: 'set_to', label: t('kind.set_to') },
                  { value: 'increase', label: t('kind.increase') },
                  { value: 'decrease', label: t('kind.decrease') },
                ]}
              />
              <SelectField<string>
                of={f.at('reason')}
                label={t('reason')}
                required
                options={optionsOf(REASONS, label)}
              />
              {warehouses.length > 1 ? (
                <SelectField<string>
                  of={f.at('warehouse')}
                  label={t('warehouse')}
                  placeholder={warehouses[0]?.name ?? ''}
                  clearable
                  options={warehouses.map(each => ({ value: String(each.id), label: each.name }))}
                />
              ) : null}
            </div>
            <div className="zg-fields">
              <TextField
                of={f.at('document')}
                label={t('count.document')}
                help={t('count.documentHelp')}
                maxLength={100}
              />
              <TextField of={f.at('note')} label={t('note')} maxLength={500} />
            </div>
          </div>
        </Card>
        <Card
          title={t('count.lines')}
          flush
          extra={
            <Button disabled={ready === 0} loading={checking} onClick={() => void check()}>
              {t('count.check')}
            </Button>
          }
        >
          <div className="zg-scan">
            <Scan sheet={sheet} change={change => f.update(change)} />
          </div>
          {error === undefined ? null : <ProblemView error={error} />}
          {sheet.lines.length === 0 ? (
            <Empty title={t('count.empty')}>{t('count.emptyHelp')}</Empty>
          ) : (
            <section
              className="zg-sheet-scroll"
              // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
              tabIndex={0}
              aria-label={t('count.lines')}
            >
              <table className="zg-sheet">
                <thead>
                  <tr>
                    <th scope="col">{t('sku')}</th>
                    <th scope="col">{t('name')}</th>
                    <th scope="col" data-align="right">
                      {t('count.expected')}
                    </th>
                    <th scope="col">{counted ? t('count.counted') : t('quantity')}</th>
                    <th scope="col" data-align="right">
                      {t('count.variance')}
                    </th>
                    <th scope="col">
                      <span className="zg-sr">{t('count.remove')}</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {items(f.at('lines'), form.problems).map((line, at) => (
                    <tr key={line.value.sku}>
                      <td className="zg-mono">{line.value.sku}</td>
                      <td className="zg-sheet-name">{line.value.name}</td>
                      <td data-align="right">
                        <Quantity value={line.value.expected} />
                      </td>
                      <td className="zg-sheet-input">
                        <NumberCell
                          of={line.at('quantity')}
                          label={`${line.value.sku}: ${counted ? t('count.counted') : t('quantity')}`}
                        />
                      </td>
                      <td data-align="right">
                        <Variance line={line.value} outcome={outcome} />
                      </td>
                      <td>
                        <Button
                          type="text"
                          icon={<DeleteOutlined />}
                          aria-label={`${t('count.remove')} ${line.value.sku}`}
                          title={t('count.remove')}
                          onClick={() => f.at('lines').set(sheet.lines.filter((_, place) => place !== at))}
                        />
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </section>
          )}
        </Card>
      </Form>
      {outcome && !outcome.dry_run ? <Done outcome={outcome} /> : null}
    </Page>
  )
}

const same = (sheet: Sheet): Sheet => sheet

/** As the server reckoned it at the last check. */
function Variance({ line, outcome }: { line: Line; outcome: Outcome | undefined }) {
  const t = useT()
  const found = outcome?.dry_run ? outcome.lines.find(each => each.sku === line.sku) : undefined
  if (!found) return <span className="zg-quiet">—</span>
  if (found.refused) return <span className="zg-error">{refusedText(found.refused, t)}</span>
  return <Delta n={found.variance} />
}

function Done({ outcome }: { outcome: Outcome }) {
  const t = useT()
  const moved = outcome.lines.filter(line => line.refused === null || line.refused === undefined)
  return (
    <Card title={t('count.done', { count: outcome.done })} flush>
      <section
        className="zg-sheet-scroll"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        tabIndex={0}
        aria-label={t('count.done', { count: outcome.done })}
      >
        <table className="zg-sheet">
          <thead>
            <tr>
              <th scope="col">{t('sku')}</th>
              <th scope="col" data-align="right">
                {t('count.before')}
              </th>
              <th scope="col" data-align="right">
                {t('count.after')}
              </th>
              <th scope="col" data-align="right">
                {t('count.variance')}
              </th>
            </tr>
          </thead>
          <tbody>
            {moved.map((line: Adjusted) => (
              <tr key={`${line.sku}-${line.warehouse_id}`}>
                <td className="zg-mono">{line.sku}</td>
                <td data-align="right">
                  <Quantity value={line.before} />
                </td>
                <td data-align="right">
                  <Quantity value={line.after} />
                </td>
                <td data-align="right">
                  <Delta n={line.variance} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </Card>
  )
}

/** A scanner is a keyboard: code, Enter. The same again counts one more. */
function Scan({ sheet, change }: { sheet: Sheet; change: (to: (before: Sheet) => Sheet) => void }) {
  const t = useT()
  const whatOf = useWhat()
  const { message } = App.useApp()
  const [text, setText] = useState('')
  const [busy, setBusy] = useState(false)
  const input = useRef<InputRef>(null)
  const warehouse = sheet.warehouse === null ? undefined : Number(sheet.warehouse)
  const make = (row: StockRow): Line => lineOf(row, whatOf(row), warehouse)
  const find = async (code: string) => {
    const { data } = await unwrap(api.GET('/api/v1/admin/stock', { params: { query: { q: code, limit: 20 } } }))
    const row =
      data.find(each => each.sku === code || each.barcode === code) ?? (data.length === 1 ? data[0] : undefined)
    if (!row) {
      void message.warning(data.length === 0 ? t('count.unknown', { code }) : t('count.several', { code }))
      restore(code)
      return
    }
    change(before => scanned(before, make(row)))
  }
  // Selected, so that it can be mended by hand and the next scan replaces it.
  const restore = (code: string) => {
    setText(now => now || code)
    requestAnimationFrame(() => input.current?.select())
  }
  const all = async () => {
    setBusy(true)
    try {
      const rows: StockRow[] = []
      let cursor: string | undefined
      do {
        const page = await unwrap(
          api.GET('/api/v1/admin/stock', { params: { query: { limit: 200, ...(cursor ? { cursor } : {}) } } }),
        )
        rows.push(...page.data.filter(row => row.tracked))
        cursor = page.meta.next_cursor ?? undefined
      } while (cursor && rows.length < LINES)
      change(before => {
        const there = new Set(before.lines.map(line => line.sku))
        const more = rows.filter(row => !there.has(row.sku)).map(row => ({ ...make(row), quantity: null }))
        return { ...before, lines: [...before.lines, ...more].slice(0, LINES) }
      })
      if (cursor) void message.info(t('count.limit', { n: LINES }))
    } finally {
      setBusy(false)
    }
  }
  const fail = (error: unknown) => void message.error(asProblem(error).detail || t('count.failed'))
  return (
    <div className="zg-row">
      <Input
        ref={input}
        autoFocus
        style={{ width: 320 }}
        value={text}
        maxLength={64}
        aria-label={t('count.scan')}
        placeholder={t('count.scan')}
        onChange={event => setText(event.target.value)}
        onKeyDown={event => {
          if (event.key !== 'Enter' || event.nativeEvent.isComposing) return
          event.preventDefault()
          const code = text.trim()
          if (code === '') return
          // The next scan may come before this one is found.
          setText('')
          find(code).catch(error => {
            fail(error)
            restore(code)
          })
        }}
      />
      <Button loading={busy} onClick={() => void all().catch(fail)}>
        {t('count.addAll')}
      </Button>
    </div>
  )
}
