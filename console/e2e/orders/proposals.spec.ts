import { type Browser, expect, type Page, test } from '@playwright/test'
import { expectAccessible } from '../axe.ts'
import { fresh, invite, open, Staff } from '../shop.ts'
import { attach, expectProof, type Sale, SLIP, sale, yuan } from './sale.ts'

// One setting of the whole shop: what is tried here follows one another. Other tests record less.
test.describe.configure({ mode: 'serial' })

const email = `${fresh('cashier')}@example.com`

test.beforeAll(async ({ request }) => {
  const staff = await Staff.signedIn(request)
  const rights = ['orders.read', 'payments.read', 'payments.record']
  const role = await staff.post('/roles', { name: fresh('Cashier'), rights })
  await invite(staff, email, 'Zhou Ping', [role.id])
})

/** The second person, at a desk of their own. */
async function colleague(browser: Browser, path: string): Promise<{ page: Page; staff: Staff }> {
  const page = await browser.newPage({ locale: 'en' })
  return { page, staff: await open(page, path, email) }
}

/** Proposes to record an order's whole money. */
async function propose(staff: Staff, one: Sale, reference: string): Promise<void> {
  const proof = await staff.upload('/payments/proofs', SLIP)
  const money = { amount: yuan(one.total / 100), reference, proof_id: proof.id }
  await staff.post(`/orders/${one.id}/payment-proposals`, money)
}

test('m4_12 the settings say from which amount on two people are needed', async ({ page }) => {
  const staff = await open(page, '/payment-settings')
  await expect(page.getByRole('status').filter({ hasText: 'Off: one person records a payment' })).toBeVisible()
  const from = page.getByRole('textbox', { name: 'Second person from' })
  await from.fill('a lot')
  await expect(page.getByText('Enter a valid amount')).toBeVisible()
  await from.fill('1000')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByText('On: payments from ¥1,000.00 on need two people.')).toBeVisible()
  expect((await staff.get('/payment-settings')).second_person_from).toEqual(yuan(1000))
  await expectAccessible(page)
})

test('m4_12 a large payment is proposed, and counts once a colleague has approved it', async ({ page, browser }) => {
  const staff = await open(page, '/')
  const one = await sale(page, staff, 9)
  const reference = fresh('BIG')
  await page.goto(`/admin/orders/${one.id}`)
  await page.getByRole('button', { name: 'Record payment' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('From ¥1,000.00 on a colleague has to approve it')
  await dialog.getByRole('textbox', { name: 'Reference' }).fill(reference)
  await attach(page, dialog)
  await dialog.getByRole('button', { name: 'Record payment' }).click()
  await expect(page.getByText('proposed, and waiting for a colleague’s approval')).toBeVisible()
  const waiting = page.getByRole('status').filter({ hasText: 'Payment to approve' })
  await expect(waiting).toContainText(reference)
  await expectProof(page, waiting)
  await expect(page.getByText('Unpaid')).toBeVisible()
  // One's own may be taken back, and is never approved by oneself.
  await expect(waiting.getByRole('button', { name: 'Approve' })).toBeDisabled()
  await expect(waiting.getByRole('button', { name: 'Take back' })).toBeEnabled()
  await waiting.getByRole('button', { name: 'Approve' }).locator('..').hover()
  await expect(page.getByRole('tooltip')).toHaveText('You proposed it yourself: a colleague has to approve it')
  await expectAccessible(page)

  const { page: desk } = await colleague(browser, '/payment-proposals?state=waiting')
  const row = desk.getByRole('row').filter({ hasText: one.number })
  await expect(row).toContainText('Waiting')
  await expectProof(desk, row)
  await expectAccessible(desk)
  await row.getByRole('button', { name: 'Approve' }).click()
  const asked = desk.getByRole('dialog', { name: `Approve the payment for ${one.number}?` })
  await expect(asked).toContainText(reference)
  await expectProof(desk, asked)
  await asked.getByRole('button', { name: 'Approve' }).click()
  await expect(desk.getByText('Approved and recorded.')).toBeVisible()
  await expect(row).toHaveCount(0)
  await desk.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Approved' }).click()
  await expect(row).toContainText('Zhou Ping')
  await desk.close()

  // The page of the one who proposed hears of it.
  await expect(page.getByText('Paid', { exact: true }).first()).toBeVisible()
  await expect(waiting).toHaveCount(0)
  const entry = page
    .getByRole('region', { name: 'Payments and refunds' })
    .getByRole('row')
    .filter({ hasText: reference })
  await expect(entry).toContainText('+¥1,161.00')
  await expectProof(page, entry)
})

test('m4_12 a refusal needs a reason, which the one who proposed reads', async ({ page, browser }) => {
  const staff = await open(page, '/')
  const one = await sale(page, staff, 9)
  await propose(staff, one, fresh('WRONG'))
  const { page: desk } = await colleague(browser, `/orders/${one.id}`)
  await desk.getByRole('button', { name: 'Reject' }).click()
  const asked = desk.getByRole('dialog', { name: `Reject the payment for ${one.number}?` })
  await asked.getByRole('button', { name: 'Reject' }).click()
  await expect(asked.getByText('This is required.')).toBeVisible()
  await asked.getByRole('textbox', { name: 'Reason' }).fill('The bank shows ¥116.90')
  await asked.getByRole('button', { name: 'Reject' }).click()
  await expect(desk.getByText('Rejected.')).toBeVisible()
  await expect(desk.getByRole('button', { name: 'Reject' })).toHaveCount(0)
  await desk.close()

  await page.goto('/admin/payment-proposals?state=rejected')
  const row = page.getByRole('row').filter({ hasText: one.number })
  await expect(row).toContainText('Rejected')
  await expect(row).toContainText('The bank shows ¥116.90')
  await row.getByRole('link', { name: one.number }).click()
  await expect(page.getByText('The bank shows ¥116.90')).toBeVisible()
  await expect(page.getByText('Unpaid')).toBeVisible()
  expect((await staff.get(`/orders/${one.id}/payments`)).entries).toEqual([])
})

test('m4_12 what one proposed oneself is taken back', async ({ page }) => {
  const staff = await open(page, '/')
  const one = await sale(page, staff, 9)
  await propose(staff, one, fresh('TWICE'))
  await page.goto(`/admin/orders/${one.id}`)
  await page.getByRole('button', { name: 'Take back' }).click()
  const asked = page.getByRole('dialog')
  await asked.getByRole('textbox', { name: 'Reason' }).fill('Typed twice')
  await asked.getByRole('button', { name: 'Take back' }).click()
  await expect(page.getByText('Taken back.')).toBeVisible()
  await expect(page.getByText('Payment to approve')).toBeHidden()
})

test('m4_12 without the amount one person is enough again', async ({ page }) => {
  const staff = await open(page, '/payment-settings')
  await page.getByRole('textbox', { name: 'Second person from' }).fill('')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByText('Off: one person records a payment')).toBeVisible()
  const one = await sale(page, staff, 9)
  await page.goto(`/admin/orders/${one.id}`)
  await page.getByRole('button', { name: 'Record payment' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox', { name: 'Reference' }).fill(fresh('ALONE'))
  await dialog.getByRole('button', { name: 'Record payment' }).click()
  await expect(page.getByText('The payment is recorded.')).toBeVisible()
  await expect(page.getByText('Paid', { exact: true }).first()).toBeVisible()
})
