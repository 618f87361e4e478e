// Whose address a request has behind proxies: in the log, in audit records and in limits.

import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AuditRecord } from '../src/audit-record.ts'
import { createApp } from '../src/server/app.ts'
import { listen, type RunningServer } from '../src/server/listen.ts'
import type { Answered } from '../src/server/request-context.ts'
import { openApp, type TestApp } from './support/app.ts'

let behind: TestApp
let server: RunningServer
let answered: Answered[]
let records: AuditRecord[]

beforeEach(async () => {
  behind = await openApp()
  answered = []
  records = []
})

afterEach(async () => {
  await server.close()
  await behind.store.close()
  expect(behind.faults).toEqual([])
})

async function serve(trustedProxies: readonly string[]): Promise<void> {
  const app = createApp({
    store: behind.store,
    reportFault: error => behind.faults.push(error),
    answered: one => answered.push(one),
    audit: record => records.push(record),
    trustedProxies,
  })
  server = await listen(app, '127.0.0.1', 0)
}

async function ask(headers: Record<string, string>): Promise<number> {
  const response = await fetch(`${server.url}/feed/x`, { headers })
  await response.text()
  return response.status
}

const forwardedFor = (list: string) => ({ 'x-forwarded-for': list })

test.each([
  ['nobody is trusted', [], forwardedFor('192.0.2.1'), '127.0.0.1'],
  ['another is trusted', ['127.0.0.2', '10.0.0.0/8'], forwardedFor('192.0.2.1'), '127.0.0.1'],
  ['the proxy is trusted', ['127.0.0.1'], forwardedFor('192.0.2.1'), '192.0.2.1'],
  ['its block is trusted', ['127.0.0.0/8'], forwardedFor('192.0.2.1'), '192.0.2.1'],
  ['it says nothing', ['127.0.0.0/8'], {}, '127.0.0.1'],
  [
    'a client wrote some itself',
    ['127.0.0.1'],
    forwardedFor('198.51.100.9, 127.0.0.1, 192.0.2.1'),
    '192.0.2.1',
  ],
  [
    'there are several proxies',
    ['127.0.0.1', '2001:db8::/32'],
    forwardedFor('198.51.100.9,192.0.2.1 , 2001:db8::7'),
    '192.0.2.1',
  ],
  ['all are proxies', ['127.0.0.0/8'], forwardedFor('127.0.0.9, 127.0.0.8'), '127.0.0.9'],
  ['there is a port', ['127.0.0.1'], forwardedFor('192.0.2.1:4711'), '192.0.2.1'],
  ['it is IPv6', ['127.0.0.1'], forwardedFor('2001:DB8:0::1'), '2001:db8::1'],
  ['it is IPv6 with a port', ['127.0.0.1'], forwardedFor('[2001:db8::1]:4711'), '2001:db8::1'],
  ['it is IPv4 within IPv6', ['127.0.0.1'], forwardedFor('::ffff:192.0.2.1'), '192.0.2.1'],
  ['it is no address', ['127.0.0.1'], forwardedFor('192.0.2.1, unknown'), '127.0.0.1'],
  ['it is nothing', ['127.0.0.1'], forwardedFor(','), '127.0.0.1'],
  [
    'what was told to the last proxy is no address',
    ['127.0.0.1', '10.0.0.0/8'],
    { forwarded: 'for=198.51.100.9, for="[2001:db8::1]:47, 11";proto=https, By=a;For=10.0.0.7' },
    '10.0.0.7',
  ],
  [
    'Forwarded has several',
    ['127.0.0.1', '10.0.0.0/8'],
    { forwarded: 'for=198.51.100.9, proto=https;for="[2001:db8::1]:4711" ,For=10.0.0.7' },
    '2001:db8::1',
  ],
  ['Forwarded hides it', ['127.0.0.1'], { forwarded: 'for=192.0.2.1, for=_hidden' }, '127.0.0.1'],
  ['Forwarded has half a text', ['127.0.0.1'], { forwarded: 'for="192.0.2.1' }, '127.0.0.1'],
  [
    'there are both, of which the client may have written one',
    ['127.0.0.1'],
    { forwarded: 'for=198.51.100.9', 'x-forwarded-for': '192.0.2.1' },
    '192.0.2.1',
  ],
] as const)('the address is the right one where %s', async (_, trusted, headers, address) => {
  await serve(trusted)
  expect(await ask(headers)).toBe(401)
  expect(answered).toMatchObject([{ address, status: 401 }])
  expect(records).toMatchObject([{ event: 'access_denied', address }])
})

/** How often a wrong token is taken until one has to wait, of clients with these addresses in turn. */
async function triesOf(...clients: readonly string[]): Promise<number> {
  for (let tries = 0; ; tries++) {
    const client = clients[tries % clients.length] ?? ''
    if ((await ask({ ...forwardedFor(client), 'x-auth-token': 'ilg_wrong' })) === 429) return tries
  }
}

test('who tries wrong tokens behind a proxy is told to wait, and others there are not', async () => {
  await serve(['127.0.0.1'])
  expect(await triesOf('192.0.2.1')).toBe(20)
  expect(await ask({ ...forwardedFor('192.0.2.2'), 'x-auth-token': 'ilg_wrong' })).toBe(401)
})

test('all addresses of a /64 are one client, and the next /64 is another', async () => {
  await serve(['127.0.0.1'])
  expect(await triesOf('2001:db8:0:1::1', '2001:db8:0:1:ffff::2', '2001:db8:0:1::3')).toBe(20)
  expect(await ask({ ...forwardedFor('2001:db8:0:2::1'), 'x-auth-token': 'ilg_wrong' })).toBe(401)
})
