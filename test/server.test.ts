// The app on a port, asked in ways that only a socket allows: no request, however broken, gets a stack or
// alarms the operator, and an orderly end is one.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type AppOptions, createApp } from '../src/server/app.ts'
import { listen, type RunningServer } from '../src/server/listen.ts'
import type { Answered } from '../src/server/request-context.ts'
import { openApp, type TestApp } from './support/app.ts'
import { event, ORGANIZATION } from './support/events.ts'
import { EVENTS, HEARTBEAT, type Listener, subscribe } from './support/streams.ts'

let behind: TestApp
const HOSTS = ['a', 'iam_logs.example']

let server: RunningServer
let faults: unknown[]
let told: Answered[]
let tokenLookedUp = () => {}

beforeEach(async () => {
  tokenLookedUp = () => {}
  behind = await openApp({
    onStatement: query => {
      if (/from "?tokens/i.test(query)) tokenLookedUp()
    },
  })
  faults = []
  told = []
  const app = createApp({
    store: behind.store,
    reportFault: error => faults.push(error),
    hosts: HOSTS,
    answered: answered => told.push(answered),
  })
  server = await listen(app, '127.0.0.1', 0)
})

afterEach(async () => {
  vi.useRealTimers()
  await server.close()
  await behind.store.close()
})

describe('a request that is none', () => {
  test.each([
    ['a Host with a space', 'GET /graphql HTTP/1.1\r\nHost: a b'],
    ['an empty Host', 'GET /graphql HTTP/1.1\r\nHost: '],
    ['a Host with a path', 'GET /graphql HTTP/1.1\r\nHost: a/b?'],
    ['half an address', 'GET /health/live HTTP/1.1\r\nHost: [::'],
    ['an address that is none', 'GET /health/live HTTP/1.1\r\nHost: 999.1.1.1'],
    ['a port that is none', 'GET /health/live HTTP/1.1\r\nHost: a:99999'],
    ['no Host', 'GET /health/live HTTP/1.1\r\nAccept: */*'],
    ['two Hosts', 'GET /health/live HTTP/1.1\r\nHost: a\r\nHost: b'],
    ['a URL of another kind', 'GET ftp://127.0.0.1/health/live HTTP/1.1\r\nHost: a'],
    ['a URL without a host', 'GET http:///health/live HTTP/1.1\r\nHost: a'],
    ['a path that is half a URL', 'GET //evil.example/graphql HTTP/1.1\r\nHost: a'],
    ['an asterisk', 'OPTIONS * HTTP/1.1\r\nHost: a'],
    ['no HTTP', 'Good morning'],
    ['a name of no header', 'GET /graphql HTTP/1.1\r\nHost: a\r\n<b>: c'],
    ['two lengths', 'POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2'],
    ['what nobody expects', 'GET /health/live HTTP/1.1\r\nHost: a\r\nExpect: more', 417],
    ['much', `GET /health/live HTTP/1.1\r\nHost: a\r\nMuch: ${'x'.repeat(20_000)}`, 431],
  ])('is refused, and told of once by its ID: %s', async (_, head, status = 400) => {
    const answer = await exchange(head)
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} \\w`))
    expect(answer).not.toMatch(/node_modules|Error|\bat /)
    expect(faults).toEqual([])
    const [, body = ''] = answer.split('\r\n\r\n')
    const [{ extensions }] = JSON.parse(body).errors
    expect(told).toMatchObject([{ status, codes: [extensions.code], viewerId: null }])
    expect(answer).toContain(`x-request-id: ${told[0]?.requestId}\r\n`)
  })

  test('is told of where it never comes', async () => {
    await server.close()
    const app = createApp({
      store: behind.store,
      reportFault: error => faults.push(error),
      answered: answered => told.push(answered),
    })
    server = await listen(app, '127.0.0.1', 0, { head: 100, request: 100 })
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    socket.write('GET /health/live HTTP/1.1\r\n')
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 408 /)
    expect(told).toMatchObject([{ status: 408, path: 'other', codes: ['LIMIT_EXCEEDED'] }])
  })
})

test.each(['a', '127.0.0.1:4000', '[::1]:4000', 'iam_logs.example'])(
  'a Host may be %s',
  async host => {
    const answer = await exchange(`GET /health/live HTTP/1.1\r\nHost: ${host}`)
    expect(answer).toMatch(/^HTTP\/1\.1 200 /)
  },
)

test.each([
  'application/json',
  'APPLICATION/JSON',
  'application/json;charset=utf-8',
  'Application/json ; charset=UTF-8',
])('the type of a question may be spelt %s', async type => {
  const token = await behind.token()
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': type, 'x-auth-token': token },
    body: '{"query":"{ __typename }"}',
  })
  expect(await response.json()).toEqual({ data: { __typename: 'Query' } })
})

test.each([
  ['says so', (body: string) => `Content-Length: ${body.length}\r\n\r\n${body}`],
  [
    'does not say so',
    (body: string) =>
      `Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
  ],
])('a body that is too long is refused, whether it %s', async (_, framed) => {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  const answer = text(socket)
  const body = JSON.stringify({ query: `{ __typename } # ${'long '.repeat(60_000)}` })
  const token = `X-Auth-Token: ${await behind.token()}`
  const head = `POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n${token}`
  socket.write(`${head}\r\nConnection: close\r\n${framed(body)}`)
  expect(await answer).toMatch(
    /^HTTP\/1\.1 413 .*"the request body is longer than 262,144 bytes.*"LIMIT_EXCEEDED"/s,
  )
  expect(faults).toEqual([])
})

test('who hangs up in the middle of a question alarms nobody', async () => {
  const heard = new Promise<void>(resolve => {
    tokenLookedUp = resolve
  })
  const head =
    'POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 99'
  const socket = send(`${head}\r\nX-Auth-Token: ${await behind.token()}`)
  await heard
  socket.end()
  await text(socket)
  await server.close()
  expect(faults).toEqual([])
})

test('a server that is told to stop answers what it has begun to hear, and then nothing', async () => {
  const head =
    'POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 26'
  const heard = new Promise<void>(resolve => {
    tokenLookedUp = resolve
  })
  const socket = send(`${head}\r\nX-Auth-Token: ${await behind.token()}`)
  const answer = text(socket)
  await heard
  const silent = connect(Number(new URL(server.url).port), '127.0.0.1')
  await once(silent, 'connect')
  const closed = server.close()
  await once(silent, 'close')
  socket.write('{"query":"{ __typename }"}')
  expect(await answer).toContain('{"data":{"__typename":"Query"}}')
  await closed
  const late = connect(Number(new URL(server.url).port), '127.0.0.1')
  const [error] = await once(late, 'error')
  expect(error.code).toBe('ECONNREFUSED')
})

/** How long what is under way may go on after the end, in milliseconds. */
const GRACE = 9_000

test('who asks right at the end is answered, and what is under way has nine seconds', async () => {
  const head = () =>
    `POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 26\r\nX-Auth-Token: ${token}`
  const token = await behind.token()
  const sockets: Socket[] = []
  for (let one = 0; one < 2; one++) {
    const heard = new Promise<void>(resolve => {
      tokenLookedUp = resolve
    })
    sockets.push(send(head()))
    await heard
  }
  const [late, never] = sockets as [Socket, Socket]
  const answers = [text(late), text(never).catch(() => '')]
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  const closed = server.close()
  // Until some time is over in which nobody asks.
  expect(await exchange('GET /health/live HTTP/1.1\r\nHost: a')).toMatch(/^HTTP\/1.1 200 .*live/s)
  await vi.advanceTimersByTimeAsync(GRACE - 1)
  late.write('{"query":"{ __typename }"}')
  expect(await answers[0]).toContain('{"data":{"__typename":"Query"}}')
  expect(never.closed).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  vi.useRealTimers()
  await closed
  expect(await answers[1]).toBe('')
  expect(faults).toEqual([])
})

describe('a subscription', () => {
  /** A server of its own, with these limits on streams. */
  async function serve(streams: AppOptions['streams'] = {}): Promise<void> {
    await server.close()
    await behind.store.append([event()])
    const report = (fault: unknown) => faults.push(fault)
    const app = createApp({ store: behind.store, reportFault: report, streams, hosts: HOSTS })
    server = await listen(app, '127.0.0.1', 0)
  }

  async function listenTo(signal?: AbortSignal): Promise<Listener> {
    const token = await behind.token()
    const door = (path: string, init: RequestInit) => fetch(`${server.url}${path}`, init)
    return subscribe(door, { token, ...(signal && { signal }) })
  }

  /** The same by a socket that sees the answer begin and then reads no more. */
  async function subscribeUnread(): Promise<Socket> {
    const query = EVENTS.replace(/\{ id[^}]*\}/, '{ id userAgent }')
    const body = JSON.stringify({ query, variables: { organizationId: ORGANIZATION } })
    const lines = [
      'POST /graphql HTTP/1.1',
      'Host: a',
      'Accept: text/event-stream',
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
      `X-Auth-Token: ${await behind.token()}`,
    ]
    const socket = send(lines.join('\r\n'))
    socket.write(body)
    await once(socket, 'readable')
    return socket
  }

  test('tells events as they arrive, through a socket', async () => {
    await serve()
    const listener = await listenTo()
    expect(listener.response.headers.get('content-encoding')).toBeNull()
    for (const next of [event(), event()]) {
      await behind.store.append([next])
      expect(await listener.next()).toMatchObject({ id: next.id, event: 'next' })
    }
    await listener.leave()
  })

  test('does not hold up the end of the server, and ends whole', async () => {
    await serve()
    const listeners = [await listenTo(), await listenTo(), await listenTo()]
    await server.close()
    for (const listener of listeners) {
      expect(await listener.rest()).toEqual([])
    }
    expect(faults).toEqual([])
  })

  test('of a client that hangs up is let go of at once', async () => {
    await serve({ most: 1 })
    const leaving = new AbortController()
    const listener = await listenTo(leaving.signal)
    expect(await listener.block()).toMatch(HEARTBEAT)
    expect((await listenTo()).response.status).toBe(429)
    leaving.abort()
    await expect.poll(async () => (await listenTo()).response.status).toBe(200)
    expect(faults).toEqual([])
  })

  const LONG = 'x'.repeat(200_000)

  test('of a client that reads nothing is let go of, and its connection ends though it never drains', async () => {
    await serve({ most: 1, patience: 20 })
    const socket = await subscribeUnread()
    expect((await listenTo()).response.status).toBe(429)
    // More than the buffers between the two hold.
    await behind.store.append(Array.from({ length: 150 }, () => event({ userAgent: LONG })))
    await expect.poll(async () => (await listenTo()).response.status).toBe(200)
    // Before the time is over in which all is cut off.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    const closed = server.close()
    await vi.advanceTimersByTimeAsync(GRACE - 1)
    await closed
    vi.useRealTimers()
    socket.destroy()
    expect(faults).toEqual([])
  })
})

/** Sends these lines as the head of a request. */
function send(head: string): Socket {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  socket.write(`${head}\r\n\r\n`)
  return socket
}

/** The whole answer to a request that says it is the last on its connection. */
function exchange(head: string): Promise<string> {
  return text(send(`${head}\r\nConnection: close`))
}
