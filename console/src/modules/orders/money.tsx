import { useQuery } from '@tanstack/react-query'
import { useMay } from '@/api'
import { useLocale } from '@/i18n'
import { Card, Money, ProblemView, Time } from '@/ui'
import { ledgerQuery, type Order } from './queries'
import { useT } from './texts'

const KINDS = ['manual', 'capture', 'authorize', 'refund', 'fee', 'cod', 'import'] as const

/** The payment ledger of the order, line by line (M4.11). */
export function Ledger({ row }: { row: Order }) {
  const t = useT()
  const locale = useLocale()
  const may = useMay()
  const allowed = may('payments.read')
  const ledger = useQuery({ ...ledgerQuery(row.id), enabled: allowed })
  if (!allowed) return null
  const kindOf = (kind: string) => {
    const known = KINDS.find(each => each === kind)
    return known ? t(`kind.${known}`) : kind
  }
  const entries = ledger.data?.entries ?? []
  return (
    <Card title={t('money')}>
      {ledger.isError ? <ProblemView error={ledger.error} retry={() => void ledger.refetch()} /> : null}
      {ledger.data && entries.length === 0 ? <span className="zg-quiet">{t('money.none')}</span> : null}
      {entries.length === 0 ? null : (
        <section
          className="zg-table-scroll"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
          tabIndex={0}
          aria-label={t('money')}
        >
          <table className="zg-table" data-density="dense">
            <thead>
              <tr>
                <th scope="col">{t('money.when')}</th>
                <th scope="col">{t('money.kind')}</th>
                <th scope="col">{t('method')}</th>
                <th scope="col">{t('money.reference')}</th>
                <th scope="col">{t('money.who')}</th>
                <th scope="col" data-align="right">
                  {t('pay.amount')}
                </th>
              </tr>
            </thead>
            <tbody>
              {entries.map(entry => (
                <tr key={entry.id}>
                  <td>
                    <Time at={entry.at} />
                  </td>
                  <td>{kindOf(entry.kind)}</td>
                  <td>{entry.method_name[locale] ?? entry.method}</td>
                  <td className="zg-num">
                    {entry.reference}
                    {entry.proof ? (
                      <>
                        {' '}
                        <a href={`/api/v1/admin/payments/${entry.id}/proof`}>{t('money.proof')}</a>
                      </>
                    ) : null}
                    {entry.note ? <div className="zg-quiet">{entry.note}</div> : null}
                  </td>
                  <td>{entry.actor_name}</td>
                  <td data-align="right">
                    <Money value={entry.amount} signed />
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
