import { expect, test } from '@playwright/test'
import { open } from '../shop.ts'

test('m8_7 the tester says what a shopper there would pay', async ({ page }) => {
  await open(page, '/shipping-methods')
  await page.getByRole('combobox', { name: 'Ships to' }).click()
  // Country, province, city, district: a Chinese address is checked down to the last.
  const column = (at: number) => page.locator('.ant-cascader-menu').nth(at)
  await column(0).getByText('China', { exact: true }).click()
  for (const at of [1, 2, 3]) await column(at).locator('.ant-cascader-menu-item').first().click()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Try', exact: true }).click()
  await expect(page.getByRole('listitem').filter({ hasText: 'SF express' })).toContainText('¥18.00')
})

test('m8_7 a rate is changed and saved', async ({ page }) => {
  const staff = await open(page, '/shipping-methods/4')
  const base = page.getByRole('textbox', { name: /: Base price$/ }).first()
  await base.fill('66.60')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByRole('button', { name: 'Save', exact: true })).toBeHidden()
  expect((await staff.get('/shipping-methods/4')).rates[0].base).toBe(6660)
})
