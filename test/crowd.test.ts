// All connections of a process are taken, or all places for streams or exports, by one address or by many, behind a
// proxy or not: whoever holds the most gives one up, and everybody else is answered.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AuditRecord } from '../src/audit-record.ts'
import { type AppOptions, createApp } from '../src/server/app.ts'
import type { Crowded } from '../src/server/connections.ts'
import { listen, type RunningServer } from '../src/server/listen.ts'
import { openApp, type TestApp } from './support/app.ts'
import { event, ORGANIZATION } from './support/events.ts'

const MOST = 20
/** Of streams, and of exports. */
const PLACES = 4
const [FLOOD, OTHER, PROXY] = ['127.0.0.1', '127.0.0.2', '127.0.0.3'] as const

let behind: TestApp
let server: RunningServer
let token: string
let closed: Crowded[]
let records: AuditRecord[]
const sockets: Socket[] = []

beforeEach(async () => {
  behind = await openApp()
  token = await behind.token()
  await behind.store.append([event()])
  closed = []
  records = []
  await serve({})
})

async function serve(options: Partial<AppOptions>): Promise<void> {
  await server?.close()
  const app = createApp({
    store: behind.store,
    reportFault: error => behind.faults.push(error),
    trustedProxies: [PROXY],
    crowded: one => closed.push(one),
    audit: one => records.push(one),
    ...options,
  })
  server = await listen(app, '127.0.0.1', 0, { connections: MOST })
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await server.close()
  await behind.store.close()
  expect(behind.faults).toEqual([])
})

/** Each is connected before the next is, so the order is known. */
async function open(count: number, from: string, words = ''): Promise<Socket[]> {
  const opened: Socket[] = []
  for (let number = 0; number < count; number++) {
    const port = Number(new URL(server.url).port)
    const socket = connect({ port, host: '127.0.0.1', localAddress: from })
    socket.on('error', () => {})
    opened.push(socket)
    sockets.push(socket)
    await once(socket, 'connect')
    if (words !== '') {
      socket.write(words)
      await once(socket, 'readable')
    }
  }
  return opened
}

/** As a proxy writes it; nothing for a client of its own. */
const forwarded = (client: string | null) =>
  client === null ? '' : `X-Forwarded-For: ${client}\r\n`

const alive = (client: string | null = null) =>
  `GET /health/live HTTP/1.1\r\nHost: localhost\r\n${forwarded(client)}`

async function ask(from: string, client: string | null = null): Promise<string> {
  const [socket] = (await open(1, from)) as [Socket]
  socket.write(`${alive(client)}Connection: close\r\n\r\n`)
  return text(socket).catch(() => 'closed')
}

