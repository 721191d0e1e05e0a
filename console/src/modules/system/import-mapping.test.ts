import { expect, it } from 'vitest'
import { bestKind, missing, samples, unused } from './import-mapping'

const column = (name: string, required = false) => ({ name, required, money: false })
const products = {
  kind: 'products',
  pictures: true,
  columns: [column('sku', true), column('name', true), column('price')],
}
const customers = { kind: 'customers', pictures: false, columns: [column('code', true), column('name', true)] }
const upload = {
  file_id: 1,
  name: 'goods.csv',
  encoding: 'utf8' as const,
  headings: ['SKU', 'Title', 'Colour'],
  sample: [
    ['A-1', 'Tea', ''],
    ['A-2', '', 'red'],
  ],
  suggestions: { products: { sku: 'SKU' }, customers: {} },
}

it('m8_13 what is required and not mapped is named, and what the file has besides', () => {
  expect(missing(products, { sku: 'SKU', name: '' })).toEqual(['name'])
  expect(unused(upload, { sku: 'SKU', name: 'Title' })).toEqual(['Colour'])
  expect(samples(upload, 'Colour', 3)).toEqual(['red'])
})

it('m8_13 the kind is guessed by the headings', () => {
  expect(bestKind(upload, [customers, products])).toBe('products')
  const people = {
    ...upload,
    suggestions: { products: { sku: 'No', price: 'x' }, customers: { code: 'No', name: 'Name' } },
  }
  expect(bestKind(people, [products, customers])).toBe('customers')
})
