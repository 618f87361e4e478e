// What servers of this kind were seen to fall over: an answer that is abandoned must not end the process, and who asks
// twice must not get the answer to something else.

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

beforeAll(async () => {
  app = await openApp({
    scaleway: [SCALEWAY],
    onStatement(text) {
      if (failing && text.includes('FROM directory')) throw new Error('the disk is gone')
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

describe('where one principal is known at once and others are looked up', () => {
  const lists = {
    'the events of an Organization': `events(orderBy: CREATED_AT_ASC) { nodes { principal { WRONG } } }`,
    'the edges of them': `events(orderBy: CREATED_AT_ASC) { edges { node { principal { WRONG } } } }`,
    'the feed': 'eventFeed { nodes { principal { WRONG } } }',
    'its principals': 'principals { nodes { WRONG } }',
    'its principals, where some are asked for more': `principals(first: 5) { nodes {
      ... on ScalewayPrincipal { more: events(first: 1) { totalCount } }
      ... on User { more: events(first: 1) { totalCount } } WRONG } }`,
    figures: 'eventCounts { byPrincipal { principal { WRONG } } }',
  }
  const wrongs = ['events(before: "x") { nodes { id } }', 'events(first: -1) { totalCount }']
  const cases = Object.entries(lists).flatMap(([what, list]) =>
    wrongs.map(wrong => [what, list.replace('WRONG', wrong)] as const),
  )

  test.each(cases)('an error below each of %s leaves nothing behind', async (_, list) => {
    const unhandled: unknown[] = []
    const heard = (error: unknown) => unhandled.push(error)
    process.on('unhandledRejection', heard)
    try {
      // At once, and as often as it takes to be executed in another way.
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
      process.off('unhandledRejection', heard)
    }
    expect(unhandled).toEqual([])
  })
})

test('a page of 50 events with who acted and on what asks four statements, however often it is asked', async () => {
  let statements = 0
  const counted = await openApp({ onStatement: () => void statements++ })
  await counted.store.append(
    Array.from({ length: 60 }, (_, number) => event({ principalId: uuid(number) })),
  )
  const query = `{ organization(id: "${ORGANIZATION}") { events(first: 50) {
    nodes { id principal { id name } resource { resourceId name } } } } }`
  // What the numbers of values stand for, and the Organization's key, never change and are then remembered.
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

test('of two operations in one document each is answered by its name, however often it is asked', async () => {
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

test('entities whose literals hold variables are found, however often they are asked for', async () => {
  const query = `query ($id: ID!) {
    _entities(representations: [{ __typename: "User", principalId: $id }, { __typename: "Event", eventId: $id }]) {
      ... on User { name } } }`
  for (let times = 0; times < 4; times++) {
    const { data } = await app.ask(query, { id: ADA.id })
    expect(data).toEqual({ _entities: [{ name: 'Ada' }, null] })
  }
})

test('a variable with a default need not be given, however often it is asked', async () => {
  const query = `query ($order: EventOrder! = CREATED_AT_ASC, $first: Int! = 1) {
    organization(id: "${ORGANIZATION}") {
      events(orderBy: $order, first: $first) { nodes { createdAt } } } }`
  for (let times = 0; times < 4; times++) {
    const { data } = await app.ask(query)
    expect(data.organization.events.nodes).toEqual([{ createdAt: '2026-01-01T00:00:00.000000Z' }])
  }
})

test('an error is told with its place in the document, however often it is asked', async () => {
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

test('a document is paid for when it is read, refused or not, and one that is sound not when it comes again', async () => {
  const rated = await openApp({ rate: { perSecond: 0.001, burst: 20_000 } })
  const text = (name: string, field: string) =>
    `query ${name} { viewer { ${field} } } # ${'x'.repeat(8_000)}`
  for (const field of ['id', 'nothing']) {
    const token = await rated.token()
    const status = async (name: string) => (await rated.ask(text(name, field), {}, token)).status
    const sound = field === 'id' ? 200 : 422
    // 15,000 points and more for the text; less than that is left.
    expect(await status('A')).toBe(sound)
    expect(await status('B')).toBe(429)
    const again = sound === 200 ? 200 : 429
    for (let times = 0; times < 10; times++) expect(await status('A')).toBe(again)
    expect(await status('B')).toBe(429)
  }
  await rated.store.close()
})

test('what nobody waited for is told to the operator, and the server goes on', async () => {
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
