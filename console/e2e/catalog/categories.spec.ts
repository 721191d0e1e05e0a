import { expect, test } from '@playwright/test'
import { choose, fresh, open } from '../shop.ts'

test('m2_12 a category is made, moved by name, and dragged', async ({ page }) => {
  const code = fresh('cups')
  const staff = await open(page, '/categories')
  await page.getByRole('button', { name: 'New category' }).click()
  const drawer = page.getByRole('dialog')
  await drawer.getByRole('textbox', { name: /^Name/ }).fill(`Cups ${code}`)
  await drawer.getByRole('textbox', { name: /^Code/ }).fill(code)
  await drawer.getByRole('button', { name: 'Save' }).click()
  await expect(drawer).toBeHidden()

  await page.getByRole('button', { name: `Edit “Cups ${code}”` }).click()
  await choose(page, 'Stands under', 'Tea ware')
  await drawer.getByRole('button', { name: 'Save' }).click()
  await expect(drawer).toBeHidden()
  const parentOf = async () => {
    const rows: { code: string; id: number; parent_id: number | null }[] = await staff.get('/categories')
    const parent = rows.find(row => row.code === code)?.parent_id
    return rows.find(row => row.id === parent)?.code
  }
  expect(await parentOf()).toBe('ware')

  const handle = await page.getByRole('button', { name: `Move “Cups ${code}”` }).boundingBox()
  const target = await page.getByRole('button', { name: 'Move “Tea”' }).boundingBox()
  if (!handle || !target) throw new Error('the rows are not there')
  await page.mouse.move(handle.x + 8, handle.y + 8)
  await page.mouse.down()
  await page.mouse.move(handle.x - 40, target.y + 8, { steps: 12 })
  await page.mouse.up()
  await expect(page.getByText('Category moved')).toBeVisible()
  expect(await parentOf()).toBeUndefined()
})
