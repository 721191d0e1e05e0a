import { expect, test } from '@playwright/test'
import { buyer, putOneIntoTheCart } from './shop'

for (const width of [390, 1440]) {
  test.describe(`at ${width} px`, () => {
    test.use({ viewport: { width, height: 900 } })

    test('P15 a guest buys with regions chosen from lists', async ({ page }) => {
      const name = await putOneIntoTheCart(page)
      await page.getByRole('link', { name: 'Check out' }).click()
      await page.getByLabel('E-mail').fill(buyer.email)
      await page.getByLabel('Telephone').fill(buyer.phone)
      await page.getByLabel('Recipient').fill(buyer.name)
      await page.getByLabel('Province or state').selectOption('浙江省')
      await page.getByLabel('City').selectOption('杭州市')
      await page.getByLabel('District or county').selectOption('西湖区')
      await page.getByLabel('Street, house, door').fill(buyer.street)
      await page.getByRole('button', { name: 'Continue to delivery' }).click()
      const delivery = page.getByRole('group', { name: 'Delivery', exact: true })
      const saved = () => expect(page.locator('form[data-checkout]')).not.toHaveAttribute('aria-busy', 'true')
      await delivery.getByRole('radio').last().check()
      await saved()
      await page
        .getByRole('group', { name: 'Payment' })
        .getByRole('radio', { name: /Bank transfer/ })
        .check()
      await saved()
      const total = (await page.getByRole('complementary').locator('.total dd').textContent()) ?? ''
      await page.getByRole('button', { name: 'Place order' }).click()
      await expect(page.getByRole('heading', { level: 1, name: /^Order / })).toBeVisible()
      await expect(page.getByRole('status')).toContainText('Thank you')
      await expect(page.getByRole('heading', { name: /How to pay/ })).toBeVisible()
      await expect(page.getByText(`To pay: ${total}`)).toBeVisible()
      await expect(page.getByRole('complementary').getByText(name).first()).toBeVisible()
      await page.getByText('How this price came about').click()
      await expect(page.getByText('List price').first()).toBeVisible()
    })

    test('P15 nothing is wider than the window', async ({ page }) => {
      for (const path of ['/zh-CN/', '/en/search', '/zh-CN/cart', '/en/account/register']) {
        await page.goto(path)
        expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(
          0,
        )
      }
    })
  })
}

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false })

  test('P15 a guest buys through forms alone', async ({ page }) => {
    await putOneIntoTheCart(page)
    await page.getByRole('link', { name: 'Check out' }).click()
    await page.getByLabel('E-mail').fill(buyer.email)
    await page.getByLabel('Recipient').fill(buyer.name)
    await page.getByLabel('Province or state').fill('浙江省')
    await page.getByLabel('City').fill('杭州市')
    await page.getByLabel('District or county').fill('西湖区')
    await page.getByLabel('Street, house, door').fill(buyer.street)
    await page.getByRole('button', { name: 'Continue to delivery' }).click()
    await page.getByRole('group', { name: 'Delivery', exact: true }).getByRole('radio').first().check()
    await page
      .getByRole('group', { name: 'Payment' })
      .getByRole('radio', { name: /Bank transfer/ })
      .check()
    await page.getByRole('complementary').getByRole('button', { name: 'Update total' }).click()
    await page.getByRole('button', { name: 'Place order' }).click()
    await expect(page.getByRole('heading', { name: /How to pay/ })).toBeVisible()
  })
})

test('P15 an empty form says at each field what is missing', async ({ page }) => {
  await putOneIntoTheCart(page)
  await page.goto('/en/checkout')
  await page.locator('form[data-checkout]').evaluate(form => form.setAttribute('novalidate', ''))
  await page.getByLabel('E-mail').fill('not an address')
  await page.getByRole('button', { name: 'Continue to delivery' }).click()
  await expect(page.getByRole('alert')).toBeVisible()
  await expect(page.getByLabel('E-mail')).toHaveAttribute('aria-invalid', 'true')
  await expect(page.getByLabel('E-mail')).toHaveValue('not an address')
})
