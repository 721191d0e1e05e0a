import { expect, test } from '@playwright/test'
import { choose, fresh, open, product } from '../shop.ts'

test('m2_16 options make the SKUs, and the product is published', async ({ page }) => {
  const code = fresh('SCARF')
  await open(page, '/products/new')
  await page.getByLabel('Name', { exact: false }).first().fill(`Silk scarf ${code}`)
  await page.getByRole('textbox', { name: 'Product code' }).fill(code)
  await page.getByRole('button', { name: 'Add option' }).click()
  await page.getByRole('textbox', { name: 'Option', exact: true }).fill('Colour')
  const value = page.getByRole('textbox', { name: 'Type a value, Enter adds the next' })
  await value.fill('Dark red')
  await value.press('Enter')
  await value.fill('Jade')
  await value.press('Enter')
  await expect(page.getByRole('textbox', { name: 'Jade: SKU code' })).toHaveValue(`${code}-JADE`)
  await page.getByRole('textbox', { name: 'Dark red: SKU code' }).fill(`${code}-RED`)
  await page.getByRole('button', { name: 'Set for all' }).click()
  await page.getByRole('textbox', { name: 'Price of all SKUs' }).fill('188')
  await page.getByRole('button', { name: 'Apply to 2 SKUs' }).click()
  await page.getByRole('textbox', { name: 'Jade: Price (CNY)' }).fill('199.5')
  await page.getByRole('button', { name: 'Save as draft' }).click()
  await expect(page).toHaveURL(/\/products\/\d+$/)
  await expect(page.getByText('Needed to publish: a main category.')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Publish' })).toBeDisabled()

  await choose(page, 'Main category', 'Tea / Green tea')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByRole('button', { name: 'Publish' }).click()
  await expect(page.getByRole('button', { name: 'Unpublish' })).toBeVisible()
  await page.goto(`/admin/products?q=${code}`)
  await expect(page.getByRole('row', { name: new RegExp(code) })).toContainText('¥188.00')
})

test('m2_1 two editors: both changes are kept as chosen', async ({ page }) => {
  const staff = await open(page, '/')
  const made = await product(staff)
  await page.goto(`/admin/products/${made.id}`)
  await page.getByRole('textbox', { name: 'Price (CNY)' }).fill('139')
  const { id, version, status, published_at, created_at, updated_at, slugs, media, missing, ...document } =
    await staff.get(`/products/${made.id}`)
  document.name.en = 'Named by a colleague'
  await staff.send('PUT', `/products/${made.id}`, document, { 'if-match': `"${version}"` })
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'A colleague has just changed this record' })
  await expect(dialog.getByRole('row', { name: /Name/ })).toContainText('Named by a colleague')
  await dialog.getByRole('button', { name: 'Merge as chosen and save' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Named by a colleague')
  // The colleague's name is in the form before the merged record is saved.
  const saved = async () => {
    const after = await staff.get(`/products/${made.id}`)
    return [after.name.en, after.skus[0].price.amount]
  }
  await expect.poll(saved).toEqual(['Named by a colleague', 13900])
})

test('m2_1 what was typed is still there after a reload', async ({ page }) => {
  const staff = await open(page, '/')
  const made = await product(staff)
  await page.goto(`/admin/products/${made.id}`)
  page.on('dialog', dialog => void dialog.accept())
  await page.getByRole('textbox', { name: 'Price (CNY)' }).fill('77')
  await page.reload()
  await expect(page.getByText('Your unsaved changes from before were restored.')).toBeVisible()
  await expect(page.getByRole('textbox', { name: 'Price (CNY)' })).toHaveValue('77.00')
})

test('m2_8 pictures are added and described', async ({ page }) => {
  const staff = await open(page, '/')
  const made = await product(staff)
  await page.goto(`/admin/products/${made.id}`)
  const png = await page.screenshot({ clip: { x: 0, y: 0, width: 200, height: 200 } })
  await page.getByLabel('Add pictures, or drop them here').setInputFiles([
    { name: 'a.png', mimeType: 'image/png', buffer: png },
    { name: 'evil.png', mimeType: 'image/png', buffer: Buffer.from('<svg onload=alert(1)>') },
  ])
  await expect(page.getByText('Pictures are PNG, JPEG, GIF or WebP')).toBeVisible()
  await page.getByRole('button', { name: 'Edit picture' }).click()
  await page.getByRole('textbox', { name: 'Alternative text' }).fill('A tin of tea')
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('img', { name: 'A tin of tea' })).toBeVisible()
})
