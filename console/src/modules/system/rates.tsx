import './system.css'
import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { Button, Select } from 'antd'
import type { FieldProblem, Schemas } from '@/api'
import { isRecord } from '@/api/json'
import { append, type Field, formatMoney, items, MoneyCell, NumberCell, removeAt } from '@/ui'
import type { ZoneView } from './shipping-queries'
import { useShippingT } from './shipping-texts'

type Rate = Schemas['ShippingRate']
type Basis = Rate['basis']

/** A rate as the form holds it. */
export type RateValues = {
  readonly zone_id: string
  readonly basis: Basis
  /** Grams, pieces or minor units. */
  readonly from_value: number | null
  readonly base: number | null
  readonly step_value: number | null
  readonly step: number | null
  readonly free_over: number | null
}

export const rateOf = (rate: RateValues): Rate => ({
  zone_id: Number(rate.zone_id),
  basis: rate.basis,
  from_value: rate.from_value ?? 0,
  base: rate.base ?? 0,
  step_value: rate.step_value ?? 0,
  step: rate.step ?? 0,
  free_over: rate.free_over,
})

const BASES = ['weight', 'count', 'amount'] as const satisfies readonly Basis[]

type Props = {
  of: Field<readonly RateValues[]>
  problems: readonly FieldProblem[]
  zones: readonly ZoneView[]
  currency: string
  disabled: boolean
}

/** What a method costs into each zone. */
export function Rates({ of, problems, zones, currency, disabled }: Props) {
  const t = useShippingT()
  const used = new Set(of.value.map(rate => rate.zone_id))
  const free = zones.filter(zone => !used.has(String(zone.id)))
  const money = (field: Field<number | null>) =>
    field.seen(
      value => (value === null ? null : { amount: value, currency }),
      value => value?.amount ?? null,
    )
  const measure = (rate: Field<RateValues>, key: 'from_value' | 'step_value', label: string) =>
    rate.value.basis === 'amount' ? (
      <MoneyCell of={money(rate.at(key))} label={label} currency={currency} disabled={disabled} />
    ) : (
      <NumberCell of={rate.at(key)} label={label} disabled={disabled} />
    )
  return (
    <div className="zg-stack">
      <span className="zg-quiet">{t('method.ratesHelp')}</span>
      {of.value.length > 0 ? (
        <section
          className="zg-scroll-x"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
          tabIndex={0}
          aria-label={t('method.rates')}
        >
          <table className="zg-grid zg-rates">
            <thead>
              <tr>
                <th scope="col">{t('method.zone')}</th>
                <th scope="col">{t('method.basis')}</th>
                <th scope="col">{t('method.upTo')}</th>
                <th scope="col">{t('method.base')}</th>
                <th scope="col">{t('method.stepValue')}</th>
                <th scope="col">{t('method.step')}</th>
                <th scope="col">{t('method.freeOver')}</th>
                <th scope="col">
                  <span className="zg-sr">{t('method.removeRate')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {items(of, problems).map((rate, at) => {
                const zone = zones.find(each => String(each.id) === rate.value.zone_id)
                const name = zone?.name ?? rate.value.zone_id
                const labelled = (what: string) => `${name}: ${what}`
                return (
                  <tr key={rate.value.zone_id}>
                    <th scope="row">
                      <span className="zg-rates-name">{name}</span>
                      {rate.at('zone_id').errors.map(each => (
                        <span key={each} className="zg-error">
                          {each}
                        </span>
                      ))}
                    </th>
                    <td>
                      <Select<Basis>
                        aria-label={labelled(t('method.basis'))}
                        style={{ width: 130 }}
                        disabled={disabled}
                        value={rate.value.basis}
                        options={BASES.map(value => ({ value, label: t(`basis.${value}`) }))}
                        onChange={basis => rate.at('basis').set(basis)}
                      />
                    </td>
                    <td>{measure(rate, 'from_value', labelled(t('method.upTo')))}</td>
                    <td>
                      <MoneyCell
                        of={money(rate.at('base'))}
                        label={labelled(t('method.base'))}
                        currency={currency}
                        disabled={disabled}
                      />
                    </td>
                    <td>{measure(rate, 'step_value', labelled(t('method.stepValue')))}</td>
                    <td>
                      <MoneyCell
                        of={money(rate.at('step'))}
                        label={labelled(t('method.step'))}
                        currency={currency}
                        disabled={disabled}
                      />
                    </td>
                    <td>
                      <MoneyCell
                        of={money(rate.at('free_over'))}
                        label={labelled(t('method.freeOver'))}
                        currency={currency}
                        disabled={disabled}
                      />
                    </td>
                    <td>
                      <Button
                        type="text"
                        icon={<DeleteOutlined />}
                        disabled={disabled}
                        aria-label={labelled(t('method.removeRate'))}
                        onClick={() => removeAt(of, at)}
                      />
                    </td>
                  </tr>
                )
              })}
            </tbody>
          </table>
        </section>
      ) : null}
      {free.length > 0 && !disabled ? (
        <span>
          <Select<string>
            aria-label={t('method.addRate')}
            style={{ width: 260 }}
            value={null}
            placeholder={
              <>
                <PlusOutlined /> {t('method.addRate')}
              </>
            }
            options={free.map(zone => ({ value: String(zone.id), label: zone.name }))}
            onChange={zone_id => {
              const like = of.value[of.value.length - 1]
              append<RateValues>(of, {
                basis: 'weight',
                from_value: 1000,
                base: 0,
                step_value: 1000,
                step: 0,
                free_over: null,
                ...like,
                zone_id,
              })
            }}
          />
        </span>
      ) : null}
    </div>
  )
}

/** A line a rate, for the dialog of two people's changes. */
export function ratesText(value: unknown, zones: readonly ZoneView[], currency: string): string {
  if (!Array.isArray(value)) return ''
  return value
    .filter(isRecord)
    .map(rate => {
      const zone = zones.find(each => String(each.id) === rate['zone_id'])?.name ?? ''
      const [base, step] = [rate['base'], rate['step']].map(minor =>
        formatMoney({ amount: Number(minor ?? 0), currency }, 'zh-CN'),
      )
      return `${zone}: ${base} + ${step}`
    })
    .join('\n')
}
