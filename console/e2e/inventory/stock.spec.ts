import { expect, test } from '@playwright/test'
import { choose, open, product } from '../shop.ts'

test('m5_2 a count is scanned, checked, applied, and stands in the ledger', async ({ page }) => {
  const staff = await open(page, '/')
  const one = await product(staff, undefined, 5)
  await page.goto('/admin/stock/count')
  const scan = page.getByRole('textbox', { name: 'Scan or type a SKU or barcode, Enter' })
  for (let n = 1; n <= 3; n += 1) {
    await scan.fill(one.code)
    await scan.press('Enter')
    await expect(page.getByRole('textbox', { name: `${one.code}: Counted` })).toHaveValue(String(n))
  }
  await page.getByRole('button', { name: 'Check' }).click()
  await expect(page.getByRole('row', { name: new RegExp(one.code) })).toContainText('−2')
  await page.getByRole('button', { name: 'Set 1 SKU as counted' }).click()
  await expect(page.getByRole('heading', { name: '1 SKU updated' })).toBeVisible()
  await page.goto(`/admin/stock/ledger?sku=${one.code}`)
  await expect(page.getByRole('row', { name: /Counted/ })).toContainText('−2')
})

test('m5_2 what would fall below the held stock is refused and stays on the sheet', async ({ page }) => {
  const staff = await open(page, '/')
  const one = await product(staff, undefined, 5)
  await page.goto('/admin/stock/count')
  await choose(page, 'How', 'Take away')
  const scan = page.getByRole('textbox', { name: 'Scan or type a SKU or barcode, Enter' })
  await scan.fill(one.code)
  await scan.press('Enter')
  const quantity = page.getByRole('textbox', { name: `${one.code}: Quantity` })
  await quantity.fill('9')
  await page.getByRole('button', { name: 'Adjust 1 SKU' }).click()
  await expect(page.getByRole('alert')).toContainText('It would fall below what is reserved and held')
  await expect(quantity).toHaveValue('9')
})

test('m5_4 a minimum makes the SKU low', async ({ page }) => {
  const staff = await open(page, '/')
  const one = await product(staff, undefined, 5)
  await page.goto(`/admin/stock?q=${one.code}`)
  await page.getByRole('link', { name: one.code }).click()
  await page.getByRole('textbox', { name: 'Minimum' }).fill('8')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByText('Low', { exact: true })).toBeVisible()
  await page.goto(`/admin/stock?level=low&q=${one.code}`)
  await expect(page.getByRole('row', { name: new RegExp(one.code) })).toBeVisible()
})

test('m8_2 somebody sees only what their role allows', async ({ page }) => {
  await open(page, '/', 'stock@example.com')
  await expect(page.getByRole('link', { name: 'Inventory' })).toBeVisible()
  await expect(page.getByRole('link', { name: 'Products' })).toBeHidden()
  await page.goto('/admin/products')
  await expect(page.getByText('catalog.read')).toBeVisible()
})
