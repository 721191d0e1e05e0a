import { expect, test } from '@playwright/test'
import { expectAccessible } from '../axe.ts'
import { fresh, open } from '../shop.ts'

test('b7 a view of a list is saved, changed, shared and deleted', async ({ page }) => {
  const name = fresh('Placed 单')
  await open(page, '/orders?state=placed&sort=-total')
  const tabs = page.getByRole('navigation', { name: 'Saved views' })
  await tabs.getByRole('button', { name: 'Save as view' }).click()
  const dialog = page.getByRole('dialog', { name: 'Save as view' })
  await dialog.getByLabel('Name of the view').fill(name)
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(tabs.getByRole('link', { name })).toHaveAttribute('aria-current', 'page')
  await expect(page).toHaveURL(/view=\d+/)

  // It is there on another day, and a filter more does not close it.
  await page.goto('/admin/orders')
  await tabs.getByRole('link', { name }).click()
  await expect(page).toHaveURL(/sort=-total/)
  await page.getByLabel(/^Search: Number/).fill('26')
  await expect(page).toHaveURL(/q=26/)
  await expect(tabs.getByRole('link', { name })).toContainText('changed')
  await tabs.getByRole('button', { name: 'Save changes' }).click()
  await expect(tabs.getByRole('link', { name })).not.toContainText('changed')

  await tabs.getByRole('button', { name: 'Edit view' }).click()
  const edit = page.getByRole('dialog', { name: 'Edit view' })
  await edit.getByLabel('Share with all colleagues').click()
  await edit.getByRole('button', { name: 'Save' }).click()
  await expect(tabs.getByRole('link', { name }).getByLabel('Shared view')).toBeVisible()
  await expectAccessible(page)

  await tabs.getByRole('button', { name: 'Delete view' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete view' }).click()
  await expect(tabs.getByRole('link', { name })).toHaveCount(0)
  await expect(page).toHaveURL(/\/admin\/orders$/)
})

test('b7 a name that is taken is told at its field', async ({ page }) => {
  const staff = await open(page, '/customers')
  await staff.post('/views', { list: 'customers', name: 'Taken', query: { q: 'a' } })
  await page.goto('/admin/customers?q=b')
  await page.getByRole('button', { name: 'Save as view' }).click()
  await page.getByLabel('Name of the view').fill('Taken')
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('dialog')).toContainText('You have a view of that name for this list.')
})
