import { expect, test } from '@playwright/test'
import { expectAccessible } from '../axe.ts'
import { fresh, open } from '../shop.ts'

test('m8_15 all mail is held, a mail is looked at, held back and deleted, and mail is let go', async ({ page }) => {
  const name = fresh('Mailed')
  const staff = await open(page, '/mails')
  await page.getByRole('button', { name: 'Hold all mail' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Hold', exact: true }).click()
  await expect(page.getByText('All mail is held')).toBeVisible()

  await staff.post('/staff', { email: `${name.toLowerCase()}@example.com`, name, roles: [], locale: 'en' })
  await page.goto(`/admin/mails?q=${name.toLowerCase()}`)
  await page.getByRole('link', { name: `${name.toLowerCase()}@example.com` }).click()
  await expect(page.getByText('a link meant for its reader alone')).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Hold back' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Hold back' }).click()
  await expect(page.getByText('Held back').first()).toBeVisible()
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await expect(page).toHaveURL(/\/admin\/mails$/)

  await page.getByRole('button', { name: 'Let mail go' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Let mail go' }).click()
  await expect(page.getByRole('button', { name: 'Hold all mail' })).toBeVisible()
  await expectAccessible(page)
})
