// Exports over HTTP, GET /export/ORGANIZATION.FORMAT: content, permissions, filters, continuing a truncated file, invalid
// requests, limits, and what happens when an export ends early.

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { formatInstant } from '../src/instant.ts'
import { createApp } from '../src/server/app.ts'
import { listen } from '../src/server/listen.ts'
import type { StreamLimits } from '../src/server/streams.ts'
import { EXPORT_FORMATS } from '../src/transfer/export-formats.ts'
import { verifyExport } from '../src/transfer/exported-file.ts'
import { openApp, type TestApp } from './support/app.ts'
import { temporaryFolder } from './support/command.ts'
import { at, event, ORGANIZATION, OTHER_ORGANIZATION, uuid } from './support/events.ts'
import { ROWS_OF } from './support/exported-rows.ts'
import { EXPORT_ENDINGS } from './support/paths.ts'
import { application, user } from './support/people.ts'

const START = at('2026-01-01T00:00:00Z')

let gateway: TestApp
let owner: string
let statements: string[]

beforeEach(async () => {
  statements = []
  gateway = await openApp({ onStatement: text => statements.push(text) })
  owner = await gateway.token()
})

afterEach(() => gateway.store.close())

/** Events one minute apart, stored in another order than that of their dates. */
function history(count: number) {
  const events = Array.from({ length: count }, (_, number) => {
    const createdAt = START + ((number * 7919) % count) * 60_000_000
    return event({ createdAt, principalId: uuid(number % 3), userAgent: `client/${number % 5}` })
  })
  return events
}

function ask(path: string, token = owner, method = 'GET'): Promise<Response> {
  return gateway.fetch(path, { method, headers: { 'x-auth-token': token } })
}

function linesOf(text: string) {
  return text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
}

const PATH = `/export/${ORGANIZATION}.ndjson`

test('an export has every event once, oldest first, with its principal, and a trailer with the SHA-256 of the rows', async () => {
  const events = history(1200)
  await gateway.store.append(events)
  await gateway.store.updateDirectory({
    organizationId: ORGANIZATION,
    kind: 'user',
    entries: [user()],
    complete: true,
  })
  const response = await ask(PATH)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('application/x-ndjson')
  expect(response.headers.get('content-disposition')).toBe(
    `attachment; filename="iam-logs-${ORGANIZATION}.ndjson"`,
  )
  const text = await response.text()
  const rows = linesOf(text)
  const { iam_logs_export: trailer } = rows.pop()
  const byDate = events.toSorted((a, b) => a.createdAt - b.createdAt)
  expect(rows.map(({ id }) => id)).toEqual(byDate.map(({ id }) => id))
  const [row] = rows.filter(({ bearer_id: bearer }) => bearer === uuid(1))
  const same = events.find(({ id }) => id === row.id)
  expect(row).toEqual({
    id: same?.id,
    created_at: formatInstant(same?.createdAt ?? 0),
    action: 'created',
    resource_type: 'application',
    resource_id: same?.resourceId,
    resource_name: null,
    bearer_id: uuid(1),
    principal_kind: 'user',
    principal_name: 'Ada Lovelace',
    ip: '192.0.2.1',
    user_agent: same?.userAgent,
    organization_id: ORGANIZATION,
    recorded_at: expect.stringMatching(/^20\d\d-.*000Z$/),
  })
  expect(trailer).toMatchObject({
    organization_id: ORGANIZATION,
    snapshot: events.at(-1)?.id,
    events: 1200,
    first: byDate[0]?.id,
    last: byDate.at(-1)?.id,
  })
  // As `head -c -68 | sha256sum` calculates it.
  const hashed = Buffer.from(text).subarray(0, -68)
  expect(createHash('sha256').update(hashed).digest('hex')).toBe(trailer.sha256)
})

test('an export over several years ends after a limited number of SQL statements, even if every read seems slow', async () => {
  const YEAR = 365 * 86_400_000_000
  const some = [0, 1, 2].map(year => event({ createdAt: START + year * YEAR }))
  await gateway.store.append(some)
  let time = performance.now()
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => {
    time += 2_000
    return time
  })
  try {
    statements = []
    const rows = linesOf(await (await ask(`${PATH}?userAgent=/`)).text())
    expect(rows.slice(0, -1).map(({ id }) => id)).toEqual(some.map(({ id }) => id))
  } finally {
    clock.mockRestore()
  }
  expect(statements.length).toBeLessThan(30_000)
})

