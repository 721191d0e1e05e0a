import { Money, SkuCode } from '@/ui'
import type { Line, Order } from './queries'
import { useT } from './texts'

/** What was ordered, what became of it, and what it comes to. */
export function Lines({ row }: { row: Order }) {
  const t = useT()
  return (
    <>
      <section
        className="zg-table-scroll"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        tabIndex={0}
        aria-label={t('lines')}
      >
        <table className="zg-table" data-density="roomy">
          <thead>
            <tr>
              <th scope="col">{t('items')}</th>
              <th scope="col" data-align="right">
                {t('price')}
              </th>
              <th scope="col" data-align="right">
                {t('quantity')}
              </th>
              <th scope="col">{t('progress')}</th>
              <th scope="col" data-align="right">
                {t('discount')}
              </th>
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
                    </div>
                  </div>
                </td>
                <td data-align="right">
                  <Money value={line.list} />
                </td>
                <td data-align="right" className="zg-num">
                  {line.quantity}
                </td>
                <td>
                  <Progress line={line} />
                </td>
                <td data-align="right">{line.discount.amount === 0 ? '—' : <Money value={line.discount} />}</td>
                <td data-align="right">
                  <Money value={line.total} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <Totals row={row} />
    </>
  )
}

const COUNTS = ['cancelled', 'picked', 'shipped', 'delivered'] as const

function Progress({ line }: { line: Line }) {
  const t = useT()
  const said = COUNTS.filter(name => line[name] > 0).map(name => t(`count.${name}`, { count: line[name] }))
  return <span className="zg-quiet">{said.length === 0 ? '—' : said.join(' · ')}</span>
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
