import { expect, it } from 'vitest'
import { groupsOf } from './rights'

it('m8_2 rights stand by resource, viewing before changing before the rest', () => {
  const groups = groupsOf([
    'zebra.read',
    'orders.unlock',
    'orders.write',
    'orders.read',
    'orders.cancel',
    'stock.write',
  ])
  expect(groups.map(group => [group.resource, group.rights.map(right => right.action).join()])).toEqual([
    ['orders', 'read,write,cancel,unlock'],
    ['stock', 'write'],
    ['zebra', 'read'],
  ])
})
