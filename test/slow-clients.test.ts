// Clients that take their time, on purpose or not: they are cut off when theirs is up, hold nothing after, and
// meanwhile others are answered as if they were not there.

import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createApp } from '../src/http/app.ts'
import { listen, type RunningServer } from '../src/http/server.ts'
import { openApp, type TestApp } from './support/app.ts'
import { event, ORGANIZATION } from './support/events.ts'

const HEAD = 400
const REQUEST = 600
const ANSWER = 300
/** So much later than it could be the end may come on a busy machine. */
const LATE = 5_000

const SLOW = 30
const DRIP = 40

let behind: TestApp
let server: RunningServer
let faults: unknown[]
let token: string
const sockets: Socket[] = []

beforeEach(async () => {
  behind = await openApp()
  faults = []
  const app = createApp({
    store: behind.store,
    reportFault: error => faults.push(error),
    exports: { patience: ANSWER },
  })
  server = await listen(app, '127.0.0.1', 0, { head: HEAD, request: REQUEST, answer: ANSWER })
  token = await behind.token()
})

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await server.close()
  await behind.store.close()
  expect(faults).toEqual([])
})

function open(words: string): Socket {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  sockets.push(socket)
  socket.on('error', () => {})
  socket.write(words)
  return socket
}

/** Resolves when it is closed, also where the server reset it. */
function closed(socket: Socket): Promise<void> {
  return new Promise(resolve => socket.once('close', () => resolve()))
}

const ASKS = () =>
  `POST /graphql HTTP/1.1\r\nHost: a\r\nX-Auth-Token: ${token}\r\nContent-Type: application/json\r\n`

/** Sends one more byte every now and then until it is cut off; how many milliseconds that took. */
async function drip(words: string): Promise<number> {
  const socket = open(words)
  const begun = performance.now()
  const dripping = setInterval(() => socket.write('x'), DRIP)
  socket.resume()
  await closed(socket)
  clearInterval(dripping)
  return performance.now() - begun
}

/** Asks the server again and again while `work` goes on, and holds it to how long most answers take; 99 of 100 by `npm run test:long`. */
async function besideOthers<T>(work: Promise<T>): Promise<T> {
  const took: number[] = []
  let working = true
  const ended = work.finally(() => {
    working = false
  })
  while (working || took.length < 50) {
    const begun = performance.now()
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-auth-token': token },
      body: `{"query":"{ organizations { events(first: 5) { nodes { id } } } }"}`,
    })
    expect(response.status).toBe(200)
    await response.text()
    took.push(performance.now() - begun)
    await delay(5)
  }
  took.sort((one, other) => one - other)
  // Tests beside this one take the processor from both: of all answers that says nothing, of most of them it does.
  const share = process.env.IAM_LOGS_TEST_LONG ? 0.99 : 0.75
  expect(took[Math.floor(took.length * share)] ?? 0).toBeLessThan(200)
  return ended
}

test.each([
  ['the head', HEAD, () => `${ASKS()}X-Slow: `],
  ['the body', REQUEST, () => `${ASKS()}Content-Length: 1000\r\n\r\n{"query":"`],
  [
    'a body of chunks',
    REQUEST,
    () => `${ASKS()}Transfer-Encoding: chunked\r\n\r\n5\r\n{"que\r\n3e8\r\n`,
  ],
])('who is slow to send %s is cut off', async (_, limit, words) => {
  const took = await besideOthers(Promise.all(Array.from({ length: SLOW }, () => drip(words()))))
  for (const time of took) {
    expect(time).toBeGreaterThan(limit / 2)
    expect(time).toBeLessThan(limit + LATE)
  }
})

test('who sends nothing at all is cut off', async () => {
  const silent = Array.from({ length: SLOW }, () => closed(open('').resume()))
  await besideOthers(Promise.race([Promise.all(silent), delay(HEAD + LATE, 'late')]))
  expect(sockets.every(({ closed }) => closed)).toBe(true)
})

/** As much as it still gets when it begins to read after its time. */
async function lateReading(socket: Socket): Promise<number> {
  let bytes = 0
  socket.on('data', chunk => {
    bytes += chunk.length
  })
  await closed(socket)
  return bytes
}

const LONG = 'x'.repeat(100_000)

test.each([
  [
    'an export',
    () =>
      `GET /export/${ORGANIZATION}.ndjson HTTP/1.1\r\nHost: a\r\nX-Auth-Token: ${token}\r\n\r\n`,
  ],
  [
    'an answer',
    () => {
      const query = '{ organizations { events(first: 100) { nodes { userAgent } } } }'
      const body = JSON.stringify({ query })
      return `${ASKS()}Content-Length: ${body.length}\r\n\r\n${body}`
    },
  ],
])('who does not take %s is cut off', async (_, words) => {
  const EVENTS = 100
  await behind.store.append(Array.from({ length: EVENTS }, () => event({ userAgent: LONG })))
  const slow = Array.from({ length: 4 }, () => open(words()))
  await besideOthers(delay(ANSWER + 1_500))
  for (const bytes of await Promise.all(slow.map(lateReading))) {
    expect(bytes).toBeGreaterThan(0)
    expect(bytes).toBeLessThan(EVENTS * LONG.length)
  }
})