/** Its answer goes on for ever. */
const stream = (client: string | null = null, secret = token) => {
  const query = `subscription { eventRecorded(organizationId: "${ORGANIZATION}") { id } }`
  const body = JSON.stringify({ query })
  return `POST /graphql HTTP/1.1\r\nHost: localhost\r\n${forwarded(client)}Accept: text/event-stream\r\nX-Auth-Token: ${secret}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

test('who holds all connections and says nothing shuts out neither others nor itself', async () => {
  await open(3 * MOST, FLOOD)
  for (const from of [OTHER, FLOOD, OTHER, FLOOD]) expect(await ask(from)).toMatch(/200 OK.*live/s)
  expect(closed.length).toBeGreaterThanOrEqual(2 * MOST)
  expect(new Set(closed.map(({ network }) => network))).toEqual(new Set([FLOOD]))
  expect(closed[0]).toEqual({ network: FLOOD, held: MOST - 1 })
})

test('the connection that is closed is the one on which nothing was asked for the longest', async () => {
  const [first, second, ...others] = (await open(MOST, FLOOD)) as [Socket, Socket, ...Socket[]]
  first.write(`${alive()}\r\n`)
  await once(first, 'readable')
  const end = once(second, 'close')
  expect(await ask(OTHER)).toMatch(/200 OK/)
  await end
  expect([first, ...others].filter(({ closed }) => closed)).toEqual([])
})

test('who holds all in use gives one up to others, and none to one more of its own', async () => {
  await open(MOST, FLOOD, stream())
  expect(await ask(FLOOD)).toBe('')
  expect(await ask(OTHER)).toMatch(/200 OK/)
  expect(closed).toEqual([
    { network: FLOOD, held: MOST },
    { network: FLOOD, held: MOST - 1 },
  ])
})

test('who holds all in use behind a trusted proxy gives one up to another behind it', async () => {
  await open(MOST, PROXY, stream('192.0.2.1'))
  expect(await ask(PROXY, '192.0.2.2')).toMatch(/200 OK/)
  expect(closed).toEqual([{ network: '192.0.2.1', held: MOST - 1 }])
})

test('what a trusted proxy keeps for the next who asks is nobody’s, whoever asked before', async () => {
  const kept = await open(MOST - 2, PROXY, `${alive('192.0.2.1')}\r\n`)
  await open(2 * MOST, FLOOD)
  expect(await ask(PROXY, '192.0.2.2')).toMatch(/200 OK/)
  expect(kept.filter(({ closed }) => closed)).toEqual([])
  expect(new Set(closed.map(({ network }) => network))).toEqual(new Set([FLOOD]))
})

test('who holds little loses nothing that is in use, and a proxy that is trusted nothing at all', async () => {
  const own = [...(await open(2, OTHER, stream())), ...(await open(MOST - 5, PROXY))]
  await open(2 * MOST, FLOOD)
  expect(await ask(FLOOD)).toMatch(/200 OK/)
  expect(own.filter(({ closed }) => closed)).toEqual([])
  expect(new Set(closed.map(({ network }) => network))).toEqual(new Set([FLOOD]))
})

describe('of all places for streams and for exports', () => {
  const limits = { most: PLACES, mostOfViewer: 2 }
  const [GREEDY, MODEST] = ['192.0.2.1', '192.0.2.2'] as const

  test('an address that has them by many tokens gives its oldest to another, behind a proxy, too', async () => {
    await serve({ streams: limits })
    const tokens = [await behind.token(), await behind.token(), await behind.token()] as const
    const [oldest] = await open(2, PROXY, stream(GREEDY, tokens[0]))
    await open(2, PROXY, stream(GREEDY, tokens[1]))
    const [refused] = await open(1, PROXY, stream(GREEDY, tokens[2]))
    expect(String(refused?.read())).toMatch(/^HTTP\/1.1 429/)
    const [own] = await open(1, PROXY, stream(MODEST, tokens[2]))
    expect(String(own?.read())).toMatch(/^HTTP\/1.1 200/)
    let words = ''
    for await (const chunk of oldest as Socket) {
      words += chunk
      if (words.includes('event: complete')) break
    }
    expect(words).toContain('your address has the most')
    expect(words).toMatch(/"code":"LIMIT_EXCEEDED","cursor":.*event: complete/s)
  })

  test('an export that gives way is cut off, and never taken for whole', async () => {
    await behind.store.append(Array.from({ length: 600 }, () => event()))
    // None can pay for all, so that all stay open.
    await serve({ exports: limits, rate: { perSecond: 1, burst: 300 } })
    const began = () => records.filter(({ event }) => event === 'export_began').length
    const download = async (client: string) => {
      const [socket] = (await open(1, PROXY)) as [Socket]
      const before = began()
      const head = `GET /export/${ORGANIZATION}.ndjson HTTP/1.1\r\nHost: localhost\r\n`
      socket.write(`${head}${forwarded(client)}X-Auth-Token: ${await behind.token()}\r\n\r\n`)
      await expect.poll(began).toBe(before + 1)
      return socket
    }
    const [oldest] = [await download(GREEDY), await download(GREEDY), await download(GREEDY)]
    await download(GREEDY)
    const end = once(oldest.resume(), 'close')
    await download(MODEST)
    await end
    expect(records.filter(({ event }) => event === 'export_ended')).toMatchObject([
      { complete: false, address: GREEDY },
    ])
  })
})
