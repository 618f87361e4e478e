// Clients that take their time, on purpose or not: they are cut off when theirs is up, hold nothing after, and
// meanwhile others are answered as if they were not there.

import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createApp } from '../src/server/app.ts'
import { type ListenTimeouts, listen, type RunningServer } from '../src/server/listen.ts'
import { openApp, type TestApp } from './support/app.ts'
import { event, ORGANIZATION } from './support/events.ts'

const SLOW = 30
/** As much as no test takes, in milliseconds. */
const AGES = 3_600_000

let behind: TestApp
let server: RunningServer
let faults: unknown[]
let token: string
const sockets: Socket[] = []

beforeEach(async () => {
  // Whether this machine is too busy for the server is no matter here.
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

/** With ages for all but what is given. */
async function serve(patience: Partial<ListenTimeouts> & { readonly export?: number } = {}) {
  const app = createApp({
    store: behind.store,
    reportFault: error => faults.push(error),
    exports: { patience: patience.export ?? AGES },
  })
  server = await listen(app, '127.0.0.1', 0, {
    ...{ head: AGES, request: AGES, answer: AGES },
    ...patience,
  })
}

function open(words: string): Socket {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  sockets.push(socket)
  socket.on('error', () => {})
  socket.write(words)
  return socket
}

const ASKS = () =>
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

/** Others ask, and after each answer every client sends these few bytes, until all are cut off. */
async function cutOff(slow: readonly Socket[], drip: string): Promise<void> {
  while (slow.some(({ closed }) => !closed)) {
    await askBeside()
    for (const socket of slow) if (!socket.destroyed) socket.write(drip)
  }
}

const BODY = '{"query":"{ __typename }"}'

/** By what limit it is cut off, how it begins, what comes bit by bit, and how it would end after so many of those. */
const SLOW_TO_SEND = [
  {
    what: 'the head',
    limit: { head: 300 },
    begins: () => `${ASKS()}X-Slow: `,
    drip: 'x',
    ends: () => `\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
  },
  {
    what: 'the body',
    limit: { head: 300, request: 300 },
    begins: () => `${ASKS()}Content-Length: 1000\r\n\r\n`,
    drip: ' ',
    ends: (drips: number) => BODY.padEnd(1000 - drips),
  },
  {
    what: 'a body of chunks',
    limit: { head: 300, request: 300 },
    begins: () => `${ASKS()}Transfer-Encoding: chunked\r\n\r\n3e8\r\n`,
    drip: ' ',
    ends: (drips: number) => `${BODY.padEnd(1000 - drips)}\r\n0\r\n\r\n`,
  },
]

describe.each(SLOW_TO_SEND)('who is slow to send $what', ({ limit, begins, drip, ends }) => {
  test('is answered in the end, and others before that', async () => {
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

  test('is cut off when its time is up', async () => {
    await serve(limit)
    await cutOff(
      Array.from({ length: SLOW }, () => open(begins()).resume()),
      drip,
    )
  })
})

test('who sends nothing at all is cut off', async () => {
  await serve({ head: 300 })
  await cutOff(
    Array.from({ length: SLOW }, () => open('').resume()),
    '',
  )
})

/** Many of it are more bytes than the buffers between the two hold, and no more characters than an answer may have. */
const LONG = '€'.repeat(60_000)

const EVENTS = 60

const NOT_TAKEN = [
  {
    what: 'an export',
    limit: { export: 300 },
    words: () =>
      `GET /export/${ORGANIZATION}.ndjson HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Auth-Token: ${token}\r\n\r\n`,
  },
  {
    what: 'an answer',
    limit: { answer: 300 },
    words: () => {
      const query = '{ organizations { events(first: 100) { nodes { userAgent } } } }'
      const body = JSON.stringify({ query })
      return `${ASKS()}Content-Length: ${body.length}\r\n\r\n${body}`
    },
  },
]

describe.each(NOT_TAKEN)('who does not take $what', ({ limit, words }) => {
  async function begun(patience: Parameters<typeof serve>[0]): Promise<Socket[]> {
    await serve(patience)
    await behind.store.append(Array.from({ length: EVENTS }, () => event({ userAgent: LONG })))
    return Array.from({ length: 4 }, () => open(words()))
  }

  test('has all of it in the end, and others are answered before that', async () => {
    const slow = await begun({})
    for (let count = 0; count < 20; count++) await askBeside()
    for (const answer of slow.map(text)) {
      expect((await answer).length).toBeGreaterThan(EVENTS * LONG.length)
    }
  })

  // Who reads nothing learns of it when it writes.
  test('is cut off when its time is up', async () => cutOff(await begun(limit), '\r\n'))
})
