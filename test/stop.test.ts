// A server that is told to stop ends within ten seconds, whatever its clients and its database do meanwhile; and connections
// on which nothing is asked are kept until then, for longer than proxies keep them.

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
/** Called for each look-up of an Organization, which then never ends. */
let hung: (() => void) | null
const sockets: Socket[] = []

/** So long that all of them are more than the buffers between the two hold, also compressed. */
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
      reader(...given) {
        const log = store.reader(...given)
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

/** Reads no more than that something came, where something does. */
async function open(words: string, answers = true): Promise<Socket> {
  const socket = connect(Number(new URL(server?.url ?? '').port), '127.0.0.1')
  sockets.push(socket)
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(words)
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
  ['says nothing', () => open('', false)],
  ['was answered and asks no more', () => open(LIVE)],
  ['sends half a head', () => open(`${LIVE}${head('GET /')}`)],
  [
    'sends half a body',
    () =>
      open(
        `${LIVE}${head('POST /graphql', 'Content-Type: application/json\r\nContent-Length: 99\r\n')}\r\n{`,
      ),
  ],
  [
    'does not take an answer',
    () => open(post('{ organizations { events(first: 60) { nodes { userAgent } } } }')),
  ],
  ['does not take an export', () => open(get(FILE))],
  ['does not take one that is compressed', () => open(get(FILE, 'Accept-Encoding: gzip\r\n'))],
  ['does not take a stream', () => open(post(STREAM, 'Accept: text/event-stream\r\n'))],
  [
    'holds a stream that says nothing',
    () => open(post(STREAM.replace(/, after: "[^"]*"/, ''), 'Accept: text/event-stream\r\n')),
  ],
  ['asked much ahead', () => open(LIVE.repeat(50) + get(FILE))],
  [
    'asks a database that hangs',
    async () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      hung = resolve
      await open(get(FILE), false)
      await promise
    },
  ],
])('a server stops though a client %s', async (_, begin) => {
  const { close } = await serve()
  await begin()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  const closed = close()
  await vi.advanceTimersByTimeAsync(WITHIN)
  vi.useRealTimers()
  await closed
  server = null
})

test('a connection waits for a request for longer than a minute, and as long as is said', async () => {
  await serve()
  expect(String((await open(LIVE)).read())).toMatch(/keep-alive: timeout=75\r\n/i)
  await server?.close()
  await serve({ idle: 620_000 })
  expect(String((await open(LIVE)).read())).toMatch(/keep-alive: timeout=620\r\n/i)
})

test('what a head may take does not count while a connection waits for one', async () => {
  await serve({ head: 200, request: 200 })
  const waiting = await open(LIVE)
  waiting.read()
  // Opened later and cut off: so the time is over for the other as well.
  await once((await open('GET /', false)).resume(), 'close')
  waiting.write(LIVE)
  await once(waiting, 'readable')
  expect(String(waiting.read())).toMatch(/^HTTP\/1\.1 200 /)
})
