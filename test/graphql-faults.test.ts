// Known faults of GraphQL servers: an abandoned part of a response must not end the process, and a document that is sent
// several times, and is then compiled, must have the same result.

import { setImmediate } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openApp, type TestApp } from './support/app.ts'
import { start, temporaryFolder } from './support/command.ts'
import { at, event, ORGANIZATION, uuid } from './support/events.ts'
import { user } from './support/people.ts'

const ADA = user({ id: uuid(7), name: 'Ada' })
const SCALEWAY = uuid(8)

let app: TestApp
let failing = false
let failures = 0

beforeAll(async () => {
  app = await openApp({
    scaleway: [SCALEWAY],
    onStatement(text) {
      if (!failing || !text.includes('FROM directory')) return
      failures++
      throw new Error('the disk is gone')
    },
  })
  const day = (day: number) => ({ createdAt: at(`2026-01-0${day}T00:00:00Z`) })
  await app.store.append([
    event({ ...day(1), principalId: ADA.id }),
    event({ ...day(2), principalId: SCALEWAY }),
    event({ ...day(3), principalId: uuid(9) }),
  ])
  const listing = { organizationId: ORGANIZATION, kind: 'user', entries: [ADA], complete: true }
  await app.store.updateDirectory(listing as Parameters<typeof app.store.updateDirectory>[0])
})
afterAll(() => app.store.close())

describe('where one principal is known without a lookup and others are loaded', () => {
  const lists = {
    'the events of an Organization': `events(orderBy: CREATED_AT_ASC) { nodes { principal { WRONG } } }`,
    'the edges of these events': `events(orderBy: CREATED_AT_ASC) { edges { node { principal { WRONG } } } }`,
    'the feed': 'eventFeed { nodes { principal { WRONG } } }',
    'the principals of an Organization': 'principals { nodes { WRONG } }',
    'principals with more fields of some types': `principals(first: 5) { nodes {
      ... on ScalewayPrincipal { more: events(first: 1) { totalCount } }
      ... on User { more: events(first: 1) { totalCount } } WRONG } }`,
    'the counts by principal': 'eventCounts { byPrincipal { principal { WRONG } } }',
  }
  const wrongs = ['events(before: "x") { nodes { id } }', 'events(first: -1) { totalCount }']
  const cases = Object.entries(lists).flatMap(([what, list]) =>
    wrongs.map(wrong => [what, list.replace('WRONG', wrong)] as const),
  )

  test.each(cases)('errors below %s leave no unhandled rejection', async (_, list) => {
    const unhandled: unknown[] = []
    failures = 0
    const onUnhandled = (error: unknown) => unhandled.push(error)
    process.on('unhandledRejection', onUnhandled)
    try {
      // Often enough that the document is compiled.
      for (let times = 0; times < 4; times++) {
        for (failing of [false, true]) {
          const { status, errors } = await app.ask(
            `{ organization(id: "${ORGANIZATION}") { ${list} } }`,
          )
          expect(status).toBe(200)
          expect(errors?.length).toBeGreaterThan(0)
          await setImmediate()
        }
      }
    } finally {
      failing = false
      process.off('unhandledRejection', onUnhandled)
    }
    expect(failures).toBeGreaterThan(0)
    expect(unhandled).toEqual([])
  })
})

test('a page of 50 events with principals and resources takes four statements, each time', async () => {
  let statements = 0
  const counted = await openApp({ onStatement: () => void statements++ })
  await counted.store.append(
    Array.from({ length: 60 }, (_, number) => event({ principalId: uuid(number) })),
  )
  const query = `{ organization(id: "${ORGANIZATION}") { events(first: 50) {
    nodes { id principal { id name } resource { resourceId name } } } } }`
  // The numbers of values and the key of the Organization never change, and are cached after this query.
  await counted.ask(query)
  for (let times = 0; times < 5; times++) {
    statements = 0
    const { data } = await counted.ask(query)
    expect(data.organization.events.nodes).toHaveLength(50)
    // The token, the Organization, the events, and all names.
    expect(statements).toBe(4)
  }
  await counted.store.close()
})

test('the operation of a document is chosen by its name, each time', async () => {
  const token = await app.token()
  const ask = async (operationName: string) => {
    const response = await app.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-auth-token': token },
      body: JSON.stringify({
        query: 'query A { a: __typename } query B { b: __typename }',
        operationName,
      }),
    })
    return response.json()
  }
  for (let times = 0; times < 4; times++) {
    expect(await ask('A')).toEqual({ data: { a: 'Query' } })
    expect(await ask('B')).toEqual({ data: { b: 'Query' } })
  }
})

test('entities are found whose literals contain variables, each time', async () => {
  const query = `query ($id: ID!) {
    _entities(representations: [{ __typename: "User", principalId: $id }, { __typename: "Event", eventId: $id }]) {
      ... on User { name } } }`
  for (let times = 0; times < 4; times++) {
    const { data } = await app.ask(query, { id: ADA.id })
    expect(data).toEqual({ _entities: [{ name: 'Ada' }, null] })
  }
})

test('the default of a variable is used, each time', async () => {
  const query = `query ($order: EventOrder! = CREATED_AT_ASC, $first: Int! = 1) {
    organization(id: "${ORGANIZATION}") {
      events(orderBy: $order, first: $first) { nodes { createdAt } } } }`
  for (let times = 0; times < 4; times++) {
    const { data } = await app.ask(query)
    expect(data.organization.events.nodes).toEqual([{ createdAt: '2026-01-01T00:00:00.000000Z' }])
  }
})

test('an error has its location in the document, each time', async () => {
  const query = `{ organization(id: "${ORGANIZATION}") {\n  events(first: 101) { totalCount } } }`
  for (let times = 0; times < 4; times++) {
    const { errors } = await app.ask(query)
    expect(errors).toEqual([
      {
        message: expect.stringContaining('first: 101 is more than 100'),
        locations: [{ line: 2, column: 3 }],
        path: ['organization', 'events'],
        extensions: { code: 'LIMIT_EXCEEDED' },
      },
    ])
  }
})

test('parsing a document counts for the rate limit, but not again for a valid document', async () => {
  const rated = await openApp({ rate: { perSecond: 0.001, burst: 20_000 } })
  const text = (name: string, field: string) =>
    `query ${name} { viewer { ${field} } } # ${'x'.repeat(8_000)}`
  for (const field of ['id', 'nothing']) {
    const token = await rated.token()
    const status = async (name: string) => (await rated.ask(text(name, field), {}, token)).status
    const first = field === 'id' ? 200 : 422
    // The text costs more than 15,000 points, so that fewer are left.
    expect(await status('A')).toBe(first)
    expect(await status('B')).toBe(429)
    const again = first === 200 ? 200 : 429
    for (let times = 0; times < 10; times++) expect(await status('A')).toBe(again)
    expect(await status('B')).toBe(429)
  }
  await rated.store.close()
})

test('an unhandled rejection is in the log, and the server keeps running', async () => {
  using folder = temporaryFolder()
  const fault = 'process.on("SIGUSR2", () => Promise.reject(new Error("nobody waited for it")))'
  const server = start(['serve', '--port', '0'], {
    cwd: folder.path,
    environment: { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(fault)}` },
  })
  const [url = ''] = /http:\/\/[\d.:]+/.exec(await server.line(/http:/)) ?? []
  server.signal('SIGUSR2')
  await expect.poll(() => server.stderr()).toContain('nobody waited for it')
  expect((await fetch(`${url}/health/live`)).status).toBe(200)
  expect((await server.stop()).code).toBe(0)
})
