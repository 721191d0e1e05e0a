import { expect, test } from '@playwright/test'
import { expectAccessible } from '../axe.ts'
import { sale } from '../orders/sale.ts'
import { open, SHOP } from '../shop.ts'

test('m8_9 what is written on a way to pay is what the shopper reads', async ({ page }) => {
  const staff = await open(page, '/payment-methods')
  await page
    .getByRole('row', { name: /Bank transfer/ })
    .getByRole('link')
    .first()
    .click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Bank transfer')
  const account = `Bank of Hangzhou 6222 0000 ${process.pid}`
  await page.getByRole('textbox', { name: 'Instructions' }).fill(account)
  await page.getByRole('textbox', { name: 'To be paid within' }).fill('4320')
  await expect(page.getByText('That is 3 days.')).toBeVisible()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByRole('button', { name: 'Save', exact: true })).toBeHidden()
  await expectAccessible(page)
  await page.goto('/admin/payment-methods')
  await expect(page.getByRole('row', { name: /Bank transfer/ })).toContainText('3 days')
  const one = await sale(page, staff)
  await page.goto(`${SHOP}/en/o/${one.token}`)
  await expect(page.getByText(account)).toBeVisible()
})

test('m8_9 a time that is too short is refused at its field', async ({ page }) => {
  await open(page, '/payment-methods/1')
  const within = page.getByRole('textbox', { name: 'To be paid within' })
  await within.fill('2')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByText('An unpaid order lasts from 5 minutes to 365 days').first()).toBeVisible()
  await expect(within).toHaveValue('2')
})

test('m8_9 a way to pay that is not offered is not there at checkout', async ({ page }) => {
  const staff = await open(page, '/payment-methods')
  await page
    .getByRole('row', { name: /Cash on delivery/ })
    .getByRole('link')
    .first()
    .click()
  await expect(page.getByRole('textbox', { name: 'To be paid within' })).toBeHidden()
  const offered = page.getByRole('switch', { name: 'Offered' })
  await offered.click()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByRole('button', { name: 'Save', exact: true })).toBeHidden()
  const enabled = async () =>
    (await staff.get('/payment-methods')).find((row: { kind: string }) => row.kind === 'cod').enabled
  expect(await enabled()).toBe(false)
  await offered.click()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByRole('button', { name: 'Save', exact: true })).toBeHidden()
  expect(await enabled()).toBe(true)
})
