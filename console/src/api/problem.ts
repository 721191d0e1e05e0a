import { isRecord } from './json'

/** A refused field: a JSON pointer into the request's body. */
export type FieldProblem = { pointer: string; code: string; detail: string }

/** An error as the server tells it (RFC 9457), or as the network did. */
export class Problem extends Error {
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly requestId: string | undefined
  readonly errors: readonly FieldProblem[]
  /** What else the server said: `state`, `allowed`, `current` … */
  readonly more: Readonly<Record<string, unknown>>
  /** The version that is in force, on a 412. */
  readonly etag: string | undefined
  readonly retryAfter: number | undefined

  constructor(status: number, body: unknown, headers?: Headers) {
    const members = isRecord(body) ? body : {}
    const code = text(members['code']) ?? (status === 0 ? 'offline' : `http_${status}`)
    const detail = text(members['detail']) ?? text(members['title']) ?? ''
    super(detail || code)
    this.name = 'Problem'
    this.status = status
    this.code = code
    this.detail = detail
    this.requestId = text(members['request_id']) ?? headers?.get('x-request-id') ?? undefined
    this.errors = list(members['errors']).flatMap(fieldProblem)
    this.more = members
    this.etag = headers?.get('etag') ?? undefined
    const wait = Number(headers?.get('retry-after'))
    this.retryAfter = Number.isFinite(wait) && wait > 0 ? wait : undefined
  }
}

/** Whatever was thrown, as a problem. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  return new Problem(0, { code: error instanceof TypeError ? 'offline' : 'unexpected', detail: '' })
}

function fieldProblem(value: unknown): FieldProblem[] {
  if (!isRecord(value)) return []
  const pointer = text(value['pointer']) ?? ''
  const code = text(value['code']) ?? ''
  return [{ pointer, code, detail: text(value['detail']) || code }]
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