test('an export in any format shows names only to viewers who may see them, and Unknown to others', async () => {
  await gateway.store.append([
    event({ principalId: uuid(1), resourceId: uuid(2) }),
    event({ principalId: '00000000-0000-0000-0000-000000000000' }),
  ])
  const listing = { organizationId: ORGANIZATION, complete: true }
  await gateway.store.updateDirectory({ ...listing, kind: 'user', entries: [user()] })
  await gateway.store.updateDirectory({ ...listing, kind: 'application', entries: [application()] })
  const auditor = await gateway.token(['AuditTrailReadOnly'])
  for (const { name, extension } of EXPORT_FORMATS) {
    const path = `/export/${ORGANIZATION}${extension}?trailer=no`
    const principals = (text: string) => ROWS_OF[name](text).map(row => row.principal_name)
    const all = await (await ask(path)).text()
    expect(principals(all)).toEqual(['Ada Lovelace', 'Scaleway'])
    expect(all).toMatch(/terraform/)
    const seen = await (await ask(path, auditor)).text()
    expect(seen).not.toMatch(/Ada|terraform/)
    expect(principals(seen)).toEqual(['Unknown', 'Scaleway'])
  }
})

test.each([
  ['actions=DELETED', 'actions: [DELETED]'],
  ['actions=created,updated', 'actions: [CREATED, UPDATED]'],
  ['actions=created&actions=updated', 'actions: [CREATED, UPDATED]'],
  ['categories=API_KEY', 'categories: [API_KEY]'],
  [`principalIds=${uuid(1).toUpperCase()}`, `principalIds: ["${uuid(1)}"]`],
  ['resourceIds=SCWAAAAAAAAAAAAAAAAA', 'resourceIds: ["SCWAAAAAAAAAAAAAAAAA"]'],
  ['ipAddresses=198.51.100.0/24', 'ipAddresses: ["198.51.100.0/24"]'],
  [
    'ipAddresses=198.51.100.0/29&ipAddresses=10.0.0.1',
    'ipAddresses: ["198.51.100.0/29", "10.0.0.1"]',
  ],
  [
    'notActions=created&notIpAddresses=198.51.100.0/24',
    'not: { actions: [CREATED], ipAddresses: ["198.51.100.0/24"] }',
  ],
  [
    'notUserAgents=a,b&notUserAgents=CURL&notCategories=user,group',
    'not: { userAgents: ["a,b", "CURL"], categories: [USER, GROUP] }',
  ],
  ['userAgent=CURL', 'userAgent: "CURL"'],
  ['createdAfter=2026-01-01T01:00:00%2B01:00', 'createdAfter: "2026-01-01T00:00:00Z"'],
  [
    'createdAfter=2026-01-01T00:10:00Z&createdBefore=2026-01-01T00:20:00Z',
    'createdAfter: "2026-01-01T00:10:00Z", createdBefore: "2026-01-01T00:20:00Z"',
  ],
])(
  'the parameters %s select the same events as the filter %s in the graph',
  async (parameters, filter) => {
    await gateway.store.append(
      history(60).map((event, number) => ({
        ...event,
        action: ['created', 'updated', 'deleted', 'archived'][number % 4] ?? '',
        category: number % 7 === 0 ? 'api_key' : 'group',
        resourceId: number % 7 === 0 ? 'SCWAAAAAAAAAAAAAAAAA' : event.resourceId,
        ipAddress: number % 5 === 0 ? '198.51.100.7' : '192.0.2.1',
        userAgent: number % 6 === 0 ? 'curl/8.0' : null,
      })),
    )
    const { data } = await gateway.ask(`{ organizations {
    events(first: 100, orderBy: CREATED_AT_ASC, filter: { ${filter} }) { nodes { id: eventId } } } }`)
    const wanted = data.organizations[0].events.nodes.map(({ id }: { id: string }) => id)
    const rows = linesOf(await (await ask(`${PATH}?${parameters}`)).text())
    expect(rows.slice(0, -1).map(({ id }) => id)).toEqual(wanted)
    expect(wanted.length).toBeGreaterThan(0)
  },
)

