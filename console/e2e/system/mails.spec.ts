import { expect, test } from '@playwright/test'
import { sale } from '../orders/sale.ts'
import { open } from '../shop.ts'

test('m8_15 a mail shows what its reader sees', async ({ page }) => {
  const staff = await open(page, '/mails?state=sent')
  const { id } = await sale(page, staff)
  const told = (await staff.get(`/mails?order_id=${id}`)).data[0]
  await page.goto(`/admin/mails/${told.id}`)
  await expect(page.frameLocator('iframe[title=Preview]').getByRole('heading')).toHaveText(told.subject)
})
