import { expect, test } from '@playwright/test'
import { expectAccessible } from '../axe.ts'
import { open } from '../shop.ts'

test('p8 the work behind the scenes is seen: workers, queues, schedule, and a task with what came of it', async ({
  page,
}) => {
  await open(page, '/queue')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Behind the scenes')
  const worker = page.getByRole('region', { name: 'Workers' }).getByRole('row').nth(1)
  await expect(worker).toContainText('zhanggui-')
  await worker.getByRole('button', { name: 'One more' }).click()
  await expect(page.getByText('Changed until the worker starts anew')).toBeVisible()
  await worker.getByRole('button', { name: 'One less' }).click()
  await expectAccessible(page)

  const entry = page.getByRole('region', { name: 'Schedule' }).getByRole('row').filter({ hasText: 'base.sweep' })
  await entry.getByRole('button', { name: 'Run now' }).click()
  await expect(page.getByText('It runs within seconds')).toBeVisible()

  await page.getByRole('link', { name: 'Background tasks' }).click()
  const swept = page.getByRole('link', { name: /base\.sweep/ }).first()
  // The list stands still while one reads; whoever wants news asks for it.
  await expect(async () => {
    await page.reload()
    await expect(swept).toBeVisible({ timeout: 2_000 })
  }).toPass({ timeout: 20_000 })
  await swept.click()
  await expect(page.getByText('It has none')).toBeVisible()
  await expectAccessible(page)
})
