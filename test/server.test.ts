// The app on a port, with requests that only a socket can send: malformed ones are refused without a stack trace or a
// reported fault; also an orderly shutdown, and subscriptions.

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
let records: Answered[]
let tokenLookedUp = () => {}

beforeEach(async () => {
  tokenLookedUp = () => {}
  behind = await openApp({
    onStatement: query => {
      if (/from "?tokens/i.test(query)) tokenLookedUp()
    },
  })
  faults = []
  records = []
  const app = createApp({
    store: behind.store,
    reportFault: error => faults.push(error),
    hosts: HOSTS,
    answered: answered => records.push(answered),
  })
  server = await listen(app, '127.0.0.1', 0)
})

afterEach(async () => {
  vi.useRealTimers()
  await server.close()
  await behind.store.close()
})

describe('a malformed request', () => {
  test.each([
    ['a Host with a space', 'GET /graphql HTTP/1.1\r\nHost: a b'],
    ['an empty Host', 'GET /graphql HTTP/1.1\r\nHost: '],
    ['a Host with a path', 'GET /graphql HTTP/1.1\r\nHost: a/b?'],
    ['a Host with half an address', 'GET /health/live HTTP/1.1\r\nHost: [::'],
    ['a Host with an invalid address', 'GET /health/live HTTP/1.1\r\nHost: 999.1.1.1'],
    ['a Host with an invalid port', 'GET /health/live HTTP/1.1\r\nHost: a:99999'],
    ['no Host', 'GET /health/live HTTP/1.1\r\nAccept: */*'],
    ['two Hosts', 'GET /health/live HTTP/1.1\r\nHost: a\r\nHost: b'],
    ['a URL of another protocol', 'GET ftp://127.0.0.1/health/live HTTP/1.1\r\nHost: a'],
    ['a URL without a host', 'GET http:///health/live HTTP/1.1\r\nHost: a'],
    ['a path that is half a URL', 'GET //evil.example/graphql HTTP/1.1\r\nHost: a'],
    ['an asterisk as its path', 'OPTIONS * HTTP/1.1\r\nHost: a'],
    ['text that is not HTTP', 'Good morning'],
    ['an invalid name of a header', 'GET /graphql HTTP/1.1\r\nHost: a\r\n<b>: c'],
    ['two lengths', 'POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2'],
    ['an unknown expectation', 'GET /health/live HTTP/1.1\r\nHost: a\r\nExpect: more', 417],
    [
      'headers that are too long',
      `GET /health/live HTTP/1.1\r\nHost: a\r\nMuch: ${'x'.repeat(20_000)}`,
      431,
    ],
  ])('with %s is refused, and has one record with its ID', async (_, head, status = 400) => {
    const answer = await exchange(head)
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} \\w`))
    expect(answer).not.toMatch(/node_modules|Error|\bat /)
    expect(faults).toEqual([])
    const [, body = ''] = answer.split('\r\n\r\n')
    const [{ extensions }] = JSON.parse(body).errors
    expect(records).toMatchObject([{ status, codes: [extensions.code], viewerId: null }])
    expect(answer).toContain(`x-request-id: ${records[0]?.requestId}\r\n`)
  })

  test('that is never completed is refused after a timeout, and has a record', async () => {
    await server.close()
    const app = createApp({
      store: behind.store,
      reportFault: error => faults.push(error),
      answered: answered => records.push(answered),
    })
    server = await listen(app, '127.0.0.1', 0, { head: 100, request: 100 })
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    socket.write('GET /health/live HTTP/1.1\r\n')
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 408 /)
    expect(records).toMatchObject([{ status: 408, path: 'other', codes: ['LIMIT_EXCEEDED'] }])
  })
})

test.each(['a', '127.0.0.1:4000', '[::1]:4000', 'iam_logs.example'])(
  'a request with the Host %s is accepted',
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
])('a query with the content type %s is accepted', async type => {
  const token = await behind.token()
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': type, 'x-auth-token': token },
    body: '{"query":"{ __typename }"}',
  })
  expect(await response.json()).toEqual({ data: { __typename: 'Query' } })
})

test.each([
  [
    'its length is in the header',
    (body: string) => `Content-Length: ${body.length}\r\n\r\n${body}`,
  ],
  [
    'it is sent in chunks',
    (body: string) =>
      `Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
  ],
])('a body that is too long is refused if %s', async (_, framed) => {
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

test('a client that disconnects in the middle of a request causes one record, and no reported fault', async () => {
  const received = new Promise<void>(resolve => {
    tokenLookedUp = resolve
  })
  const head =
    'POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 99'
  const socket = send(`${head}\r\nX-Auth-Token: ${await behind.token()}`)
  await received
  socket.end()
  await text(socket)
  await server.close()
  expect(records).toMatchObject([{ status: 499, path: 'graphql' }])
  expect(faults).toEqual([])
})

test('a server that stops answers requests that have begun, closes idle connections, and then accepts none', async () => {
  const head =
    'POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 26'
  const received = new Promise<void>(resolve => {
    tokenLookedUp = resolve
  })
  const socket = send(`${head}\r\nX-Auth-Token: ${await behind.token()}`)
  const answer = text(socket)
  await received
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

/** How long requests in progress may take after the server was told to stop, in milliseconds. */
const GRACE = 9_000

test('a server that stops still answers a new request at first, and gives requests in progress nine seconds', async () => {
  const head = () =>
    `POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 26\r\nX-Auth-Token: ${token}`
  const token = await behind.token()
  const sockets: Socket[] = []
  for (let one = 0; one < 2; one++) {
    const received = new Promise<void>(resolve => {
      tokenLookedUp = resolve
    })
    sockets.push(send(head()))
    await received
  }
  const [late, never] = sockets as [Socket, Socket]
  const answers = [text(late), text(never).catch(() => '')]
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  const closed = server.close()
  // New connections are accepted until there are none for a while.
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
  /** Replaces the server by one with these limits on streams. */
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

  /** Subscribes through a socket that reads nothing after the beginning of the response. */
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

  test('delivers events as they arrive, uncompressed', async () => {
    await serve()
    const listener = await listenTo()
    expect(listener.response.headers.get('content-encoding')).toBeNull()
    for (const next of [event(), event()]) {
      await behind.store.append([next])
      expect(await listener.next()).toMatchObject({ id: next.id, event: 'next' })
    }
    await listener.leave()
  })

  test('ends without an error when the server stops', async () => {
    await serve()
    const listeners = [await listenTo(), await listenTo(), await listenTo()]
    await server.close()
    for (const listener of listeners) {
      expect(await listener.rest()).toEqual([])
    }
    expect(faults).toEqual([])
  })

  test('ends when its client disconnects, so that another may begin', async () => {
    await serve({ most: 1 })
    const leaving = new AbortController()
    const listener = await listenTo(leaving.signal)
    expect(await listener.block()).toMatch(HEARTBEAT)
    expect((await listenTo()).response.status).toBe(429)
    leaving.abort()
    await expect.poll(async () => (await listenTo()).response.status).toBe(200)
    expect(faults).toEqual([])
  })

  const LONG_AGENT = 'x'.repeat(200_000)

  test('ends when its client reads nothing, and its connection does not delay the end of the server', async () => {
    await serve({ most: 1, patience: 20 })
    const socket = await subscribeUnread()
    expect((await listenTo()).response.status).toBe(429)
    // More than the buffers between client and server can hold.
    await behind.store.append(Array.from({ length: 150 }, () => event({ userAgent: LONG_AGENT })))
    await expect.poll(async () => (await listenTo()).response.status).toBe(200)
    // The server must close before it cuts all connections.
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

/** The response to a request with `Connection: close`. */
function exchange(head: string): Promise<string> {
  return text(send(`${head}\r\nConnection: close`))
}
