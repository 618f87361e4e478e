// When all connections of a process are in use, or all streams or exports, the network with the most of them loses one,
// so that everybody else is answered; also for clients behind a proxy.

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
/** The limit of streams, and of exports. */
const MOST_STREAMS = 4
const [FLOOD, OTHER, PROXY] = ['127.0.0.1', '127.0.0.2', '127.0.0.3'] as const

let gateway: TestApp
let server: RunningServer
let token: string
let closed: Crowded[]
let records: AuditRecord[]
const sockets: Socket[] = []

beforeEach(async () => {
  gateway = await openApp()
  token = await gateway.token()
  await gateway.store.append([event()])
  closed = []
  records = []
  await serve({})
})

async function serve(options: Partial<AppOptions>): Promise<void> {
  await server?.close()
  const app = createApp({
    store: gateway.store,
    reportFault: error => gateway.faults.push(error),
    trustedProxies: [PROXY],
    audit: one => records.push(one),
    ...options,
  })
  const crowded = (one: Crowded) => void closed.push(one)
  server = await listen(app, '127.0.0.1', 0, { connections: MOST, crowded })
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await server.close()
  await gateway.store.close()
  expect(gateway.faults).toEqual([])
})

/** Opens connections one after the other, so that their order is known, and sends a request on each. */
async function open(count: number, from: string, request = ''): Promise<Socket[]> {
  const opened: Socket[] = []
  for (let number = 0; number < count; number++) {
    const port = Number(new URL(server.url).port)
    const socket = connect({ port, host: '127.0.0.1', localAddress: from })
    socket.on('error', () => {})
    opened.push(socket)
    sockets.push(socket)
    await once(socket, 'connect')
    if (request !== '') {
      socket.write(request)
      await once(socket, 'readable')
    }
  }
  return opened
}

/** The header that a proxy sends; empty if there is no proxy. */
const forwarded = (client: string | null) =>
  client === null ? '' : `X-Forwarded-For: ${client}\r\n`

const alive = (client: string | null = null) =>
  `GET /health/live HTTP/1.1\r\nHost: localhost\r\n${forwarded(client)}`

async function ask(from: string, client: string | null = null): Promise<string> {
  const [socket] = (await open(1, from)) as [Socket]
  socket.write(`${alive(client)}Connection: close\r\n\r\n`)
  return text(socket).catch(() => 'closed')
}

/** A request whose response does not end. */
const stream = (client: string | null = null, secret = token) => {
  const query = `subscription { eventRecorded(organizationId: "${ORGANIZATION}") { id } }`
  const body = JSON.stringify({ query })
  return `POST /graphql HTTP/1.1\r\nHost: localhost\r\n${forwarded(client)}Accept: text/event-stream\r\nX-Auth-Token: ${secret}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

test('a network that opens too many connections and sends nothing cannot shut out others or itself', async () => {
  await open(3 * MOST, FLOOD)
  for (const from of [OTHER, FLOOD, OTHER, FLOOD]) expect(await ask(from)).toMatch(/200 OK.*live/s)
  expect(closed.length).toBeGreaterThanOrEqual(2 * MOST)
  expect(new Set(closed.map(({ network }) => network))).toEqual(new Set([FLOOD]))
  expect(closed[0]).toEqual({ network: FLOOD, held: MOST - 1 })
})

test('the connection that is closed for a new one is the one that has been idle for the longest time', async () => {
  const [first, second, ...others] = (await open(MOST, FLOOD)) as [Socket, Socket, ...Socket[]]
  first.write(`${alive()}\r\n`)
  await once(first, 'readable')
  const end = once(second, 'close')
  expect(await ask(OTHER)).toMatch(/200 OK/)
  await end
  expect([first, ...others].filter(({ closed }) => closed)).toEqual([])
})

test('a network with all connections in use loses one to another network, but none to a new one of its own', async () => {
  await open(MOST, FLOOD, stream())
  expect(await ask(FLOOD)).toBe('')
  expect(await ask(OTHER)).toMatch(/200 OK/)
  expect(closed).toEqual([
    { network: FLOOD, held: MOST },
    { network: FLOOD, held: MOST - 1 },
  ])
})

test('a client with all connections in use behind a trusted proxy loses one to another client behind it', async () => {
  await open(MOST, PROXY, stream('192.0.2.1'))
  expect(await ask(PROXY, '192.0.2.2')).toMatch(/200 OK/)
  expect(closed).toEqual([{ network: '192.0.2.1', held: MOST - 1 }])
})

test('idle connections of a trusted proxy are not closed, whichever client used them before', async () => {
  const idle = await open(MOST - 2, PROXY, `${alive('192.0.2.1')}\r\n`)
  await open(2 * MOST, FLOOD)
  expect(await ask(PROXY, '192.0.2.2')).toMatch(/200 OK/)
  expect(idle.filter(({ closed }) => closed)).toEqual([])
  expect(new Set(closed.map(({ network }) => network))).toEqual(new Set([FLOOD]))
})

test('a network with few connections loses none in use, and a trusted proxy loses none at all', async () => {
  const own = [...(await open(2, OTHER, stream())), ...(await open(MOST - 5, PROXY))]
  await open(2 * MOST, FLOOD)
  expect(await ask(FLOOD)).toMatch(/200 OK/)
  expect(own.filter(({ closed }) => closed)).toEqual([])
  expect(new Set(closed.map(({ network }) => network))).toEqual(new Set([FLOOD]))
})

describe('when all streams or exports are taken', () => {
  const limits = { most: MOST_STREAMS, mostOfViewer: 2 }
  const [GREEDY, MODEST] = ['192.0.2.1', '192.0.2.2'] as const

  test('an IP address with many streams, by several tokens, loses its oldest one to another address, also behind a proxy', async () => {
    await serve({ streams: limits })
    const tokens = [await gateway.token(), await gateway.token(), await gateway.token()] as const
    const [oldest] = await open(2, PROXY, stream(GREEDY, tokens[0]))
    await open(2, PROXY, stream(GREEDY, tokens[1]))
    const [refused] = await open(1, PROXY, stream(GREEDY, tokens[2]))
    expect(String(refused?.read())).toMatch(/^HTTP\/1.1 429/)
    const [own] = await open(1, PROXY, stream(MODEST, tokens[2]))
    expect(String(own?.read())).toMatch(/^HTTP\/1.1 200/)
    let messages = ''
    for await (const chunk of oldest as Socket) {
      messages += chunk
      if (messages.includes('event: complete')) break
    }
    expect(messages).toContain('your address has the most')
    expect(messages).toMatch(/"code":"LIMIT_EXCEEDED","cursor":.*event: complete/s)
  })

  test('an IP address with many exports loses its oldest one to another address, and its audit record says incomplete', async () => {
    await gateway.store.append(Array.from({ length: 600 }, () => event()))
    // The rate limit is too low for a whole export, so that all stay open.
    await serve({ exports: limits, rate: { perSecond: 1, burst: 300 } })
    const exportsBegun = () => records.filter(({ event }) => event === 'export_began').length
    const download = async (client: string) => {
      const [socket] = (await open(1, PROXY)) as [Socket]
      const before = exportsBegun()
      const head = `GET /export/${ORGANIZATION}.ndjson HTTP/1.1\r\nHost: localhost\r\n`
      socket.write(`${head}${forwarded(client)}X-Auth-Token: ${await gateway.token()}\r\n\r\n`)
      await expect.poll(exportsBegun).toBe(before + 1)
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