test('an export contains no event stored after it began, and a second request for its snapshot returns the same bytes', async () => {
  const events = history(3000)
  await gateway.store.append(events)
  const response = await ask(PATH)
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    await gateway.store.append([
      event({ createdAt: START - 1 }),
      event({ createdAt: START + 1_000_000 }),
      event({ createdAt: START + 2999 * 60_000_000 - 1 }),
      event({ createdAt: START + 9999 * 60_000_000 }),
    ])
  }
  const ids = linesOf(text)
    .slice(0, -1)
    .map(({ id }) => id)
  expect(ids.toSorted()).toEqual(events.map(({ id }) => id).toSorted())
  const again = await ask(PATH + response.headers.get('content-location'))
  expect(await again.text()).toBe(text)
  const later = linesOf(await (await ask(PATH)).text())
  expect(later.length).toBeGreaterThan(3001)
})

test.each(EXPORT_ENDINGS)(
  'a truncated export as %s can be continued to the same bytes, wherever it was truncated',
  async extension => {
    using folder = temporaryFolder()
    await gateway.store.append(
      history(1300).map(event => ({ ...event, userAgent: 'a "quoted"\r\n=1+1, agent' })),
    )
    const path = `/export/${ORGANIZATION}${extension}?actions=CREATED`
    const response = await ask(path)
    const snapshot = `${path.split('?')[0]}${response.headers.get('content-location')}`
    const complete = Buffer.from(await response.arrayBuffer())
    await gateway.store.append(history(10))
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 5000, max: complete.length - 1 }), async length => {
        const file = join(folder.path, 'part')
        writeFileSync(file, complete.subarray(0, length))
        const verified = await verifyExport(file)
        const fault = 'fault' in verified ? verified.fault : ''
        const [, bytes, last] = /in (\d+) bytes, the last ([0-9a-f-]{36}),/.exec(fault) ?? []
        expect(Number(bytes)).toBeLessThanOrEqual(length)
        const rest = await ask(`${snapshot}&after=${last}`)
        const both = [complete.subarray(0, Number(bytes)), Buffer.from(await rest.arrayBuffer())]
        expect(Buffer.concat(both).equals(complete)).toBe(true)
      }),
      { numRuns: 25 },
    )
    writeFileSync(join(folder.path, 'complete'), complete)
    expect(await verifyExport(join(folder.path, 'complete'))).toMatchObject({ events: 1300 })
  },
)

