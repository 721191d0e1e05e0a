import { expect, it } from 'vitest'
import { addressLines } from './address'

it('writes a Chinese address from the large to the small, a municipality once', () => {
  const of = {
    country: 'CN',
    province: '北京市',
    city: '北京市',
    district: '东城区',
    street: '鼓楼东大街330号',
    postal_code: '100007',
  }
  expect(addressLines(of, '中国')).toEqual(['北京市 东城区', '鼓楼东大街330号', '100007 中国'])
})

it('writes other addresses from the street on', () => {
  const of = {
    country: 'US',
    province: 'New York',
    city: 'Brooklyn',
    district: '',
    street: '230 Bergen Street',
    postal_code: '11217',
  }
  expect(addressLines(of, 'United States')).toEqual(['230 Bergen Street', 'Brooklyn, New York', '11217 United States'])
})
