import { createHmac } from 'node:crypto'
import { expect, test } from '@playwright/test'
import { fresh, invite, open, PASSWORD, Staff } from '../shop.ts'

test('m8_2 a role is made in the matrix and given to somebody new', async ({ page }) => {
  const name = fresh('Auditor')
  const staff = await open(page, '/roles/new')
  await page.getByRole('textbox', { name: /^Name/ }).fill(name)
  await page.getByRole('checkbox', { name: 'Security log: View' }).check()
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(name)
  const { data } = await staff.get('/roles')
  expect(data.find((role: { name: string }) => role.name === name).rights).toEqual(['audit.read'])

  await page.goto('/admin/staff/new')
  await page.getByRole('textbox', { name: /^Name/ }).fill('Zhao Min')
  await page.getByRole('textbox', { name: /^Email/ }).fill(`${name.toLowerCase()}@example.com`)
  await page.getByRole('combobox', { name: 'Roles' }).click()
  await page.getByTitle(name).click()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Create account' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Zhao Min')
})

test('b4 an API key is shown once', async ({ page }) => {
  const name = fresh('ERP')
  await open(page, '/api-keys')
  await page.getByRole('button', { name: 'New key' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox', { name: /^Name/ }).fill(name)
  await dialog.getByRole('checkbox', { name: 'Stock: View' }).check()
  await dialog.getByRole('button', { name: 'Create' }).click()
  const key = await page.getByTestId('secret').textContent()
  expect(key).toMatch(/^zg_/)
  await page.getByRole('button', { name: 'I have kept it' }).click()
  await expect(page.getByRole('row', { name: new RegExp(name) })).toContainText('Active')
  expect(await page.content()).not.toContain(key)
})

test('m8_1 the second factor is set up by its code and asked for at the next sign-in', async ({ page, browser }) => {
  const email = `${fresh('totp')}@example.com`
  const staff = await Staff.signedIn(page.request)
  await invite(staff, email, 'Two Factors', [])
  await page.context().clearCookies()
  await open(page, '/account', email)
  await page.getByRole('button', { name: 'Set up second factor' }).click()
  const secret = (await page.getByTestId('secret').textContent()) ?? ''
  await page.getByRole('textbox', { name: '6-digit code' }).fill(totp(secret))
  await expect(page.getByText('The second factor is on')).toBeVisible()

  const other = await browser.newPage({ locale: 'en' })
  await other.goto('/admin/sign-in')
  await other.getByLabel('Email').fill(email)
  await other.getByLabel('Password').fill(PASSWORD)
  await other.getByRole('button', { name: 'Sign in' }).click()
  await expect(other.getByRole('heading', { name: 'Second factor' })).toBeVisible()
})

test('m8_3 what was done stands in the security log with before and after', async ({ page }) => {
  const staff = await open(page, '/')
  const name = fresh('Logged')
  await staff.post('/roles', { name, rights: [] })
  await page.goto('/admin/audit?action=role.create')
  await page.getByRole('button', { name: 'Show' }).first().click()
  await expect(page.getByRole('dialog')).toContainText(name)
})

/** RFC 6238 with SHA-1, six digits, thirty seconds. */
function totp(secret: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...secret.replace(/=+$/, '')].map(c => alphabet.indexOf(c).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map(byte => Number.parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)))
  const digest = createHmac('sha1', key).update(counter).digest()
  const at = (digest[19] ?? 0) & 15
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

test('b7 an address that is no page says so, within the console', async ({ page }) => {
  for (const path of ['/orders/abc', '/stock/adjustments', '/customers/-1', '/nothing/here']) {
    await open(page, path)
    await expect(page.getByText('There is no such page')).toBeVisible()
    await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible()
  }
})