test('the export of an Organization without events has only a trailer, with CSV after its header', async () => {
  await gateway.store.nameOrganization({ id: ORGANIZATION, name: 'New' })
  const [{ iam_logs_export: trailer }] = linesOf(await (await ask(PATH)).text())
  expect(trailer).toMatchObject({ events: 0, first: null, last: null })
  const csv = await (await ask(`/export/${ORGANIZATION}.csv`)).text()
  expect(csv).toMatch(/^id,created_at,.*\r\n#end,events=0,first=,last=,.*\r\n$/)
})

describe('a request for an export is refused', () => {
  test('without a token or with a wrong one', async () => {
    expect((await gateway.fetch(PATH)).status).toBe(401)
    expect((await ask(PATH, 'wrong')).status).toBe(401)
  })

  test('with the same bytes for a hidden Organization and one that does not exist', async () => {
    await gateway.store.append([event(), event({ organizationId: OTHER_ORGANIZATION })])
    const responseFor = async (token: string, id: string, query = '') => {
      const response = await ask(`/export/${id}.csv${query}`, token)
      const headers = [...response.headers].filter(
        ([name]) => name !== 'date' && name !== 'x-request-id',
      )
      return [response.status, headers, (await response.text()).replaceAll(id, 'ID')]
    }
    const withoutEvents = await gateway.token(['IAMUserReadOnly'])
    const missing = await responseFor(owner, uuid(404))
    expect(missing[0]).toBe(404)
    expect(await responseFor(owner, OTHER_ORGANIZATION)).toEqual(missing)
    expect(await responseFor(withoutEvents, ORGANIZATION)).toEqual(missing)
    const continued = `?snapshot=${uuid(1)}&after=${uuid(2)}`
    expect(await responseFor(owner, OTHER_ORGANIZATION, continued)).toEqual(missing)
  })

  test.each([
    ['?actoins=DELETED', /"actoins" is not a parameter; the parameters are createdAfter, /],
    ['?__proto__=1', /"__proto__" is not a parameter/],
    ['?actions=REMOVED', /actions: "REMOVED" is not one of CREATED, /],
    ['?actions=', /actions has an empty value/],
    ['?createdAfter=yesterday', /createdAfter: "yesterday" is not a date/],
    [
      '?createdAfter=2026-01-01T00:00:00%2B02:00&createdAfter=2026-01-01T00:00:00Z',
      /given several/,
    ],
    ['?ipAddresses=1.2.3', /ipAddresses: "1.2.3" is neither/],
    [`?principalIds=${'a,'.repeat(100)}a`, /principalIds has 101 items/],
    [`?userAgent=${'a'.repeat(257)}`, /userAgent has 257 characters/],
    [`?snapshot=${uuid(404)}`, /snapshot: .* is not an event of this Organization/],
    ['?snapshot=nonsense', /snapshot: "nonsense" is not an event/],
    [`?after=${uuid(1)}`, /after requires snapshot;/],
    ['?snapshot=FIRST&after=nonsense', /after: "nonsense" is not an event of this export/],
    ['?snapshot=FIRST&after=SECOND', /is not an event of this export/],
  ])('with the query %s', async (query, message) => {
    const [first, second] = [event(), event()]
    await gateway.store.append([first])
    await gateway.store.append([second])
    const response = await ask(PATH + query.replace('FIRST', first.id).replace('SECOND', second.id))
    const { errors } = JSON.parse(await response.text())
    expect(response.status).toBe(400)
    expect(errors[0].message).toMatch(message)
  })

  test('without a known format, with the paths of all formats', async () => {
    const paths = EXPORT_ENDINGS.map(ending => `/export/ORGANIZATION${ending}`)
    for (const path of [`/export/${ORGANIZATION}`, `/export/${ORGANIZATION}.xlsx`, '/export/%']) {
      const response = await ask(path)
      expect([path, response.status]).toEqual([path, 404])
      expect(JSON.parse(await response.text()).errors[0].message).toBe(
        `path not found; exports are at ${paths.join(', ')}`,
      )
    }
  })

  test('with another method than GET and HEAD; HEAD returns the headers of GET', async () => {
    await gateway.store.append([event()])
    expect((await ask(PATH, owner, 'POST')).status).toBe(405)
    const head = await ask(PATH, owner, 'HEAD')
    const get = await ask(PATH)
    expect([head.status, await head.text()]).toEqual([200, ''])
    const headersOf = ({ headers }: Response) =>
      [...headers].filter(([name]) => name !== 'x-request-id')
    expect(headersOf(head)).toEqual(headersOf(get))
  })
})

describe('during an export', () => {
  function openAppWith(limits: Partial<StreamLimits> = {}) {
    const faults: unknown[] = []
    const app = createApp({
      store: gateway.store,
      reportFault: error => faults.push(error),
      exports: limits,
    })
    const get = (token = owner) =>
      app.fetch(new Request(`http://127.0.0.1${PATH}`, { headers: { 'x-auth-token': token } }))
    return { app, faults, get }
  }

  const turns = async (count: number) => {
    for (let turn = 0; turn < count; turn++) await new Promise(setImmediate)
  }

  test('nothing is read ahead of a client that does not receive, and nothing after it disconnected', async () => {
    await gateway.store.append(history(5000))
    const { get } = openAppWith()
    const reader = (await get()).body?.getReader()
    await reader?.read()
    await turns(20)
    const beforePause = statements.length
    await turns(200)
    expect(statements.length).toBe(beforePause)
    await reader?.read()
    await turns(20)
    expect(statements.length).toBeGreaterThan(beforePause)
    await reader?.cancel()
    await turns(20)
    const atTheEnd = statements.length
    await turns(200)
    expect(statements.length).toBe(atTheEnd)
  })

  test('the event loop runs other tasks between any two chunks', async () => {
    await gateway.store.append(history(5000))
    const { get } = openAppWith()
    let others = 0
    const count = () => {
      others++
      waiting = setImmediate(count)
    }
    let waiting = setImmediate(count)
    let chunks = 0
    for await (const _ of (await get()).body ?? []) chunks++
    clearImmediate(waiting)
    expect(chunks).toBeGreaterThan(10)
    expect(others).toBeGreaterThanOrEqual(chunks - 2)
  })

  test('a fault ends the response with an error, and is reported to the operator', async () => {
    const other = await openApp()
    await other.store.append(history(3000))
    const token = await other.token()
    const response = await other.fetch(PATH, { headers: { 'x-auth-token': token } })
    const reader = response.body?.getReader()
    await reader?.read()
    await other.store.close()
    const rest = async () => {
      while ((await reader?.read())?.done === false);
    }
    await expect(rest()).rejects.toThrow()
    expect(other.faults).toHaveLength(1)
  })

  test('over a socket, a fault closes the connection', async () => {
    const other = await openApp()
    await other.store.append(
      history(6000).map(event => ({ ...event, userAgent: 'x'.repeat(2000) })),
    )
    const server = await listen(other.app, '127.0.0.1', 0)
    try {
      const headers = { 'x-auth-token': await other.token() }
      const reader = (await fetch(server.url + PATH, { headers })).body?.getReader()
      await reader?.read()
      await other.store.close()
      const rest = async () => {
        while ((await reader?.read())?.done === false);
      }
      await expect(rest()).rejects.toThrow('terminated')
      expect(other.faults).toHaveLength(1)
    } finally {
      await server.close()
    }
  })

  test('revoking its token ends the response with an error', async () => {
    await gateway.store.append(history(5000))
    const { get, faults } = openAppWith({ recheck: 0 })
    const token = await gateway.token(['AuditTrailReadOnly'])
    const reader = (await get(token)).body?.getReader()
    await reader?.read()
    const { tokens } = gateway.store
    const revoked = (await tokens.list()).find(({ name }) => name === 'AuditTrailReadOnly')
    await tokens.revoke(revoked?.id ?? '')
    // Chunks that were read before may still be sent.
    const rest = async () => {
      for (let chunks = 1; chunks < 20; chunks++) await reader?.read()
    }
    await expect(rest()).rejects.toThrow('token')
    expect(faults).toEqual([])
  })

  test('the number of exports at once is limited, and each that ends or is cancelled makes room for another', async () => {
    await gateway.store.append(history(3000))
    const { get } = openAppWith({ most: 2 })
    const [one, two] = [await get(), await get()]
    expect((await get()).status).toBe(429)
    await one.body?.cancel()
    expect((await get()).status).toBe(200)
    expect((await get()).status).toBe(429)
    await two.text()
    expect((await get()).status).toBe(200)
  })

  test('the number of exports of one viewer is limited, which does not affect other viewers', async () => {
    await gateway.store.append(history(3000))
    const { get } = openAppWith({ mostOfViewer: 1 })
    const first = await get()
    expect([first.status, (await get()).status]).toEqual([200, 429])
    expect((await get(await gateway.token())).status).toBe(200)
    await first.body?.cancel()
    expect((await get()).status).toBe(200)
  })

  test('the default limits are five exports per viewer and 20 in all', async () => {
    await gateway.store.append([event()])
    const { get } = openAppWith()
    const bodies: (ReadableStream | null)[] = []
    const statuses: number[] = []
    for (let viewer = 0; viewer < 4; viewer++) {
      const token = await gateway.token()
      for (let nth = 0; nth < 6; nth++) {
        const { status, body } = await get(token)
        statuses.push(status)
        bodies.push(body)
      }
    }
    expect(statuses).toEqual(new Array(4).fill([200, 200, 200, 200, 200, 429]).flat())
    expect((await get()).status).toBe(429)
    for (const body of bodies) await body?.cancel()
    expect((await get()).status).toBe(200)
  })

  test('over a socket, a client that does not receive is disconnected, without a trailer or the end of the response', async () => {
    await gateway.store.append(
      history(6000).map(event => ({ ...event, userAgent: 'x'.repeat(2000) })),
    )
    const { app, faults } = openAppWith({ most: 1, patience: 100 })
    const server = await listen(app, '127.0.0.1', 0)
    try {
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
      socket.write(`GET ${PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Auth-Token: ${owner}\r\n\r\n`)
      await once(socket, 'readable')
      const request = () => fetch(server.url + PATH, { headers: { 'x-auth-token': owner } })
      expect((await request()).status).toBe(429)
      let status = 429
      while (status === 429) {
        const response = await request()
        status = response.status
        await response.body?.cancel()
      }
      expect(status).toBe(200)
      let received = ''
      for await (const chunk of socket) received += chunk
      expect(received).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
      expect(received).not.toMatch(/iam_logs_export|\r\n0\r\n\r\n$/)
      expect(faults).toEqual([])
    } finally {
      await server.close()
    }
  })
})

test.each(EXPORT_FORMATS.map(({ extension, mediaType }) => [extension, mediaType]))(
  'an export as %s has headers for its type %s, file name and snapshot, must not be cached, and takes IDs in any case',
  async (extension, type) => {
    const [first, last] = [event(), event()]
    await gateway.store.append([first, last])
    const path = `/export/${ORGANIZATION}${extension}`
    const response = await ask(`${path}?actions=CREATED,UPDATED&snapshot=${first.id.toUpperCase()}`)
    const headers = ['type', 'disposition', 'location'].map(name =>
      response.headers.get(`content-${name}`),
    )
    expect(headers).toEqual([
      type,
      `attachment; filename="iam-logs-${ORGANIZATION}${extension}"`,
      `?actions=CREATED%2CUPDATED&snapshot=${first.id}`,
    ])
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('x-accel-buffering')).toBe('no')
    const text = await response.text()
    expect([text.includes(first.id), text.includes(last.id)]).toEqual([true, false])
    const rest = await ask(`${path}?snapshot=${last.id}&after=${first.id.toUpperCase()}`)
    expect(rest.headers.get('content-location')).toBe(`?snapshot=${last.id}`)
    expect(await rest.text()).toContain(last.id)
    const upper = await ask(`/export/${ORGANIZATION.toUpperCase()}${extension}`)
    expect(upper.headers.get('content-disposition')).toBe(headers[1])
  },
)

