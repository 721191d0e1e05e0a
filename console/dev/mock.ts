import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Connect, Plugin } from 'vite'

/**
 * A server of the sign-in and the shell, for `npm run gallery` and `npm run dev:mock`: the gallery of
 * the kit's parts without a shop. Password `demo`; `totp@example.com` has a second factor, 123456.
 * Who is signed in stands in the browser's cookie alone, so browsers do not sign each other in.
 */
export function mockApi(): Plugin {
  const me = (email: string) => ({
    staff: { id: 1, name: '王小明', email, locale: 'zh-CN', totp_enabled: email.startsWith('totp') },
    rights: ['orders.read', 'jobs.read'],
    is_super: true,
    csrf: 'mock',
    shop: { name: '山前茶铺', time_zone: 'Asia/Shanghai', currency: 'CNY', locales: ['zh-CN', 'en'], base_url: '' },
  })
  const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString()
  const answer = (middlewares: Connect.Server) => {
    middlewares.use('/api/v1/admin', async (request, response, next) => {
      const route = `${request.method} ${(request.url ?? '').split('?')[0]}`
      const zh = (request.headers['accept-language'] ?? '').startsWith('zh')
      const signedIn = /mock=([^;]+)/.exec(request.headers.cookie ?? '')?.[1]
      const refuse = (status: number, code: string, detail: string) =>
        send(
          response,
          status,
          { type: 'about:blank', title: code, status, code, detail, request_id: 'req_01HZX4' },
          'application/problem+json',
        )
      switch (route) {
        case 'GET /session':
          return signedIn
            ? send(response, 200, me(decodeURIComponent(signedIn)))
            : refuse(401, 'sign_in_required', zh ? '请先登录。' : 'Sign in first.')
        case 'POST /session': {
          const asked: { email: string; password: string; code?: string } = JSON.parse(await body(request))
          if (asked.password !== 'demo')
            return refuse(
              401,
              'sign_in_failed',
              zh ? '邮箱或密码不对。请检查后重试。' : 'Email or password is wrong. Check both and try again.',
            )
          if (asked.email.startsWith('totp') && !asked.code)
            return refuse(401, 'second_factor_required', zh ? '请输入验证码。' : 'Enter the code.')
          if (asked.email.startsWith('totp') && asked.code !== '123456')
            return refuse(401, 'second_factor_wrong', zh ? '验证码不对，或已过期。' : 'The code is wrong or too old.')
          response.setHeader('set-cookie', `mock=${encodeURIComponent(asked.email)}; Path=/`)
          return send(response, 200, me(asked.email))
        }
        case 'DELETE /session':
          response.setHeader('set-cookie', 'mock=; Path=/; Max-Age=0')
          response.statusCode = 204
          return response.end()
        case 'GET /dashboard/badges':
          return send(response, 200, { orders_to_confirm: 12, orders_to_pick: 7, orders_to_ship: 3, low_stock: 41 })
        case 'GET /views':
          return send(response, 200, { data: [], meta: { next_cursor: null, total: 0 } })
        case 'GET /jobs':
          return send(response, 200, {
            data: [
              {
                id: 3,
                kind: 'import.products',
                state: 'running',
                dry_run: false,
                total: 10_000,
                done: 6_420,
                failed: 3,
                created_at: ago(9),
                started_at: ago(8),
                finished_at: null,
              },
              {
                id: 2,
                kind: 'import.customers',
                state: 'done',
                dry_run: true,
                total: 793,
                done: 793,
                failed: 0,
                created_at: ago(4000),
                started_at: ago(3990),
                finished_at: ago(3900),
              },
            ],
            meta: { next_cursor: null, total: 2 },
          })
        case 'GET /search':
          return send(response, 200, {
            data: [
              {
                kind: 'order',
                id: 1001,
                title: 'ZG-1001',
                subtitle: zh ? '李雷 · ¥129.90 · 待确认' : '李雷 · ¥129.90 · to confirm',
              },
              { kind: 'order', id: 1002, title: 'ZG-1002', subtitle: '韩梅梅 · ¥2,380.00' },
              { kind: 'product', id: 1, title: zh ? '明前龙井' : 'Longjing before Qingming', subtitle: 'TEA-LJ-100' },
            ],
          })
        default:
          return next()
      }
    })
  }
  return {
    name: 'mock-api',
    configureServer: server => answer(server.middlewares),
    configurePreviewServer: server => answer(server.middlewares),
  }
}

function send(response: ServerResponse, status: number, value: unknown, type = 'application/json'): void {
  response.statusCode = status
  response.setHeader('content-type', type)
  response.end(JSON.stringify(value))
}

async function body(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}
