// Request smuggling: requests that hide another one, sent as bytes to the server and to proxies in front of it. The
// server never receives the hidden one, and answers no other host. Also pipelined requests, which are allowed.

import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createApp } from '../src/server/app.ts'
import { listen, type RunningServer } from '../src/server/listen.ts'
import { openApp, type TestApp } from './support/app.ts'
import { temporaryFolder } from './support/command.ts'
import { CRAFTED, HIDDEN } from './support/crafted.ts'
import { MARK, PROXIES, startProxy } from './support/proxies.ts'

interface Received {
  readonly host: string
  readonly path: string
  readonly marked: boolean
  status: number
}

let behind: TestApp
let server: RunningServer
let port: number
let received: Received[] = []

beforeAll(async () => {
  behind = await openApp()
  const app = createApp({ store: behind.store, reportFault: error => behind.faults.push(error) })
  const listening: typeof app = {
    ...app,
    // The listener gets only requests that Node could parse.
    listener(request, answer, patience) {
      const { headers, url = '' } = request
      const { pathname: path } = new URL(url, 'http://localhost')
      const marked = headers[MARK] !== undefined
      const one: Received = { host: headers.host ?? '', path, marked, status: 0 }
      received.push(one)
      answer.once('finish', () => {
        one.status = answer.statusCode
      })
      app.listener(request, answer, patience)
    },
  }
  server = await listen(listening, '127.0.0.1', 0, { head: 200, request: 300 })
  port = Number(new URL(server.url).port)
})
afterAll(async () => {
  await server.close()
  await behind.store.close()
})
beforeEach(() => {
  received = []
})
afterEach(() => expect(behind.faults).toEqual([]))

/** All responses until the connection is closed. */
function exchange(bytes: string, to = port): Promise<string> {
  const socket = connect(to, '127.0.0.1')
  socket.write(bytes, 'latin1')
  // The server may reset the connection.
  return text(socket).catch(() => '')
}

const served = () => received.filter(({ status }) => status !== 421)

describe('a request that hides another one', () => {
  test.each(CRAFTED)('by %s is refused, and the hidden one is not received', async (_, bytes) => {
    const answer = await exchange(bytes)
    expect(received.map(({ path }) => path)).not.toContain('/smuggled')
    expect(received.length).toBeLessThanOrEqual(1)
    expect(served().map(({ host }) => host)).toEqual(served().map(() => 'localhost'))
    expect(answer).not.toMatch(/^HTTP\/1\.1 [23]/)
  })

  test('would be noticed by these tests: the hidden one is received when it is sent openly', async () => {
    await exchange(HIDDEN.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'))
    expect(received).toEqual([{ host: 'localhost', path: '/smuggled', marked: false, status: 404 }])
  })
})

describe('a proxy in front of the server', () => {
  for (const proxy of PROXIES) {
    const title = proxy.isThere ? proxy.name : `${proxy.name}, which is not installed here,`
    test.skipIf(!proxy.isThere)(
      `${title} and the server agree where each request ends`,
      async () => {
        using folder = temporaryFolder()
        const running = await startProxy(proxy, folder.path, port)
        try {
          const answers = await Promise.all(
            CRAFTED.map(([, bytes]) => exchange(bytes, running.port)),
          )
          expect(answers.filter(answer => answer.startsWith('HTTP/1.1 ')).length).toBeGreaterThan(
            20,
          )
          expect(await exchange(HIDDEN, running.port)).toMatch(/^HTTP\/1\.1 404 /)
        } finally {
          await running.stop()
        }
        expect(received.filter(({ marked }) => !marked)).toEqual([])
        expect(new Set(served().map(({ host }) => host))).toEqual(new Set(['localhost']))
      },
    )
  }
})

describe('pipelined requests', () => {
  const ahead = (count: number) =>
    Array.from({ length: count }, (_, at) => `GET /n${at} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  const LAST = 'GET /last HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'

  test('are answered in order', async () => {
    const answer = await exchange([...ahead(99), LAST].join(''))
    expect(answer.match(/HTTP\/1\.1 404 /g)).toHaveLength(100)
    expect(received.map(({ path }) => path)).toEqual([
      ...Array.from({ length: 99 }, (_, at) => `/n${at}`),
      '/last',
    ])
  })

  test('are limited to about a hundred on a connection', async () => {
    await exchange(ahead(5_000).join(''))
    expect(received.length).toBeLessThanOrEqual(101)
  })

  test('are dropped after an invalid one', async () => {
    const answer = await exchange(
      `GET /n HTTP/1.1\r\nHost: localhost\r\n\r\nGET // HTTP/1.1\r\nHost: localhost\r\n\r\n${HIDDEN}`,
    )
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 404', 'HTTP/1.1 400'])
    expect(received.map(({ path }) => path)).toEqual(['/n'])
  })
})
