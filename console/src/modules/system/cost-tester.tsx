import './system.css'
import { Button } from 'antd'
import { useState } from 'react'
import { api, asProblem, type FieldProblem, type Schemas, unwrap, useMe } from '@/api'
import { Badge, Card, Field, FieldBox, Money, MoneyField, NumberField, ProblemView } from '@/ui'
import { type Place, RegionPicker } from './region-picker'
import { useShippingT } from './shipping-texts'

type Values = {
  place: Place
  weight_g: number | null
  count: number | null
  amount: { readonly amount: number; readonly currency: string } | null
}

/** What a shopper there would be offered for such a parcel; nothing is changed (M8.7). */
export function CostTester() {
  const t = useShippingT()
  const currency = useMe().shop.currency
  const [values, setValues] = useState<Values>({
    place: { codes: [], names: [] },
    weight_g: 500,
    count: 1,
    amount: null,
  })
  const [problems, setProblems] = useState<readonly FieldProblem[]>([])
  const [error, setError] = useState<unknown>(undefined)
  const [offers, setOffers] = useState<readonly Schemas['QuotedMethod'][] | undefined>(undefined)
  const [busy, setBusy] = useState(false)
  const f = new Field('', values, setValues, problems, 'tester')
  const [country] = values.place.codes
  const run = async () => {
    if (country === undefined) return
    setBusy(true)
    setError(undefined)
    setProblems([])
    const [, province = '', city = '', district = ''] = values.place.names
    try {
      setOffers(
        await unwrap(
          api.POST('/api/v1/admin/shipping-methods/quote', {
            body: {
              country,
              province,
              city,
              district,
              weight_g: values.weight_g ?? 0,
              count: values.count ?? 0,
              amount: values.amount?.amount ?? 0,
            },
          }),
        ),
      )
    } catch (refused) {
      const problem = asProblem(refused)
      setOffers(undefined)
      setProblems(problem.errors)
      setError(problem)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Card title={t('test.title')}>
      <form
        className="zg-form"
        noValidate
        onSubmit={event => {
          event.preventDefault()
          void run()
        }}
      >
        <span className="zg-quiet">{t('test.help')}</span>
        <div className="zg-fields">
          <FieldBox of={{ id: 'tester-place', errors: [] }} label={t('test.where')}>
            {({ id }) => (
              <RegionPicker
                id={id}
                label={t('test.where')}
                value={values.place.codes}
                change={f.at('place').set.bind(f.at('place'))}
              />
            )}
          </FieldBox>
          <NumberField of={f.at('weight_g')} label={t('test.weight')} />
          <NumberField of={f.at('count')} label={t('test.count')} />
          <MoneyField of={f.at('amount')} label={t('test.amount')} currency={currency} />
        </div>
        <span>
          <Button htmlType="submit" loading={busy} disabled={country === undefined}>
            {t('test.run')}
          </Button>
        </span>
        {error === undefined ? null : <ProblemView error={error} />}
        {offers === undefined ? null : offers.length === 0 ? (
          <div className="zg-notice" role="status">
            {t('test.none')}
          </div>
        ) : (
          <ul className="zg-list-rows" aria-live="polite">
            {offers.map(offer => (
              <li key={offer.method_id}>
                <div>
                  <strong style={{ fontWeight: 600 }}>{offer.name}</strong>{' '}
                  <span className="zg-quiet">
                    {offer.zone}
                    {offer.cod ? ` · ${t('method.cod')}` : ''}
                  </span>
                </div>
                <span className="zg-row">
                  {offer.fee === 0 ? <Badge tone="good">{t('test.free')}</Badge> : null}
                  {offer.original === offer.fee ? null : (
                    <s className="zg-quiet">
                      <Money value={{ amount: offer.original, currency }} />
                    </s>
                  )}
                  <strong>
                    <Money value={{ amount: offer.fee, currency }} />
                  </strong>
                </span>
              </li>
            ))}
          </ul>
        )}
      </form>
    </Card>
  )
}
