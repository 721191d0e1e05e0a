import './catalog.css'
import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { Button, Checkbox, Popover } from 'antd'
import { useState } from 'react'
import type { FieldProblem } from '@/api'
import { useName } from '@/i18n'
import { Field, items, MoneyCell, NumberCell, TextCell } from '@/ui'
import { type Axis, leftOut, newVariant, suggested, type Variant } from './matrix'
import { useT } from './texts'

/** Rows shown at once: inputs by the thousand would make typing slow. */
const ROWS = 100

type Props = {
  of: Field<readonly Variant[]>
  axes: readonly Axis[]
  product: string
  currency: string
  problems: readonly FieldProblem[]
  disabled: boolean
}

/** What is sold: one row a combination, with its code, price and weight (M2.16). */
export function Skus({ of, axes, product, currency, problems, disabled }: Props) {
  const t = useT()
  const nameOf = useName()
  const [from, setFrom] = useState(0)
  const used = axes.filter(axis => axis.values.length > 0)
  const missing = leftOut(used, of.value)
  const all = items(of, problems)
  const start = from < all.length ? from : 0
  const rows = all.slice(start, start + ROWS)
  const nameFor = (variant: Variant) =>
    used
      .map(axis => nameOf(axis.values.find(value => value.code === variant.values[axis.code])?.name) || '—')
      .join(' · ')
  const several = used.length > 0
  return (
    <div className="zg-stack" id={of.id} tabIndex={-1}>
      {of.errors.length > 0 ? <span className="zg-error">{of.errors.join(' ')}</span> : null}
      {several && !disabled ? (
        <div className="zg-row">
          <SetAll of={of} currency={currency} />
          {missing.length > 0 ? (
            <Button
              icon={<PlusOutlined />}
              onClick={() => {
                const taken = new Set(of.value.map(variant => variant.code))
                const like = of.value[0]
                of.set([...of.value, ...missing.map(values => newVariant(values, product, taken, like))])
              }}
            >
              {t('sku.addMissing', { count: missing.length })}
            </Button>
          ) : null}
        </div>
      ) : null}
      <section
        className="zg-skus-scroll"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        tabIndex={0}
        aria-label={t('sku.title')}
      >
        <table className="zg-skus">
          <thead>
            <tr>
              {several ? <th scope="col">{t('sku.variant')}</th> : null}
              <th scope="col">{t('sku.code')}</th>
              <th scope="col">{t('sku.price', { currency })}</th>
              <th scope="col">{t('sku.weight')}</th>
              <th scope="col">{t('sku.barcode')}</th>
              <th scope="col">{t('sku.tracked')}</th>
              {several ? <th scope="col">{t('sku.exclude')}</th> : null}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, at) => {
              const name = nameFor(row.value)
              const labelled = (what: string) => (several ? `${name}: ${what}` : what)
              return (
                <tr key={row.value.id ?? `new-${start + at}`}>
                  {several ? <td className="zg-skus-name">{name}</td> : null}
                  <td className="zg-cell-code">
                    <TextCell
                      of={row.at('code')}
                      label={labelled(t('sku.code'))}
                      mono
                      maxLength={64}
                      placeholder={suggested(row.value.values, product)}
                      disabled={disabled}
                    />
                  </td>
                  <td className="zg-cell-number">
                    <MoneyCell
                      of={row.at('price')}
                      label={labelled(t('sku.price', { currency }))}
                      currency={currency}
                      disabled={disabled}
                    />
                  </td>
                  <td className="zg-cell-number">
                    <NumberCell of={row.at('weight_g')} label={labelled(t('sku.weight'))} disabled={disabled} />
                  </td>
                  <td className="zg-cell-barcode">
                    <TextCell
                      of={row.at('barcode')}
                      label={labelled(t('sku.barcode'))}
                      mono
                      maxLength={64}
                      disabled={disabled}
                    />
                  </td>
                  <td>
                    <Checkbox
                      style={{ lineHeight: '34px' }}
                      aria-label={labelled(t('sku.tracked'))}
                      checked={row.value.tracked}
                      disabled={disabled}
                      onChange={event => row.at('tracked').set(event.target.checked)}
                    />
                  </td>
                  {several ? (
                    <td>
                      <Button
                        type="text"
                        icon={<DeleteOutlined />}
                        aria-label={labelled(t('sku.exclude'))}
                        title={t('sku.excludeHelp')}
                        disabled={disabled || of.value.length === 1}
                        onClick={() => of.set(of.value.filter((_, place) => place !== start + at))}
                      />
                    </td>
                  ) : null}
                </tr>
              )
            })}
          </tbody>
        </table>
      </section>
      {all.length > ROWS ? (
        <div className="zg-row">
          <Button disabled={start === 0} onClick={() => setFrom(Math.max(0, start - ROWS))}>
            {t('sku.before')}
          </Button>
          <span className="zg-num zg-quiet">
            {t('sku.range', { from: start + 1, to: Math.min(all.length, start + ROWS), total: all.length })}
          </span>
          <Button disabled={start + ROWS >= all.length} onClick={() => setFrom(start + ROWS)}>
            {t('sku.after')}
          </Button>
        </div>
      ) : null}
    </div>
  )
}

type All = { price: Variant['price']; weight_g: number | null }

function SetAll({ of, currency }: { of: Field<readonly Variant[]>; currency: string }) {
  const t = useT()
  const [open, setOpen] = useState(false)
  const [all, setAll] = useState<All>({ price: null, weight_g: null })
  const field = new Field('', all, setAll, [], 'set-all')
  return (
    <Popover
      trigger="click"
      placement="bottomLeft"
      arrow={false}
      open={open}
      onOpenChange={setOpen}
      content={
        <div className="zg-form">
          <div>
            <span>{t('sku.price', { currency })}</span>
            <MoneyCell of={field.at('price')} label={t('sku.allPrice')} currency={currency} />
          </div>
          <div>
            <span>{t('sku.weight')}</span>
            <NumberCell of={field.at('weight_g')} label={t('sku.allWeight')} />
          </div>
          <Button
            type="primary"
            disabled={all.price === null && all.weight_g === null}
            onClick={() => {
              of.set(
                of.value.map(variant => ({
                  ...variant,
                  price: all.price ?? variant.price,
                  weight_g: all.weight_g ?? variant.weight_g,
                })),
              )
              setOpen(false)
            }}
          >
            {t('sku.applyAll', { count: of.value.length })}
          </Button>
        </div>
      }
    >
      <Button>{t('sku.setAll')}</Button>
    </Popover>
  )
}
