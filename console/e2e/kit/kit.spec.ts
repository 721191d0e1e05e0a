import { expect, type Page, test } from '@playwright/test'
import { expectAccessible } from '../axe'

test.use({ locale: 'en', viewport: { width: 1440, height: 900 } })

async function signedIn(page: Page, path: string): Promise<void> {
  await page.addInitScript(() => localStorage.setItem('zg.locale', 'en'))
  await page.context().addCookies([{ name: 'mock', value: 'demo@example.com', url: 'http://127.0.0.1:4179' }])
  await page.goto(`/admin${path}`)
  // A key pressed before the shell is there is heard by nobody.
  await expect(page.getByRole('main')).toBeVisible()
}

test('signing in asks for the second factor and goes where one wanted to', async ({ page }) => {
  await page.goto('/admin/orders?state=placed')
  await expect(page).toHaveURL(/\/admin\/sign-in\?next=/)
  await page.getByLabel('Email').fill('totp@example.com')
  await page.getByLabel('Password').fill('wrong')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('alert')).toContainText('Email or password is wrong')
  await page.getByLabel('Password').fill('demo')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByLabel('Code').fill('123456')
  await expect(page).toHaveURL(/\/admin\/orders\?state=placed$/)
})

test('the list’s state stands in the URL, and back works', async ({ page }) => {
  await signedIn(page, '/orders')
  await page.getByRole('button', { name: 'Total' }).click()
  await expect(page).toHaveURL(/sort=-total/)
  await page.getByRole('button', { name: 'Next page' }).click()
  await expect(page).toHaveURL(/cursor=50/)
  await page.getByRole('button', { name: 'Next page' }).click()
  await expect(page).toHaveURL(/cursor=100/)
  await page.getByRole('button', { name: 'Previous page' }).click()
  await expect(page).toHaveURL(/cursor=50/)
  await page.goBack()
  await expect(page).toHaveURL(/cursor=100/)
  await page.getByLabel('Search: Number or customer').fill('ZG-133')
  await expect(page).toHaveURL(/q=ZG-133/)
  await expect(page).not.toHaveURL(/cursor=/)
  await expect(page.getByLabel('Search: Number or customer')).toBeFocused()
})

test('orders are walked by keyboard, and a detail page knows the list it came from', async ({ page }) => {
  await signedIn(page, '/orders')
  await expect(page.getByRole('link', { name: 'ZG-13345' })).toBeVisible()
  await page.keyboard.press('j')
  await page.keyboard.press('x')
  await expect(page.getByText('1 selected')).toBeVisible()
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'ZG-13344' })).toBeVisible()
  await page.keyboard.press(']')
  await expect(page.getByRole('heading', { name: 'ZG-13343' })).toBeVisible()
  await page.keyboard.press('[')
  await expect(page.getByRole('heading', { name: 'ZG-13344' })).toBeVisible()
})

test('all that match are selected, not only the page', async ({ page }) => {
  await signedIn(page, '/orders?state=placed')
  await page.getByRole('checkbox', { name: 'Select all on this page' }).check()
  await page.getByRole('button', { name: 'Select all 2,469 that match' }).click()
  await expect(page.getByRole('button', { name: 'Confirm 2469 orders' })).toBeVisible()
})

test('the palette finds what the server finds', async ({ page }) => {
  await signedIn(page, '/products')
  await page.keyboard.press('Control+k')
  await page.getByRole('dialog').getByRole('combobox').fill('zg')
  await expect(page.getByRole('option', { name: /ZG-1001/ })).toBeVisible()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/admin\/orders\/1002$/)
})

test('a form keeps its draft over a reload and asks before it is left', async ({ page }) => {
  await signedIn(page, '/products')
  await page.getByLabel('Price').fill('88')
  await page.getByRole('link', { name: 'Customers' }).click()
  await page.getByRole('button', { name: 'Stay and go on' }).click()
  page.on('dialog', dialog => void dialog.accept())
  await page.reload()
  await expect(page.getByLabel('Price')).toHaveValue('88.00')
  await expect(page.getByText('Your unsaved changes from before were restored.')).toBeVisible()
  await page.getByRole('button', { name: 'Discard' }).click()
  await expect(page.getByLabel('Price')).toHaveValue('129.90')
})

test('the server’s problem stands at its field and is named on top', async ({ page }) => {
  await signedIn(page, '/products')
  await page.getByLabel('Price').fill('0.5')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('alert')).toContainText('1 thing needs your attention')
  await expect(page.getByLabel('Price')).toHaveAttribute('aria-invalid', 'true')
  await page.getByRole('alert').getByRole('link').click()
  await expect(page.getByLabel('Price')).toBeFocused()
})

test('two people’s changes are merged as chosen', async ({ page }) => {
  await signedIn(page, '/products')
  await page.getByLabel('Price').fill('139')
  await page.getByLabel('Description').fill('conflict')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('row', { name: /Price/ }).getByRole('radio').nth(1).check()
  await page.getByRole('button', { name: 'Merge as chosen and save' }).click()
  await expect(page.getByLabel('Price')).toHaveValue('159.00')
  await expect(page.getByText('春茶')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Save' })).toBeHidden()
})

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [path, ready] of [
    ['/sign-in', 'Sign in'],
    ['/orders', 'ZG-13345'],
    ['/orders/13340', 'Timeline'],
    ['/products', 'Description'],
    ['/stock', 'Chart'],
    ['/customers', 'No orders yet'],
  ] as const) {
    test(`axe: ${path} in ${colorScheme}`, async ({ page }) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await signedIn(page, path)
      await expect(page.getByText(ready).first()).toBeVisible()
      await expectAccessible(page)
    })
  }
}

test('nothing is wider than a phone', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  for (const path of ['/orders', '/orders/13340', '/products', '/stock']) {
    await signedIn(page, path)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0)
  }
  await page.getByRole('button', { name: 'Open menu' }).click()
  await page.getByRole('link', { name: 'Customers' }).click()
  await expect(page.getByText('No orders yet')).toBeVisible()
})

test('who asked for no motion sees menus in the window, and the keyboard goes in and comes back', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await signedIn(page, '/orders')
  const filter = page.getByRole('button', { name: /Filter$/ })
  await filter.press('Enter')
  const first = page.getByRole('menuitem').first()
  await expect(first).toBeInViewport()
  await expect(first).toBeFocused()
  await page.keyboard.press('Enter')
  const inside = () => page.evaluate(() => document.activeElement?.closest('.ant-popover') !== null)
  await expect.poll(inside).toBe(true)
  await page.keyboard.press('Escape')
  await expect(filter).toBeFocused()
  await page.goto('/admin/orders/13340')
  const more = page.getByRole('button', { name: 'More actions' })
  await more.press('Enter')
  await expect.poll(inside).toBe(true)
  await page.keyboard.press('Escape')
  await expect(more).toBeFocused()
})
