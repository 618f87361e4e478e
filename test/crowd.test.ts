// All connections of a process are taken, by one address or by many: whoever holds the most gives one up, and everybody else
// is answered.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createApp } from '../src/server/app.ts'
import type { Crowded } from '../src/server/connections.ts'
import { listen, type RunningServer } from '../src/server/listen.ts'
import { openApp, type TestApp } from './support/app.ts'
import { event, ORGANIZATION } from './support/events.ts'

const MOST = 20
const [FLOOD, OTHER, PROXY] = ['127.0.0.1', '127.0.0.2', '127.0.0.3'] as const

let behind: TestApp
let server: RunningServer
let token: string
let closed: Crowded[]
const sockets: Socket[] = []

beforeEach(async () => {
  behind = await openApp()
  token = await behind.token()
  await behind.store.append([event()])
  closed = []
  const app = createApp({
    store: behind.store,
    reportFault: error => behind.faults.push(error),
    trustedProxies: [PROXY],
    crowded: one => closed.push(one),
  })
  server = await listen(app, '127.0.0.1', 0, { connections: MOST })
})

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

async function ask(from: string): Promise<string> {
  const [socket] = (await open(1, from)) as [Socket]
  socket.write('GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  return text(socket).catch(() => 'closed')
}

/** Its answer goes on for ever. */
const stream = () => {
  const query = `subscription { eventRecorded(organizationId: "${ORGANIZATION}") { id } }`
  const body = JSON.stringify({ query })
  return `POST /graphql HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nX-Auth-Token: ${token}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
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
  first.write('GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n')
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

test('who holds little loses nothing that is in use, and a proxy that is trusted nothing at all', async () => {
  const own = [...(await open(2, OTHER, stream())), ...(await open(MOST - 5, PROXY))]
  await open(2 * MOST, FLOOD)
  expect(await ask(FLOOD)).toMatch(/200 OK/)
  expect(own.filter(({ closed }) => closed)).toEqual([])
  expect(new Set(closed.map(({ network }) => network))).toEqual(new Set([FLOOD]))
})
