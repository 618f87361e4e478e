// A server that is told to stop ends within ten seconds, whatever its clients and its database do; and idle connections
// are kept for longer than proxies keep them.

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { createApp } from '../src/server/app.ts'
import { listen, type RunningServer } from '../src/server/listen.ts'
import { openApp, type TestApp } from './support/app.ts'
import { event, ORGANIZATION } from './support/events.ts'

const WITHIN = 10_000

let behind: TestApp
let server: RunningServer | null
let token: string
/** If set, it is called for each lookup of an Organization, which then never ends. */
let hung: (() => void) | null
const sockets: Socket[] = []

/** So long that all of them together exceed the buffers between client and server, also compressed. */
const LONG = randomBytes(30_000).toString('hex')

beforeAll(async () => {
  behind = await openApp()
  token = await behind.token()
  await behind.store.append(Array.from({ length: 400 }, () => event({ userAgent: LONG })))
})
afterAll(() => behind.store.close())
beforeEach(() => {
  hung = null
  server = null
})
afterEach(async () => {
  vi.useRealTimers()
  for (const socket of sockets.splice(0)) socket.destroy()
  await server?.close()
})

async function serve(limits: Parameters<typeof listen>[3] = {}): Promise<RunningServer> {
  const { store } = behind
  const app = createApp({
    reportFault() {},
    store: {
      ...store,
      reader(...args) {
        const log = store.reader(...args)
        return {
          ...log,
          organizationsById(ids) {
            if (hung === null) return log.organizationsById(ids)
            hung()
            return new Promise(() => {})
          },
        }
      },
    },
  })
  server = await listen(app, '127.0.0.1', 0, limits)
  return server
}

/** Sends this text, and waits for the beginning of a response, if there is one, without reading it. */
async function open(text: string, answers = true): Promise<Socket> {
  const socket = connect(Number(new URL(server?.url ?? '').port), '127.0.0.1')
  sockets.push(socket)
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(text)
  if (answers) await once(socket, 'readable')
  return socket
}

const head = (line: string, more = '') =>
  `${line} HTTP/1.1\r\nHost: localhost\r\nX-Auth-Token: ${token}\r\n${more}`
const get = (path: string, more = '') => `${head(`GET ${path}`, more)}\r\n`
const post = (query: string, more = '') => {
  const body = JSON.stringify({ query })
  return `${head('POST /graphql', `Content-Type: application/json\r\n${more}`)}Content-Length: ${body.length}\r\n\r\n${body}`
}
const LIVE = get('/health/live')
const FILE = `/export/${ORGANIZATION}.ndjson`
const STREAM = `subscription { eventRecorded(organizationId: "${ORGANIZATION}", after: "00000000-0000-0000-0000-000000000000") { id userAgent } }`

test.each([
  ['sends nothing', () => open('', false)],
  ['keeps an idle connection', () => open(LIVE)],
  ['sends half a head', () => open(`${LIVE}${head('GET /')}`)],
  [
    'sends half a body',
    () =>
      open(
        `${LIVE}${head('POST /graphql', 'Content-Type: application/json\r\nContent-Length: 99\r\n')}\r\n{`,
      ),
  ],
  [
    'does not read a response',
    () => open(post('{ organizations { events(first: 60) { nodes { userAgent } } } }')),
  ],
  ['does not read an export', () => open(get(FILE))],
  ['does not read a compressed export', () => open(get(FILE, 'Accept-Encoding: gzip\r\n'))],
  ['does not read a stream', () => open(post(STREAM, 'Accept: text/event-stream\r\n'))],
  [
    'has a stream without events',
    () => open(post(STREAM.replace(/, after: "[^"]*"/, ''), 'Accept: text/event-stream\r\n')),
  ],
  ['pipelined many requests', () => open(LIVE.repeat(50) + get(FILE))],
  [
    'waits for a database that hangs',
    async () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      hung = resolve
      await open(get(FILE), false)
      await promise
    },
  ],
])('a server stops within ten seconds although a client %s', async (_, begin) => {
  const { close } = await serve()
  await begin()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  const closed = close()
  await vi.advanceTimersByTimeAsync(WITHIN)
  vi.useRealTimers()
  await closed
  server = null
})

test('responses announce that an idle connection is kept for 75 seconds, or as long as is configured', async () => {
  await serve()
  expect(String((await open(LIVE)).read())).toMatch(/keep-alive: timeout=75\r\n/i)
  await server?.close()
  await serve({ idle: 620_000 })
  expect(String((await open(LIVE)).read())).toMatch(/keep-alive: timeout=620\r\n/i)
})

test('the time limit for a head does not apply to an idle connection', async () => {
  await serve({ head: 200, request: 200 })
  const waiting = await open(LIVE)
  waiting.read()
  // This connection is opened later and cut off, so the time limit is over for the other one, too.
  await once((await open('GET /', false)).resume(), 'close')
  waiting.write(LIVE)
  await once(waiting, 'readable')
  expect(String(waiting.read())).toMatch(/^HTTP\/1\.1 200 /)
})
