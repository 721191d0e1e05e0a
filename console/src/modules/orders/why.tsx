import { Card, Money, PlainTable } from '@/ui'
import type { Order, Step } from './queries'
import { useT } from './texts'

const RULES = [
  'list_price',
  'promotion',
  'agreed_discount',
  'shipping',
  'free_shipping',
  'fees',
  'tax_included',
  'tax_added',
] as const
const REASONS = ['exclusive', 'better_in_group', 'nothing_off'] as const

/** Every step of the price, in order, with those that did not apply (B1). */
export function Why({ row }: { row: Order }) {
  const t = useT()
  const money = (amount: number) => <Money value={{ amount, currency: row.currency }} />
  const rule = (step: Step) => {
    const known = RULES.find(each => each === step.rule)
    const name = known ? t(`rule.${known}`) : step.rule
    return step.name ? `${name} · ${step.name}` : name
  }
  const reason = (step: Step) => {
    const known = REASONS.find(each => each === step.reason)
    return known ? t(`reason.${known}`) : (step.reason ?? '')
  }
  const lineOf = (step: Step) =>
    step.line === undefined || step.line === null
      ? t('why.order')
      : (row.lines.find(line => line.ordinal === step.line)?.name ?? String(step.line))
  return (
    <Card title={t('why')}>
      <details>
        <summary>{t('why.help')}</summary>
        <PlainTable label={t('why')} dense>
          <thead>
            <tr>
              <th scope="col">{t('why.rule')}</th>
              <th scope="col">{t('why.line')}</th>
              <th scope="col" data-align="right">
                {t('why.before')}
              </th>
              <th scope="col" data-align="right">
                {t('why.after')}
              </th>
            </tr>
          </thead>
          <tbody>
            {row.explanation.map((step, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: steps are a list that never changes
              <tr key={at} data-off={!step.applied}>
                <td>
                  {rule(step)}
                  {step.applied ? null : (
                    <span className="zg-quiet">
                      {' '}
                      {t('why.not')}: {reason(step)}
                    </span>
                  )}
                </td>
                <td>
                  <span className="zg-clip" title={lineOf(step)}>
                    {lineOf(step)}
                  </span>
                </td>
                <td data-align="right">{money(step.before)}</td>
                <td data-align="right">{money(step.after)}</td>
              </tr>
            ))}
          </tbody>
        </PlainTable>
      </details>
    </Card>
  )
}