test('parameters can omit the trailer, choose the separator, and write for spreadsheets; invalid ones are refused', async () => {
  const one = event({ createdAt: at('2026-02-09T10:00:01.123456Z') })
  await gateway.store.append([one])
  const get = async (path: string) =>
    Buffer.from(await (await ask(`/export/${ORGANIZATION}${path}`)).arrayBuffer()).toString()
  for (const extension of EXPORT_ENDINGS) {
    const complete = await get(`${extension}?trailer=yes`)
    expect(complete).toBe(await get(extension))
    const last = complete.trimEnd().split('\n').at(-1) ?? ''
    const rows = complete.slice(0, complete.lastIndexOf(last))
    expect(await get(`${extension}?trailer=no`)).toBe(rows)
  }
  expect(await get('.csv?separator=;&trailer=no')).toMatch(
    new RegExp(`^id;created_at;[^\r]*\r\n${one.id};2026-02-09T10:00:01.123456Z;[^\r]*\r\n$`),
  )
  expect(await get('.csv?for=spreadsheet&separator=%3B')).toMatch(
    new RegExp(`^\ufeffid;created_at_utc;[^\r]*\r\n${one.id};2026-02-09 10:00:01;`),
  )
  const response = await ask(`/export/${ORGANIZATION}.csv?separator=;`)
  expect(response.headers.get('content-location')).toContain('?separator=%3B&snapshot=')
  await response.text()
  for (const [path, words] of [
    ['.csv?trailer=maybe', 'trailer: \\"maybe\\" is not allowed; give \\"yes\\" or \\"no\\"'],
    ['.csv?separator=|', 'separator: \\"|\\" is not allowed'],
    ['.csv?separator=;&separator=,', 'separator was given several times'],
    ['.csv?for=excel', 'for: \\"excel\\" is not allowed; give \\"spreadsheet\\"'],
    ['.ndjson?separator=;', 'separator and for are only for CSV; omit them, or export CSV'],
    [
      '.ocsf.ndjson?for=spreadsheet',
      'separator and for are only for CSV; omit them, or export CSV',
    ],
  ] as const) {
    const refused = await ask(`/export/${ORGANIZATION}${path}`)
    expect(refused.status).toBe(400)
    expect(await refused.text()).toContain(words)
  }
})

test('an export above the limit is refused with a message and the time to wait', async () => {
  await gateway.store.append(history(1000))
  const app = createApp({ store: gateway.store, reportFault: () => {}, exports: { most: 1 } })
  const get = () =>
    app.fetch(new Request(`http://127.0.0.1${PATH}`, { headers: { 'x-auth-token': owner } }))
  const first = await get()
  const refused = await get()
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60'])
  expect(JSON.parse(await refused.text()).errors[0]).toMatchObject({
    message: 'this server has 1 open export, the most allowed; end one, or try again later',
    extensions: { code: 'LIMIT_EXCEEDED' },
  })
  await first.body?.cancel()
})
