import createClient, { type Middleware } from 'openapi-fetch'
import { currentLocale } from '@/i18n'
import { asProblem, Problem } from './problem'
import type { paths } from './schema'

let csrf = ''
let onSignedOut: () => void = () => {}

/** The token that every unsafe request carries; it comes with the sign-in. */
export function setCsrf(token: string): void {
  csrf = token
}

/** What to do when the server no longer knows the session. */
export function whenSignedOut(act: () => void): void {
  onSignedOut = act
}

/** Says that the session has ended, for those who learn it otherwise than by an answer. */
export function announceSignedOut(): void {
  onSignedOut()
}

const SAFE: readonly string[] = ['GET', 'HEAD', 'OPTIONS']

const headers: Middleware = {
  onRequest({ request }) {
    request.headers.set('Accept-Language', currentLocale())
    if (csrf !== '' && !SAFE.includes(request.method)) request.headers.set('X-CSRF-Token', csrf)
    return request
  },
  onResponse({ response, schemaPath }) {
    if (response.status === 401 && schemaPath !== '/api/v1/admin/session') onSignedOut()
    return response
  },
}

/** Every operation of the server, typed by its OpenAPI document. */
export const api = createClient<paths>({ baseUrl: location.origin, credentials: 'same-origin' })
api.use(headers)

type Reply<T> = { data?: T; error?: unknown; response: Response }

/** The body of an answer; anything else is thrown as a `Problem`. */
export async function unwrap<T>(reply: Promise<Reply<T>>): Promise<T> {
  const { data, error, response } = await settled(reply)
  if (!response.ok || data === undefined) throw new Problem(response.status, error, response.headers)
  return data
}

/** For answers without a body (204). */
export async function done(reply: Promise<Reply<unknown>>): Promise<void> {
  const { error, response } = await settled(reply)
  if (!response.ok) throw new Problem(response.status, error, response.headers)
}

/** The body with its ETag, for rows that are edited. */
export async function unwrapVersioned<T>(reply: Promise<Reply<T>>): Promise<{ body: T; etag: string }> {
  const body = await unwrap(reply)
  const { response } = await reply
  return { body, etag: response.headers.get('etag') ?? '' }
}

async function settled<T>(reply: Promise<Reply<T>>): Promise<Reply<T>> {
  try {
    return await reply
  } catch (error) {
    throw asProblem(error)
  }
}
