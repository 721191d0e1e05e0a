import { expect, test } from '@playwright/test'
import { expectAccessible } from '../axe.ts'
import { open } from '../shop.ts'

const PAGES = [
  '/products',
  '/products/1',
  '/products/new',
  '/categories',
  '/stock',
  '/stock/1',
  '/stock/count',
  '/stock/ledger',
  '/imports',
  '/imports/new',
  '/staff',
  '/staff/1',
  '/staff/new',
  '/roles',
  '/roles/2',
  '/api-keys',
  '/audit',
  '/proofs',
  '/account',
  '/shipping-methods',
  '/shipping-methods/1',
  '/zones',
  '/zones/1',
  '/carriers',
  '/carriers/1',
  '/orders',
  '/payments',
  '/payment-proposals',
  '/payment-methods',
  '/payment-methods/1',
  '/payment-methods/2',
  '/payment-settings',
  '/order-settings',
] as const

for (const path of PAGES) {
  test(`${path} is accessible in light and dark, and no wider than a phone`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
    await open(page, path)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await expect(page.locator('.zg-bone')).toHaveCount(0)
    await expectAccessible(page)
    await page.setViewportSize({ width: 390, height: 844 })
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
    // Else half of the page would be measured before the colours have changed.
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
    await expectAccessible(page)
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0)
  })
}
