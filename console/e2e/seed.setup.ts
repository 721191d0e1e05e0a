import { test as setup } from '@playwright/test'
import { invite, product, Staff } from './shop.ts'

setup('a shop with something in it', async ({ request }) => {
  const staff = await Staff.signedIn(request)
  const tea = await staff.post('/categories', { code: 'tea', name: { 'zh-CN': '茶', en: 'Tea' }, parent_id: null })
  await staff.post('/categories', { code: 'green', name: { 'zh-CN': '绿茶', en: 'Green tea' }, parent_id: tea.id })
  await staff.post('/categories', { code: 'ware', name: { 'zh-CN': '茶具', en: 'Tea ware' }, parent_id: null })
  await product(staff, 'SEED-1', 25)
  await product(staff, 'SEED-2', 3)
  const role = await staff.post('/roles', { name: 'Stock keeper', rights: ['stock.read', 'stock.write'] })
  await invite(staff, 'stock@example.com', 'Li Jianguo', [role.id])
})
