import { expect, type Locator, type Page } from '@playwright/test'
import { product, SHOP, type Staff } from '../shop.ts'

export type Sale = { id: number; number: string; token: string; total: number }

/** ¥10.00 and so on, as the API takes it. */
export const yuan = (amount: number) => ({ amount: Math.round(amount * 100), currency: 'CNY' })

/** An order by bank transfer of so many pieces at ¥129.00, which is delivered free of charge. */
export async function sale(page: Page, staff: Staff, pieces = 1): Promise<Sale> {
  const { code } = await product(staff)
  const shop = async (method: string, path: string, data: unknown) => {
    const answer = await page.request.fetch(`${SHOP}/api/v1/store${path}`, { method, headers: { origin: SHOP }, data })
    expect(answer.ok(), `${method} ${path}: ${await answer.text()}`).toBe(true)
    return answer.json()
  }
  const cart = `/carts/${(await shop('POST', '/carts', {})).token}`
  await shop('POST', `${cart}/lines`, { sku: code, quantity: pieces })
  await shop('PUT', `${cart}/contact`, { email: 'li.lei@example.com', phone: '13800138000', name: '李雷' })
  const region = { country: 'CN', province: '浙江省', city: '杭州市', district: '西湖区' }
  await shop('PUT', `${cart}/address`, { name: '李雷', phone: '13800138000', ...region, street: '文三路 1 号' })
  await shop('PUT', `${cart}/shipping-method`, { code: 'standard' })
  await shop('PUT', `${cart}/payment-method`, { code: 'bank_transfer' })
  const { number, token } = await shop('POST', `${cart}/checkout`, {})
  const { data } = await staff.get(`/orders?q=${number}`)
  const { totals } = await staff.get(`/orders/${data[0].id}`)
  return { id: data[0].id, number, token, total: totals.total.amount }
}

const DOT = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='

/** What the bank printed. */
export const SLIP = { name: 'slip.png', mimeType: 'image/png', buffer: Buffer.from(DOT, 'base64') }

/** Attaches the bank's paper in the dialog that is open. */
export async function attach(page: Page, dialog: Locator, file = SLIP): Promise<void> {
  const chooser = page.waitForEvent('filechooser')
  await dialog.getByRole('button', { name: 'Upload proof' }).click()
  await (await chooser).setFiles(file)
  await expect(dialog.getByText(file.name)).toBeVisible()
}

/** The link of a proof leads to the very file, which is saved and never shown as a page of the shop. */
export async function expectProof(page: Page, within: Locator): Promise<void> {
  const href = (await within.getByRole('link', { name: 'Proof' }).getAttribute('href')) ?? ''
  const file = await page.request.get(`${SHOP}${href}`)
  expect([file.status(), file.headers()['content-type']]).toEqual([200, 'image/png'])
  expect(file.headers()['content-disposition']).toMatch(/^attachment/)
  expect((await file.body()).equals(SLIP.buffer)).toBe(true)
}
