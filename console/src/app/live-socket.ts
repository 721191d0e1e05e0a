import { isRecord, readJson } from '@/api/json'
import type { LiveEvent, LiveStatus } from '@/ui/live'

/** First wait before another attempt, in milliseconds; it grows up to the longest. */
const FIRST_WAIT = 4_000
const LONGEST_WAIT = 60_000
/** What the server says in its hello, until it has said it. */
const HEARTBEAT = 3_000
const MISSED = 2
/** Close codes of the server: no longer signed in. */
const SIGNED_OUT = 4003

/** A connection, as far as it is used here. */
export type Wire = { send: (text: string) => void; close: () => void }
export type Hears = { text: (text: string) => void; end: (code: number) => void }

type Options = {
  /** The address, to resume after this event. */
  url: (after: number | undefined) => string
  open?: (url: string, hears: Hears) => Wire
  random?: () => number
  /** The status became another. */
  changed: () => void
  /** Events were lost: what is shown must be asked again. */
  reset: () => void
  /** The server does not know the session any more. */
  signedOut: () => void
}

/**
 * Keeps one socket to the server: finds a dead one by the missing heartbeat, comes
 * back after a growing, jittered wait with one attempt at a time, and resumes after
 * the last event it saw.
 */
export class LiveSocket {
  private socket: Wire | undefined
  private timer: ReturnType<typeof setTimeout> | undefined
  private pulse: ReturnType<typeof setInterval> | undefined
  private attempts = 0
  private last: number | undefined
  private heard = 0
  private beat = HEARTBEAT
  private missed = MISSED
  private readonly listeners = new Map<string, Set<(event: LiveEvent) => void>>()
  status: LiveStatus = 'closed'

  constructor(private readonly options: Options) {}

  readonly listen = (topic: string, hear: (event: LiveEvent) => void): (() => void) => {
    const set = this.listeners.get(topic) ?? new Set()
    this.listeners.set(topic, set.add(hear))
    return () => set.delete(hear)
  }

  readonly start = (): void => {
    if (this.socket !== undefined) return
    clearTimeout(this.timer)
    this.say('connecting')
    const open = this.options.open ?? overWebSocket
    const socket = open(this.options.url(this.last), {
      text: text => this.socket === socket && this.hear(text),
      end: code => this.ended(socket, code),
    })
    this.socket = socket
    this.heard = Date.now()
    this.pulse = setInterval(() => this.check(), this.beat)
  }

  readonly stop = (): void => {
    this.drop()
    clearTimeout(this.timer)
    this.attempts = 0
    this.say('closed')
  }

  /** Another attempt now, unless one is under way. */
  readonly retry = (): void => {
    if (this.status !== 'waiting') return
    this.start()
  }

  private hear(text: string): void {
    this.heard = Date.now()
    const message = read(text)
    if (message === undefined) return
    if ('type' in message) this.control(message)
    else this.event(message)
  }

  private control(message: Readonly<Record<string, unknown>>): void {
    switch (message['type']) {
      case 'hello': {
        this.attempts = 0
        this.beat = positive(message['heartbeat_ms']) ?? this.beat
        this.missed = positive(message['missed']) ?? this.missed
        this.last ??= whole(message['latest'])
        clearInterval(this.pulse)
        this.pulse = setInterval(() => this.check(), this.beat)
        this.say('open')
        return
      }
      case 'reset':
        this.last = whole(message['latest']) ?? this.last
        this.options.reset()
        return
      case 'ping':
        this.socket?.send('{"type":"pong"}')
        return
      default:
    }
  }

  private event(message: Readonly<Record<string, unknown>>): void {
    const id = whole(message['id'])
    const { topic, kind } = message
    if (id === undefined || typeof topic !== 'string' || typeof kind !== 'string') return
    // After a resume the same event may come from the log and from the queue.
    if (this.last !== undefined && id <= this.last) return
    this.last = id
    const event: LiveEvent = { id, topic, kind, entity_id: whole(message['entity_id']), payload: message['payload'] }
    for (const hear of [...(this.listeners.get(topic) ?? [])]) hear(event)
  }

  /** A half-open peer is found by what is no longer heard. */
  private check(): void {
    if (Date.now() - this.heard <= this.beat * (this.missed + 1)) return
    const socket = this.socket
    this.drop()
    if (socket) this.wait()
  }

  private ended(socket: Wire, code: number): void {
    if (this.socket !== socket) return
    this.drop()
    if (code === SIGNED_OUT) {
      this.say('closed')
      this.options.signedOut()
      return
    }
    this.wait()
  }

  private wait(): void {
    const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 1.6 ** this.attempts)
    this.attempts += 1
    const random = this.options.random ?? Math.random
    clearTimeout(this.timer)
    // Never sooner than three quarters of it, so that a server that restarts is not met by everybody at once.
    this.timer = setTimeout(this.start, longest * (0.75 + random() * 0.5))
    this.say('waiting')
  }

  private drop(): void {
    clearInterval(this.pulse)
    const socket = this.socket
    this.socket = undefined
    socket?.close()
  }

  private say(status: LiveStatus): void {
    if (this.status === status) return
    this.status = status
    this.options.changed()
  }
}

function overWebSocket(url: string, hears: Hears): Wire {
  const socket = new WebSocket(url)
  socket.onmessage = message => {
    if (typeof message.data === 'string') hears.text(message.data)
  }
  socket.onclose = event => hears.end(event.code)
  return { send: text => socket.send(text), close: () => socket.close() }
}

function read(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = readJson<unknown>(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

function whole(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? Number(value) : undefined
}

function positive(value: unknown): number | undefined {
  const number = whole(value)
  return number !== undefined && number > 0 ? number : undefined
}
