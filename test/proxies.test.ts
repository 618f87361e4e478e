// The client's IP address of a request behind proxies, in the log, in audit records and in limits.

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
  ['no proxy is trusted', [], forwardedFor('192.0.2.1'), '127.0.0.1'],
  [
    'only another proxy is trusted',
    ['127.0.0.2', '10.0.0.0/8'],
    forwardedFor('192.0.2.1'),
    '127.0.0.1',
  ],
  ['the proxy is trusted', ['127.0.0.1'], forwardedFor('192.0.2.1'), '192.0.2.1'],
  ['the block of the proxy is trusted', ['127.0.0.0/8'], forwardedFor('192.0.2.1'), '192.0.2.1'],
  ['the proxy sends no address', ['127.0.0.0/8'], {}, '127.0.0.1'],
  [
    'the client forged earlier entries',
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
  ['all entries are proxies', ['127.0.0.0/8'], forwardedFor('127.0.0.9, 127.0.0.8'), '127.0.0.9'],
  ['the address has a port', ['127.0.0.1'], forwardedFor('192.0.2.1:4711'), '192.0.2.1'],
  ['the address is IPv6', ['127.0.0.1'], forwardedFor('2001:DB8:0::1'), '2001:db8::1'],
  [
    'the address is IPv6 with a port',
    ['127.0.0.1'],
    forwardedFor('[2001:db8::1]:4711'),
    '2001:db8::1',
  ],
  ['the address is IPv4 within IPv6', ['127.0.0.1'], forwardedFor('::ffff:192.0.2.1'), '192.0.2.1'],
  [
    'the last entry is not an address',
    ['127.0.0.1'],
    forwardedFor('192.0.2.1, unknown'),
    '127.0.0.1',
  ],
  ['all entries are empty', ['127.0.0.1'], forwardedFor(','), '127.0.0.1'],
  [
    'the entry before a trusted proxy is not an address',
    ['127.0.0.1', '10.0.0.0/8'],
    { forwarded: 'for=198.51.100.9, for="[2001:db8::1]:47, 11";proto=https, By=a;For=10.0.0.7' },
    '10.0.0.7',
  ],
  [
    'Forwarded has several entries',
    ['127.0.0.1', '10.0.0.0/8'],
    { forwarded: 'for=198.51.100.9, proto=https;for="[2001:db8::1]:4711" ,For=10.0.0.7' },
    '2001:db8::1',
  ],
  [
    'Forwarded hides the address',
    ['127.0.0.1'],
    { forwarded: 'for=192.0.2.1, for=_hidden' },
    '127.0.0.1',
  ],
  [
    'Forwarded has an unterminated quote',
    ['127.0.0.1'],
    { forwarded: 'for="192.0.2.1' },
    '127.0.0.1',
  ],
  [
    'both headers are sent, of which the client may have forged one',
    ['127.0.0.1'],
    { forwarded: 'for=198.51.100.9', 'x-forwarded-for': '192.0.2.1' },
    '192.0.2.1',
  ],
] as const)(
  'the log and the audit record have the right address if %s',
  async (_, trusted, headers, address) => {
    await serve(trusted)
    expect(await ask(headers)).toBe(401)
    expect(answered).toMatchObject([{ address, status: 401 }])
    expect(records).toMatchObject([{ event: 'access_denied', address }])
  },
)

/** How many wrong tokens get a 401 before the first 429, sent by clients with these addresses in turn. */
async function triesOf(...clients: readonly string[]): Promise<number> {
  for (let tries = 0; ; tries++) {
    const client = clients[tries % clients.length] ?? ''
    if ((await ask({ ...forwardedFor(client), 'x-auth-token': 'ilg_wrong' })) === 429) return tries
  }
}

test('the limit on wrong tokens applies to one client behind a proxy, and not to another', async () => {
  await serve(['127.0.0.1'])
  expect(await triesOf('192.0.2.1')).toBe(20)
  expect(await ask({ ...forwardedFor('192.0.2.2'), 'x-auth-token': 'ilg_wrong' })).toBe(401)
})

test('the limit on wrong tokens counts all IPv6 addresses of a /64 as one client, and the next /64 as another', async () => {
  await serve(['127.0.0.1'])
  expect(await triesOf('2001:db8:0:1::1', '2001:db8:0:1:ffff::2', '2001:db8:0:1::3')).toBe(20)
  expect(await ask({ ...forwardedFor('2001:db8:0:2::1'), 'x-auth-token': 'ilg_wrong' })).toBe(401)
})
