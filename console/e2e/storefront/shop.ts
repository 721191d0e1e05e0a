import { expect, type Page } from '@playwright/test'

/** Somebody in Hangzhou. */
export const buyer = {
  email: 'li.lei@example.com',
  phone: '13800138000',
  name: '李雷',
  street: '文三路 1 号',
  postal: '310000',
}

/** Opens the first product of the best sellers and puts one into the cart. */
export async function putOneIntoTheCart(page: Page): Promise<string> {
  await page.goto('/en/search?sort=-sales&stock=1')
  await page.getByRole('main').getByRole('article').first().getByRole('link').click()
  const name = (await page.getByRole('heading', { level: 1 }).textContent()) ?? ''
  await page.getByRole('button', { name: 'Add to cart' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Cart' })).toBeVisible()
  await expect(page.getByRole('status')).toHaveText('Added to your cart.')
  return name
}
