import { expect, test } from '@playwright/test'
import { expectAccessible } from '../axe'
import { putOneIntoTheCart } from './shop'

const pages = ['/', '/search', '/search?q=zzzzqqqq', '/cart', '/account/sign-in', '/account/register', '/nowhere']

for (const locale of ['zh-CN', 'en']) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(`${locale}, ${colorScheme}`, () => {
      test.use({ colorScheme, bypassCSP: true })

      test('P15 every page can be used by everybody', async ({ page }) => {
        for (const path of pages) {
          await page.goto(`/${locale}${path}`)
          await expect(page.locator('html')).toHaveAttribute('lang', locale)
          await expectAccessible(page)
        }
        await page.goto(`/${locale}/`)
        await page.getByRole('navigation').nth(1).getByRole('link').first().click()
        await expectAccessible(page)
        await page.getByRole('main').getByRole('article').first().getByRole('link').click()
        await expectAccessible(page)
      })
    })
  }
}

test.describe('checkout', () => {
  test.use({ bypassCSP: true })

  test('P15 cart and checkout can be used by everybody', async ({ page }) => {
    await putOneIntoTheCart(page)
    await expectAccessible(page)
    await page.goto('/en/checkout')
    await page.waitForLoadState('networkidle')
    await expectAccessible(page)
  })
})

test('P6 no page breaks its own content policy', async ({ page }) => {
  const refused: string[] = []
  page.on('console', message => {
    if (message.text().includes('Content Security Policy')) refused.push(message.text())
  })
  for (const path of ['/en/', '/en/search?q=tea', '/en/cart']) await page.goto(path, { waitUntil: 'networkidle' })
  expect(refused).toEqual([])
})

test('B7 suggestions are walked with the arrow keys', async ({ page }) => {
  await page.goto('/zh-CN/')
  const field = page.getByRole('combobox', { name: '搜索商品' })
  await field.fill('茶')
  await expect(page.getByRole('option').first()).toBeVisible()
  await field.press('ArrowDown')
  const first = (await page.getByRole('option').first().textContent()) ?? ''
  await expect(page.getByRole('option').first()).toHaveAttribute('aria-selected', 'true')
  await field.press('Enter')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(first)
})

test('P15 the first key leads to the content, and the next language is one click away', async ({ page }) => {
  await page.goto('/en/')
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('main')).toBeFocused()
  await page.getByRole('link', { name: '中文' }).first().click()
  await expect(page).toHaveURL(/\/zh-CN\/$/)
  await page.goto('/')
  await expect(page).toHaveURL(/\/zh-CN\/$/)
})
