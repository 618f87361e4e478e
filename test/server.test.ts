// The app on a port, asked in ways that only a socket allows: no request, however broken, gets a stack or
// alarms the operator, and an orderly end is one.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createApp } from '../src/http/app.ts'
import { listen, type RunningServer } from '../src/http/server.ts'
import { openApp, type TestApp } from './support/app.ts'

let behind: TestApp
let server: RunningServer
let faults: unknown[]
let tokenLookedUp = () => {}

beforeEach(async () => {
  tokenLookedUp = () => {}
  behind = await openApp({
    onStatement: query => {
      if (query.includes('FROM tokens')) tokenLookedUp()
    },
  })
  faults = []
  const app = createApp({ store: behind.store, reportFault: error => faults.push(error) })
  server = await listen(app, '127.0.0.1', 0)
})

afterEach(async () => {
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
    ['a whole URL', 'GET http://127.0.0.1/health/live HTTP/1.1\r\nHost: a'],
    ['an asterisk', 'OPTIONS * HTTP/1.1\r\nHost: a'],
    ['no HTTP', 'Good morning'],
  ])('is refused with 400: %s', async (_, head) => {
    const answer = await exchange(head)
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
    expect(answer).not.toMatch(/node_modules|Error|\bat /)
    expect(faults).toEqual([])
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
