// Clients that send or read slowly, on purpose or not: they are cut off after a time limit, and others are answered
// meanwhile.

import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createApp } from '../src/server/app.ts'
import { type ListenOptions, listen, type RunningServer } from '../src/server/listen.ts'
import { openApp, type TestApp } from './support/app.ts'
import { event, ORGANIZATION } from './support/events.ts'

const SLOW = 30
/** Longer than any test takes, in milliseconds. */
const NO_LIMIT = 3_600_000

let behind: TestApp
let server: RunningServer
let faults: unknown[]
let token: string
const sockets: Socket[] = []

beforeEach(async () => {
  // So that the server does not notice that this machine is busy.
  vi.useFakeTimers({ toFake: ['performance'] })
  behind = await openApp()
  faults = []
  token = await behind.token()
})

afterEach(async () => {
  vi.useRealTimers()
  for (const socket of sockets.splice(0)) socket.destroy()
  await server.close()
  await behind.store.close()
  expect(faults).toEqual([])
})

/** Starts the server with these limits, and no others. */
async function serve(patience: ListenOptions & { readonly export?: number } = {}) {
  const app = createApp({
    store: behind.store,
    reportFault: error => faults.push(error),
    exports: { patience: patience.export ?? NO_LIMIT },
  })
  server = await listen(app, '127.0.0.1', 0, {
    ...{ head: NO_LIMIT, request: NO_LIMIT, answer: NO_LIMIT },
    ...patience,
  })
}

function open(text: string): Socket {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  sockets.push(socket)
  socket.on('error', () => {})
  socket.write(text)
  return socket
}

const POST_HEAD = () =>
  `POST /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Auth-Token: ${token}\r\nContent-Type: application/json\r\n`

async function askBeside(): Promise<void> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-auth-token': token },
    body: `{"query":"{ organizations { events(first: 5) { nodes { id } } } }"}`,
  })
  expect(response.status).toBe(200)
  await response.text()
}

/** Sends other requests, and after each these few bytes of every slow client, until all slow ones are cut off. */
async function cutOff(slow: readonly Socket[], drip: string): Promise<void> {
  while (slow.some(({ closed }) => !closed)) {
    await askBeside()
    for (const socket of slow) if (!socket.destroyed) socket.write(drip)
  }
}

const BODY = '{"query":"{ __typename }"}'

/** The limit that cuts it off, its beginning, what is sent repeatedly, and its end after this many repetitions. */
const SLOW_TO_SEND = [
  {
    what: 'the head',
    limit: { head: 300 },
    begins: () => `${POST_HEAD()}X-Slow: `,
    drip: 'x',
    ends: () => `\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
  },
  {
    what: 'the body',
    limit: { head: 300, request: 300 },
    begins: () => `${POST_HEAD()}Content-Length: 1000\r\n\r\n`,
    drip: ' ',
    ends: (drips: number) => BODY.padEnd(1000 - drips),
  },
  {
    what: 'a chunked body',
    limit: { head: 300, request: 300 },
    begins: () => `${POST_HEAD()}Transfer-Encoding: chunked\r\n\r\n3e8\r\n`,
    drip: ' ',
    ends: (drips: number) => `${BODY.padEnd(1000 - drips)}\r\n0\r\n\r\n`,
  },
]

describe.each(SLOW_TO_SEND)('a client that sends $what slowly', ({ limit, begins, drip, ends }) => {
  test('is answered in the end, and other clients meanwhile', async () => {
    await serve()
    const slow = Array.from({ length: SLOW }, () => open(begins()))
    const answers = slow.map(text)
    const DRIPS = 20
    for (let count = 0; count < DRIPS; count++) {
      await askBeside()
      for (const socket of slow) socket.write(drip)
    }
    for (const socket of slow) socket.write(ends(DRIPS))
    for (const answer of answers) expect(await answer).toMatch(/^HTTP\/1.1 200 .*"Query"/s)
  })

  test('is cut off after the time limit', async () => {
    await serve(limit)
    await cutOff(
      Array.from({ length: SLOW }, () => open(begins()).resume()),
      drip,
    )
  })
})

test('a client that sends nothing is cut off after the time limit', async () => {
  await serve({ head: 300 })
  await cutOff(
    Array.from({ length: SLOW }, () => open('').resume()),
    '',
  )
})

/** Many of these exceed the buffers between client and server, but not the limit on characters of a response. */
const LONG = '€'.repeat(60_000)

const EVENTS = 60

const NOT_READ = [
  {
    what: 'an export',
    limit: { export: 300 },
    request: () =>
      `GET /export/${ORGANIZATION}.ndjson HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Auth-Token: ${token}\r\n\r\n`,
  },
  {
    what: 'a response',
    limit: { answer: 300 },
    request: () => {
      const query = '{ organizations { events(first: 100) { nodes { userAgent } } } }'
      const body = JSON.stringify({ query })
      return `${POST_HEAD()}Content-Length: ${body.length}\r\n\r\n${body}`
    },
  },
]

describe.each(NOT_READ)('a client that does not read $what', ({ limit, request }) => {
  async function begun(patience: Parameters<typeof serve>[0]): Promise<Socket[]> {
    await serve(patience)
    await behind.store.append(Array.from({ length: EVENTS }, () => event({ userAgent: LONG })))
    return Array.from({ length: 4 }, () => open(request()))
  }

  test('gets all of it in the end, and other clients are answered meanwhile', async () => {
    const slow = await begun({})
    for (let count = 0; count < 20; count++) await askBeside()
    for (const answer of slow.map(text)) {
      expect((await answer).length).toBeGreaterThan(EVENTS * LONG.length)
    }
  })

  // A client that reads nothing notices that when it writes.
  test('is cut off after the time limit', async () => cutOff(await begun(limit), '\r\n'))
})
