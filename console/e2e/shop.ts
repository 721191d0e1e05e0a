import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type APIRequestContext, type APIResponse, expect, type Page } from '@playwright/test'

/** Where the tests' own shop listens. */
export const SHOP = 'http://127.0.0.1:4181'
export const OWNER = 'owner@example.com'
export const PASSWORD = 'e2e-password-1'

/** The API as somebody who is signed in; what is refused fails the test. */
export class Staff {
  private constructor(
    private readonly request: APIRequestContext,
    private readonly csrf: string,
  ) {}

  static async signedIn(request: APIRequestContext, email = OWNER): Promise<Staff> {
    const answer = await request.post(`${SHOP}/api/v1/admin/session`, {
      headers: { origin: SHOP },
      data: { email, password: PASSWORD },
    })
    expect(answer.status(), await answer.text()).toBe(200)
    const { csrf } = await answer.json()
    return new Staff(request, csrf)
  }

  async send(method: string, path: string, data?: unknown, headers: Record<string, string> = {}): Promise<APIResponse> {
    const answer = await this.request.fetch(`${SHOP}/api/v1/admin${path}`, {
      method,
      headers: { origin: SHOP, 'x-csrf-token': this.csrf, 'accept-language': 'en', ...headers },
      ...(data === undefined ? {} : { data }),
    })
    expect(answer.ok(), `${method} ${path}: ${await answer.text()}`).toBe(true)
    return answer
  }

  async get(path: string) {
    return (await this.send('GET', path)).json()
  }

  async post(path: string, data?: unknown, headers?: Record<string, string>) {
    const answer = await this.send('POST', path, data, headers)
    const text = await answer.text()
    return text === '' ? undefined : JSON.parse(text)
  }

  async upload(path: string, file: { name: string; mimeType: string; buffer: Buffer }) {
    const answer = await this.request.post(`${SHOP}/api/v1/admin${path}`, {
      headers: { origin: SHOP, 'x-csrf-token': this.csrf, 'accept-language': 'en' },
      multipart: { file },
    })
    expect(answer.ok(), `POST ${path}: ${await answer.text()}`).toBe(true)
    return answer.json()
  }
}

/** A page of the console, signed in by the cookie alone, and the API beside it. */
export async function open(page: Page, path: string, email = OWNER): Promise<Staff> {
  const staff = await Staff.signedIn(page.request, email)
  await page.addInitScript(() => localStorage.setItem('zg.locale', 'en'))
  await page.goto(`/admin${path}`)
  return staff
}

/** The token of the link that was mailed to somebody last. */
export async function mailedToken(email: string): Promise<string> {
  const folder = join(tmpdir(), 'zhanggui-e2e', 'data', 'mail')
  const find = () => {
    const mails = existsSync(folder) ? readdirSync(folder).filter(name => name.endsWith('.eml')) : []
    for (const name of mails) {
      // Quoted-printable: lines are broken by `=`, and `=` itself is `=3D`.
      const mail = readFileSync(join(folder, name), 'utf8')
        .replace(/=\r?\n/g, '')
        .replaceAll('=3D', '=')
      const token = /token=([\w-]+)/.exec(mail)?.[1]
      if (mail.includes(email) && token) return token
    }
    return undefined
  }
  await expect.poll(find, { timeout: 20_000 }).toBeTruthy()
  return find() ?? ''
}

/** Somebody new, who followed the link of the invitation. */
export async function invite(staff: Staff, email: string, name: string, roles: readonly number[]): Promise<void> {
  await staff.post('/staff', { email, name, locale: 'en', roles })
  await staff.post('/password/reset', { token: await mailedToken(email), password: PASSWORD })
}

let count = 0

/** A code that no other test uses. */
export function fresh(stem: string): string {
  count += 1
  return `${stem}-${process.pid}-${count}`
}

/** A published product with one SKU and stock. */
export async function product(staff: Staff, code = fresh('TEA'), stock = 10): Promise<{ id: number; code: string }> {
  const [category] = await staff.get('/categories')
  const made = await staff.post('/products', {
    code,
    name: { 'zh-CN': `龙井 ${code}`, en: `Longjing ${code}` },
    tax_class: 'standard',
    primary_category_id: category.id,
    category_ids: [category.id],
    skus: [{ code, weight_g: 100, price: { amount: 12900, currency: 'CNY' } }],
  })
  await staff.post(`/products/${made.id}/publish`, undefined, { 'if-match': `"${made.version}"` })
  await staff.post('/stock/adjustments', {
    reason: 'received',
    lines: [{ sku: code, kind: 'increase', quantity: stock }],
  })
  return { id: made.id, code }
}

/** Chooses an entry of a list that drops down; one that is still moving does not hear the first click. */
export async function choose(page: Page, list: string, entry: string): Promise<void> {
  const box = page.getByRole('combobox', { name: list })
  await expect(async () => {
    if ((await box.getAttribute('aria-expanded')) !== 'true') await box.click()
    await page.getByTitle(entry, { exact: true }).last().click({ timeout: 2_000 })
    await expect(box).toHaveAttribute('aria-expanded', 'false', { timeout: 1_000 })
  }).toPass()
}
