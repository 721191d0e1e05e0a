import { expect, test } from '@playwright/test'
import { expectAccessible } from '../axe.ts'
import { fresh, invite, open, SHOP } from '../shop.ts'
import { attach, expectProof, SLIP, sale, yuan } from './sale.ts'

test('m4_12 a transfer is recorded with its proof: too little, the rest, and too much goes back', async ({ page }) => {
  const staff = await open(page, '/')
  const one = await sale(page, staff)
  const first = fresh('WIRE')
  await page.goto(`/admin/orders/${one.id}`)
  await page.getByRole('button', { name: 'Record payment' }).click()
  const dialog = page.getByRole('dialog', { name: `Record a payment for ${one.number}` })
  await expect(dialog).toContainText('¥129.00 is due')
  await expectAccessible(page)
  await dialog.getByRole('textbox', { name: 'Reference' }).fill(first)
  await dialog.getByRole('textbox', { name: 'Amount' }).fill('100')
  await attach(page, dialog)
  await dialog.getByRole('button', { name: 'Record payment' }).click()
  await expect(page.getByText('The payment is recorded.')).toBeVisible()
  await expect(page.getByText('Partly paid')).toBeVisible()
  const ledger = page.getByRole('region', { name: 'Payments and refunds' })
  const entry = ledger.getByRole('row', { name: new RegExp(first) })
  await expect(entry).toContainText('+¥100.00')
  await expectProof(page, entry)

  // The same reference is other money: it is refused, and nothing that was typed is lost.
  await page.getByRole('button', { name: 'Record payment' }).click()
  await expect(dialog).toContainText('¥29.00 is due')
  await dialog.getByRole('textbox', { name: 'Reference' }).fill(first)
  await dialog.getByRole('textbox', { name: 'Amount' }).fill('50')
  await dialog.getByRole('button', { name: 'Record payment' }).click()
  await expect(dialog.getByText('This reference stands for other money')).toBeVisible()
  await expect(dialog.getByRole('textbox', { name: 'Amount' })).toHaveValue('50.00')
  await dialog.getByRole('textbox', { name: 'Reference' }).fill(`${first}-b`)
  await dialog.getByRole('button', { name: 'Record payment' }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByText('Overpaid')).toBeVisible()

  await page.getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('button', { name: 'Record refund' }).click()
  const back = page.getByRole('dialog')
  await expect(back).toContainText('¥21.00')
  await back.getByRole('textbox', { name: 'Reference' }).fill(`${first}-r`)
  await back.getByRole('button', { name: 'Record refund' }).click()
  await expect(ledger.getByRole('row', { name: new RegExp(`${first}-r`) })).toContainText('−¥21.00')
  const { entries } = await staff.get(`/orders/${one.id}/payments`)
  expect(entries.map((line: { amount: { amount: number } }) => line.amount.amount)).toEqual([10000, 5000, -2100])
  await expectAccessible(page)
})

test('m4_12 what is no paper of a bank is refused at the field', async ({ page }) => {
  const staff = await open(page, '/')
  const one = await sale(page, staff)
  await page.goto(`/admin/orders/${one.id}`)
  await page.getByRole('button', { name: 'Record payment' }).click()
  const dialog = page.getByRole('dialog')
  const chooser = page.waitForEvent('filechooser')
  await dialog.getByRole('button', { name: 'Upload proof' }).click()
  const evil = { name: 'slip.pdf', mimeType: 'application/pdf', buffer: Buffer.from('<svg onload=alert(1)>') }
  await (await chooser).setFiles(evil)
  await expect(dialog.getByText('A proof is a PDF, PNG or JPEG file.')).toBeVisible()
  await dialog.getByRole('button', { name: 'Record payment' }).click()
  await expect(dialog.getByText('This is required.')).toBeVisible()
})

test('m8_10 the history is narrowed by kind and order, and what is seen is what is exported', async ({ page }) => {
  const staff = await open(page, '/')
  const [one, other] = [await sale(page, staff), await sale(page, staff)]
  const reference = fresh('HIST')
  const proof = await staff.upload('/payments/proofs', SLIP)
  const money = { amount: yuan(129), reference, proof_id: proof.id, note: 'Called the bank' }
  await staff.post(`/orders/${one.id}/payments`, money)
  await staff.post(`/orders/${one.id}/refunds`, { amount: yuan(7), reference: `${reference}-r` })
  await staff.post(`/orders/${other.id}/payments`, { amount: yuan(129), reference: `${reference}-o` })
  await page.goto('/admin/payments')
  const row = (text: string) => page.getByRole('row').filter({ hasText: text })
  await expect(row(`${reference}-o`)).toContainText(other.number)
  await expect(row('Called the bank').filter({ hasText: reference })).toContainText('+¥129.00')
  await expectProof(page, row('Called the bank').filter({ hasText: reference }))

  await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Refunds' }).click()
  await expect(page).toHaveURL(/kind=refund/)
  await expect(row(`${reference}-o`)).toHaveCount(0)
  await expect(row(`${reference}-r`)).toContainText('−¥7.00')

  await page.getByRole('button', { name: /Filter$/ }).click()
  await page.getByRole('menuitem', { name: 'Order' }).click()
  await page.getByRole('textbox', { name: 'Order' }).fill(one.number)
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(new RegExp(`order=${one.number}`))
  await expect(page.getByRole('row').filter({ hasText: '¥' })).toHaveCount(1)
  await expectAccessible(page)

  await page.getByRole('button', { name: 'Export' }).click()
  const download = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Export CSV' }).click()
  const href = (await download).url()
  const csv = await (await page.request.get(href)).text()
  expect(csv).toContain(`${reference}-r`)
  expect(csv).not.toContain(`${reference}-o`)
  expect(csv.trim().split('\n')).toHaveLength(2)

  await row(`${reference}-r`).getByRole('link', { name: one.number }).click()
  await expect(page).toHaveURL(new RegExp(`/orders/${one.id}$`))
})

test('m4_11 who may not see payments sees neither them nor the papers', async ({ page }) => {
  const staff = await open(page, '/')
  const one = await sale(page, staff)
  const proof = await staff.upload('/payments/proofs', SLIP)
  const paid = await staff.post(`/orders/${one.id}/payments`, {
    amount: yuan(1),
    reference: fresh('SEEN'),
    proof_id: proof.id,
  })
  const role = await staff.post('/roles', { name: fresh('Packer'), rights: ['orders.read'] })
  const email = `${fresh('packer')}@example.com`
  await invite(staff, email, 'Sun Li', [role.id])
  await page.context().clearCookies()
  await open(page, `/orders/${one.id}`, email)
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(one.number)
  await expect(page.getByText('Partly paid')).toBeVisible()
  await expect(page.getByText('Payments and refunds')).toBeHidden()
  await page.goto('/admin/payments')
  await expect(page.getByText('payments.read')).toBeVisible()
  const file = await page.request.get(`${SHOP}/api/v1/admin/payments/${paid.id}/proof`)
  expect(file.status()).toBe(403)
})
