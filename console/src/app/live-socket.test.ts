import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Hears, LiveSocket } from './live-socket'

class Peer {
  sent: string[] = []
  closed = false
  constructor(
    readonly url: string,
    readonly hears: Hears,
  ) {}
  send(text: string) {
    this.sent.push(text)
  }
  close() {
    this.closed = true
  }
  say(value: unknown) {
    this.hears.text(JSON.stringify(value))
  }
}

function setUp() {
  const peers: Peer[] = []
  const told = { reset: 0, signedOut: 0 }
  const socket = new LiveSocket({
    url: after => `/ws?after=${after ?? ''}`,
    open: (url, hears) => {
      const peer = new Peer(url, hears)
      peers.push(peer)
      return peer
    },
    random: () => 0.5,
    changed: () => {},
    reset: () => {
      told.reset += 1
    },
    signedOut: () => {
      told.signedOut += 1
    },
  })
  const peer = (at: number): Peer => {
    const found = peers[at]
    if (!found) throw new Error(`no connection ${at}`)
    return found
  }
  return { socket, peers, peer, told }
}

const hello = { type: 'hello', latest: 10, heartbeat_ms: 1000, missed: 2 }

describe('the live socket (P2)', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('hands each event to its topic once and resumes after the last', () => {
    const { socket, peer } = setUp()
    const heard: number[] = []
    socket.listen('orders.read', event => heard.push(event.id))
    socket.start()
    peer(0).say(hello)
    peer(0).say({ id: 11, topic: 'orders.read', kind: 'order.placed', entity_id: 5, payload: {} })
    peer(0).say({ id: 12, topic: 'stock.read', kind: 'stock.adjusted', entity_id: null, payload: {} })
    peer(0).say({ id: 11, topic: 'orders.read', kind: 'order.placed', entity_id: 5, payload: {} })
    peer(0).hears.end(1006)
    expect(socket.status).toBe('waiting')
    vi.advanceTimersByTime(4_000)
    expect(peer(1).url).toBe('/ws?after=12')
    expect(heard).toEqual([11])
  })

  it('finds a silent peer and waits longer each time, one attempt at once', () => {
    const { socket, peers, peer } = setUp()
    socket.start()
    peer(0).say(hello)
    vi.advanceTimersByTime(4_000)
    expect([socket.status, peer(0).closed]).toEqual(['waiting', true])
    vi.advanceTimersByTime(4_000)
    expect(peers).toHaveLength(2)
    socket.retry()
    socket.start()
    expect(peers).toHaveLength(2)
    peer(1).hears.end(1006)
    vi.advanceTimersByTime(6_399)
    expect(peers).toHaveLength(2)
    vi.advanceTimersByTime(2)
    expect(peers).toHaveLength(3)
  })

  it('answers a ping, says when events were lost, and stops when signed out', () => {
    const { socket, peers, peer, told } = setUp()
    socket.start()
    peer(0).say(hello)
    peer(0).say({ type: 'ping' })
    expect(peer(0).sent).toEqual(['{"type":"pong"}'])
    peer(0).say({ type: 'reset', latest: 40 })
    expect(told.reset).toBe(1)
    peer(0).hears.end(4003)
    vi.advanceTimersByTime(120_000)
    expect([told.signedOut, socket.status, peers.length]).toEqual([1, 'closed', 1])
  })
})
