import { Money, None, PlainTable, SkuCode } from '@/ui'
import type { Line, Order } from './queries'
import { useT } from './texts'

/** What was ordered, what became of it, and what it comes to. */
export function Lines({ row }: { row: Order }) {
  const t = useT()
  const discounted = row.lines.some(line => line.discount.amount !== 0)
  return (
    <>
      <PlainTable label={t('lines')} kind="zg-lines">
        <thead>
          <tr>
            <th scope="col">{t('items')}</th>
            <th scope="col" data-align="right">
              {t('price')}
            </th>
            <th scope="col" data-align="right">
              {t('quantity')}
            </th>
            {discounted ? (
              <th scope="col" data-align="right">
                {t('discount')}
              </th>
            ) : null}
            <th scope="col" data-align="right">
              {t('lineTotal')}
            </th>
          </tr>
        </thead>
        <tbody>
          {row.lines.map(line => (
            <tr key={line.id}>
              <td>
                <div className="zg-thing">
                  {line.picture ? (
                    <img src={line.picture} alt="" width={40} height={40} loading="lazy" />
                  ) : (
                    <span className="zg-thing-none" />
                  )}
                  <div>
                    <div>{line.name}</div>
                    <div className="zg-quiet">
                      {line.options ? `${line.options} · ` : ''}
                      <SkuCode code={line.sku} />
                    </div>
                    <div className="zg-phone zg-quiet">
                      <Money value={line.list} /> × {line.quantity}
                    </div>
                    <Progress line={line} />
                  </div>
                </div>
              </td>
              <td data-align="right">
                <Money value={line.list} />
              </td>
              <td data-align="right" className="zg-num">
                {line.quantity}
              </td>
              {discounted ? (
                <td data-align="right">{line.discount.amount === 0 ? <None /> : <Money value={line.discount} />}</td>
              ) : null}
              <td data-align="right">
                <Money value={line.total} />
              </td>
            </tr>
          ))}
        </tbody>
      </PlainTable>
      <Totals row={row} />
    </>
  )
}

/** From the furthest back: pieces that came further are not said twice. */
const COUNTS = ['delivered', 'shipped', 'picked'] as const

function Progress({ line }: { line: Line }) {
  const t = useT()
  const said = COUNTS.filter(
    (name, at) => line[name] > 0 && !COUNTS.slice(0, at).some(further => line[further] === line[name]),
  )
  const words = said.map(name => t(`count.${name}`, { count: line[name] }))
  if (line.cancelled > 0) words.push(t('count.cancelled', { count: line.cancelled }))
  return words.length === 0 ? null : <div className="zg-quiet">{words.join(' · ')}</div>
}

const SUMS = [
  'lines',
  'discount',
  'shipping',
  'fees',
  'tax_added',
  'tax_included',
  'total',
  'paid',
  'refunded',
  'to_pay',
  'to_refund',
] as const
/** Said even if they are nothing. */
const ALWAYS: readonly string[] = ['lines', 'shipping', 'total', 'paid']

function Totals({ row }: { row: Order }) {
  const t = useT()
  return (
    <dl className="zg-sums">
      {SUMS.filter(name => ALWAYS.includes(name) || row.totals[name].amount !== 0).map(name => (
        <div key={name} data-strong={name === 'total' || name === 'to_pay' || name === 'to_refund'}>
          <dt>{t(`totals.${name}`)}</dt>
          <dd>
            <Money value={row.totals[name]} />
          </dd>
        </div>
      ))}
    </dl>
  )
}
