import { expect, test } from '@playwright/test'
import { choose, fresh, open } from '../shop.ts'

test('m8_14 a file is mapped, tried, and imported; bad rows are told', async ({ page }) => {
  const code = fresh('C')
  await open(page, '/imports/new?kind=customers')
  const file = `Number,name,email\n${code},李雷,${code}@example.com\n${code}b,韩梅梅,not-an-address\n`
  await page.getByLabel('Choose a CSV or XLSX file').setInputFiles({
    name: 'people.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(file),
  })
  await expect(page.getByText('Still needed: Code.')).toBeVisible()
  await choose(page, 'Column of the file: Code', 'Number')
  await page.getByRole('button', { name: 'Try it' }).click()
  await expect(page.getByRole('heading', { name: 'Tried: nothing was changed' })).toBeVisible()
  await expect(page.getByRole('row', { name: /not-an-address/ })).toBeVisible()
  await page.getByRole('button', { name: 'Import', exact: true }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('1 will be created, 0 updated; 1 bad row is left out.')
  await dialog.getByRole('button', { name: 'Import', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Imported', exact: true })).toBeVisible()
  await page.getByRole('button', { name: 'Background jobs' }).click()
  await expect(page.getByRole('link', { name: 'Import customers' }).first()).toBeVisible()
})
