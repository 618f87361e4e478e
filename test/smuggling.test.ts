// Requests that hide another, sent as bytes to the server and to the proxies that may stand before it: nobody hears
// the hidden one, and no other host is answered. And requests sent ahead of their answers, which is allowed.

import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createApp } from '../src/server/app.ts'
import { listen, type RunningServer } from '../src/server/listen.ts'
import { openApp, type TestApp } from './support/app.ts'
import { temporaryFolder } from './support/command.ts'
import { CRAFTED, HIDDEN } from './support/crafted.ts'
import { MARK, PROXIES, startProxy } from './support/proxies.ts'

interface Heard {
  readonly host: string
  readonly path: string
  readonly marked: boolean
  status: number
}

let behind: TestApp
let server: RunningServer
let port: number
let heard: Heard[] = []

beforeAll(async () => {
  behind = await openApp()
  const app = createApp({ store: behind.store, reportFault: error => behind.faults.push(error) })
  const listening: typeof app = {
    ...app,
    // What is no request is told of, and goes no further.
    listener(request, answer, patience) {
      const { headers, url = '' } = request
      const { pathname: path } = new URL(url, 'http://localhost')
      const marked = headers[MARK] !== undefined
      const one: Heard = { host: headers.host ?? '', path, marked, status: 0 }
      heard.push(one)
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
  heard = []
})
afterEach(() => expect(behind.faults).toEqual([]))

/** All that is answered until the connection is closed. */
function exchange(bytes: string, to = port): Promise<string> {
  const socket = connect(to, '127.0.0.1')
  socket.write(bytes, 'latin1')
  // Who is cut off may be reset.
  return text(socket).catch(() => '')
}

const served = () => heard.filter(({ status }) => status !== 421)

describe('a request that hides another', () => {
  test.each(CRAFTED)('by %s', async (_, bytes) => {
    const answer = await exchange(bytes)
    expect(heard.map(({ path }) => path)).not.toContain('/smuggled')
    expect(heard.length).toBeLessThanOrEqual(1)
    expect(served().map(({ host }) => host)).toEqual(served().map(() => 'localhost'))
    expect(answer).not.toMatch(/^HTTP\/1\.1 [23]/)
  })

  test('would be noticed', async () => {
    await exchange(HIDDEN.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'))
    expect(heard).toEqual([{ host: 'localhost', path: '/smuggled', marked: false, status: 404 }])
  })
})

describe('before the server', () => {
  for (const proxy of PROXIES) {
    const title = proxy.isThere ? proxy.name : `${proxy.name}, which is not installed here,`
    test.skipIf(!proxy.isThere)(`${title} and it agree where requests end`, async () => {
      using folder = temporaryFolder()
      const running = await startProxy(proxy, folder.path, port)
      try {
        const answers = await Promise.all(CRAFTED.map(([, bytes]) => exchange(bytes, running.port)))
        expect(answers.filter(answer => answer.startsWith('HTTP/1.1 ')).length).toBeGreaterThan(20)
        expect(await exchange(HIDDEN, running.port)).toMatch(/^HTTP\/1\.1 404 /)
      } finally {
        await running.stop()
      }
      expect(heard.filter(({ marked }) => !marked)).toEqual([])
      expect(new Set(served().map(({ host }) => host))).toEqual(new Set(['localhost']))
    })
  }
})

describe('requests sent ahead of their answers', () => {
  const ahead = (count: number) =>
    Array.from({ length: count }, (_, at) => `GET /n${at} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  const LAST = 'GET /last HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'

  test('are answered in their order', async () => {
    const answer = await exchange([...ahead(99), LAST].join(''))
    expect(answer.match(/HTTP\/1\.1 404 /g)).toHaveLength(100)
    expect(heard.map(({ path }) => path)).toEqual([
      ...Array.from({ length: 99 }, (_, at) => `/n${at}`),
      '/last',
    ])
  })

  test('are at most a hundred', async () => {
    await exchange(ahead(5_000).join(''))
    expect(heard.length).toBeLessThanOrEqual(101)
  })

  test('are forgotten behind one that is none', async () => {
    const answer = await exchange(
      `GET /n HTTP/1.1\r\nHost: localhost\r\n\r\nGET // HTTP/1.1\r\nHost: localhost\r\n\r\n${HIDDEN}`,
    )
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 404', 'HTTP/1.1 400'])
    expect(heard.map(({ path }) => path)).toEqual(['/n'])
  })
})
