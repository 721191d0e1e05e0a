import { useCallback, useState } from 'react'
import { Problem } from '@/api/problem'
import { AreaField, Card, Form, MoneyField, NameField, NumberField, Page, SwitchField, TagsField, useForm } from '@/ui'
import { useT } from './texts'

type Product = {
  version: number
  name: Record<string, string>
  price: { amount: number; currency: string } | null
  weight: number | null
  tags: readonly string[]
  published: boolean
  description: string
}

const START: Product = {
  version: 1,
  name: { 'zh-CN': '明前龙井', en: '' },
  price: { amount: 12990, currency: 'CNY' },
  weight: 100,
  tags: ['绿茶'],
  published: true,
  description: '',
}

/** Saving answers 422 while the price is under 1.00, and 412 once while the description says `conflict`. */
export default function ProductForm() {
  const t = useT()
  const [row, setRow] = useState(START)
  const form = useForm({
    name: 'product/1',
    source: row,
    etag: `"${row.version}"`,
    values: useCallback(({ version: _, ...rest }: Product) => rest, []),
    save: async ({ values, etag }) => {
      if ((values.price?.amount ?? 0) < 100) {
        throw new Problem(422, {
          code: 'invalid',
          detail: 'invalid',
          request_id: 'req_01HZX4',
          errors: [{ pointer: '/price', code: 'price_low', detail: '售价至少为 ¥1.00。' }],
        })
      }
      if (values.description === 'conflict' && etag === '"1"') {
        throw new Problem(412, {
          code: 'changed',
          detail: 'changed',
          current: { ...START, version: 2, price: { amount: 15900, currency: 'CNY' }, tags: ['绿茶', '春茶'] },
        })
      }
      setRow({ ...values, version: row.version + 1 })
    },
  })
  const f = form.field
  return (
    <Page title={t('name')}>
      <Form form={form} labels={{ name: t('name'), price: t('price'), tags: t('tags'), description: t('description') }}>
        <Card>
          <div className="zg-form">
            <NameField of={f.at('name')} label={t('name')} help={t('nameHelp')} required />
            <div className="zg-fields">
              <MoneyField of={f.at('price')} label={t('price')} currency="CNY" required />
              <NumberField of={f.at('weight')} label={t('weight')} unit="g" />
            </div>
            <TagsField of={f.at('tags')} label={t('tags')} />
            <AreaField of={f.at('description')} label={t('description')} maxLength={2000} />
            <SwitchField of={f.at('published')} label={t('published')} />
          </div>
        </Card>
      </Form>
    </Page>
  )
}
