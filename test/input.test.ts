// Hostile strings in every argument of the graph and every part of a request, with SQLite and with PostgreSQL: both
// answer the same, without an internal error, and each error message is one short line.
// `npm run test:long` sends every string to every place.

import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newToken } from '../src/auth/tokens.ts'
import { NIL_ID } from '../src/event.ts'
import { scalewayIds } from '../src/principal.ts'
import { FILTER_NAMES } from '../src/schema/filter-text.ts'
import { schema } from '../src/schema/schema.ts'
import { type App, createApp } from '../src/server/app.ts'
import { openStore } from '../src/storage/open.ts'
import type { AuditStore } from '../src/store.ts'
import { isKeepable } from '../src/text.ts'
import { openApp } from './support/app.ts'
import { at, event, idIn, ORGANIZATION, uuid } from './support/events.ts'
import { LONG } from './support/long.ts'
import { anyText, expectFitting, NASTY, POINTED, some } from './support/nasty.ts'
import { EXPORT_ENDINGS, FEED_ENDINGS } from './support/paths.ts'
import { application, user } from './support/people.ts'
import { argumentPlaces } from './support/places.ts'
import { type Pglite, startPglite } from './support/postgres.ts'

const NOW = at('2026-02-01T00:00:00Z')
const [ALICE, ROBOT, GONE] = [uuid(1), uuid(2), uuid(9)]

/**
 * The stored data has hostile strings, too, as far as they can be stored. PGlite, unlike a PostgreSQL server, drops a
 * byte order mark at the beginning of a text.
 */
const STORED = some(NASTY, 0, LONG ? 1 : 3).filter(
  text => text !== '' && isKeepable(text) && !text.startsWith('\ufeff'),
)
const SHORT = STORED.filter(text => text.length <= 100)
const EVENTS = STORED.map((text, number) => {
  const short = SHORT[number % SHORT.length] ?? ''
  return event({
    id: uuid(number, 'e0000000'),
    createdAt: at('2026-01-01T00:00:00Z') + number,
    action: number % 3 === 0 ? short : 'created',
    category: number % 5 === 0 ? short : 'user',
    resourceId: number % 2 === 0 ? short : ALICE,
    principalId: [ALICE, ROBOT, GONE, NIL_ID, short][number % 5] ?? NIL_ID,
    ipAddress: number % 7 === 0 ? short : '192.0.2.1',
    userAgent: text.slice(0, 65_536),
  })
})
const PEOPLE = [
  user({ id: ALICE, name: 'alice' }),
  ...SHORT.map((text, number) =>
    user({ id: uuid(number, 'b0000000'), name: text, username: text, email: text }),
  ),
]

interface Side {
  readonly app: App
  readonly store: AuditStore
  readonly faults: unknown[]
}

let pglite: Pglite
let sides: readonly [sqlite: Side, postgres: Side]
let secret: string

beforeAll(async () => {
  const clock = () => NOW
  const {
    token,
    hash,
    secret: made,
  } = newToken(
    {
      name: 'owner',
      grants: [{ organizationId: ORGANIZATION, owner: true, permissionSets: [] }],
      expiresAt: null,
    },
    NOW,
  )
  secret = made
  const open = async (store: AuditStore): Promise<Side> => {
    await store.append(EVENTS)
    for (const [kind, entries] of [
      ['user', PEOPLE],
      ['application', [application({ id: ROBOT, name: 'robot' })]],
    ] as const) {
      await store.updateDirectory({ organizationId: ORGANIZATION, kind, entries, complete: true })
    }
    await store.tokens.create({ ...token, id: uuid(77) }, hash)
    const faults: unknown[] = []
    const app = createApp({
      store,
      clock,
      reportFault: error => faults.push(error),
      reading: { turn: Number.POSITIVE_INFINITY },
      rate: { perSecond: 0, burst: 0 },
    })
    return { app, store, faults }
  }
  pglite = await startPglite()
  sides = [
    await open(await openStore(':memory:', { scalewayIds: scalewayIds(), clock })),
    await open(await pglite.open({ clock })),
  ]
})

afterAll(async () => {
  for (const { store } of sides) await store.close()
  await pglite.close()
})

interface Answer {
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
}

/** Sends a request to both sides, expects the same valid response from both, and returns it. */
async function answerOf(path: string, init: RequestInit, sent: string): Promise<Answer> {
  const [one, other] = await Promise.all(
    sides.map(async ({ app }): Promise<Answer> => {
      const request = new Request(`http://127.0.0.1${path}`, init)
      const { status, headers, body: stream } = await app.fetch(request)
      const isStream = headers.get('content-type')?.startsWith('text/event-stream') ?? false
      if (isStream) await stream?.cancel()
      const body = isStream ? '' : await new Response(stream).text()
      return { status, headers: [...headers], body }
    }),
  )
  const faults = sides.map(({ faults }) => faults.splice(0).map(String))
  expect(faults).toEqual([[], []])
  expect(other).toEqual(one)
  if (one === undefined) throw new TypeError('nobody answered')
  expect(one.status).toBeLessThan(500)
  if (one.status >= 400 || path === '/graphql') expectFittingErrors(one, sent)
  return one
}

const CODES = [
  ...['BAD_USER_INPUT', 'LIMIT_EXCEEDED', 'FORBIDDEN', 'UNAUTHENTICATED'],
  'PERSISTED_QUERY_NOT_FOUND',
]

function expectFittingErrors({ status, body }: Answer, sent: string): void {
  if (body === '') return
  const { errors = [], data } = JSON.parse(body)
  if (status >= 400 || data == null) expect(errors).not.toEqual([])
  for (const { message, extensions, path = [] } of errors) {
    expect(CODES).toContain(extensions.code)
    expectFitting(message, sent)
    for (const key of path) expectFitting(String(key), sent)
  }
}

function ask(body: object, sent: string, headers: Record<string, string> = {}): Promise<Answer> {
  return answerOf(
    '/graphql',
    {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-auth-token': secret,
        'x-request-id': 'same',
        ...headers,
      },
      body: JSON.stringify(body),
    },
    sent,
  )
}

/** Names the string in the error when an expectation fails. */
async function eachOf(texts: Iterable<string>, send: (text: string) => Promise<unknown>) {
  for (const text of texts) {
    try {
      await send(text)
    } catch (error) {
      throw new Error(`of ${JSON.stringify(text.slice(0, 200))}: ${error}`, { cause: error })
    }
  }
}

/** If the same input occurs in several places, each place is tested with another part of the strings. */
function textsFor(number: number, places = 1): string[] {
  const [step, count] = LONG ? [1, 200] : places === 1 ? [80, 4] : [300, 1]
  return [
    ...some(POINTED, number, LONG ? 1 : places),
    ...some(NASTY, number, step),
    ...fc.sample(anyText, { numRuns: count, seed: number + 1 }),
  ]
}

const EVENT = uuid(1, 'e0000000')
const OF_TYPE: Record<string, string> = { User: ALICE, Application: ROBOT, Event: EVENT }

const PLACES = argumentPlaces(schema, (field, { name }, type) => {
  if (name === 'representations') {
    const all = { ...OF_TYPE, UnknownPrincipal: GONE, ScalewayPrincipal: NIL_ID }
    const each = Object.entries(all).map(
      ([type, id]) =>
        `{ __typename: "${type}", ${type === 'Event' ? 'eventId' : 'principalId'}: "${id}" }`,
    )
    return `[${each.join(', ')}]`
  }
  if (name === 'interval') return 'DAY'
  const own = OF_TYPE[type]
  const inGraph = own && idIn(type === 'Event' ? 'event' : 'principal', own)
  const id =
    (/^nodes?$/.test(field) ? inGraph : own) ?? (field === 'principal' ? ALICE : ORGANIZATION)
  return name === 'ids' ? `["${id}"]` : `"${id}"`
})

describe('every argument of the graph', () => {
  test('is in the list of places, which contains known examples', () => {
    const names = PLACES.map(({ name }) => name)
    for (const known of [
      'Query.node(id)',
      'Query._entities(representations.id)',
      'Query._entities(representations.principalId)',
      'Organization.events(filter.resourceIds)',
      'Organization.principals(search)',
      'EventCounts.byTime(timeZone)',
      'UnknownPrincipal.events(filter.userAgent)',
      'Subscription.eventRecorded(after)',
    ]) {
      expect(names).toContain(known)
    }
  })

  const leaves = PLACES.map(({ name }) => /(\w+)\)$/.exec(name)?.[1] ?? '')
  test.each(PLACES.map((place, number) => ({ ...place, number })))(
    '$name is answered the same by both databases',
    async ({ query, made, number }) => {
      const first = leaves.indexOf(leaves[number] ?? '') === number
      await eachOf(textsFor(number, first ? 1 : 24), text =>
        ask({ query, variables: { v: made(text) } }, text),
      )
    },
  )

  test('is reached by its test query', async () => {
    const harmless: Record<string, string> = { interval: 'DAY', timeZone: 'UTC' }
    for (const { name, query, made } of PLACES) {
      const leaf = /(\w+)\)$/.exec(name)?.[1] ?? ''
      const { body } = await ask({ query, variables: { v: made(harmless[leaf] ?? '5') } }, '')
      if (/Int|Boolean/.test(body)) continue
      // A value that the argument itself refuses has reached it, too.
      expect(name + body).toMatch(/"target"|Variable \\"\$v\\"|was not found among|not a cursor/)
    }
  })
})

/** A header cannot hold every character. */
function inHeader(text: string): string {
  return Buffer.from(text.toWellFormed())
    .toString('latin1')
    .replace(/[\0\r\n]/g, '?')
}

describe('a request to the graph with hostile strings in', () => {
  const texts = textsFor(7)
  const twoOperations = { query: 'query A($v: String) { viewer { id } } query B { viewer { id } }' }

  test.each([
    ['operationName', (text: string) => ({ ...twoOperations, operationName: text })],
    ['documentId', (text: string) => ({ documentId: text })],
    ['the text of the query', (text: string) => ({ query: text })],
    ['a string in the query', (text: string) => ({ query: literal(text) })],
    ['a block string', (text: string) => ({ query: `{ node(id: """${text}""") { id } }` })],
    ['a comment', (text: string) => ({ query: `{ viewer { id } } # ${text}` })],
    ['the name of a variable', (text: string) => ({ query: VARIED, variables: { [text]: text } })],
    [
      'the key of an input object',
      (text: string) => ({ query: VARIED, variables: { f: { [text]: text } } }),
    ],
    [
      'a string instead of an input object',
      (text: string) => ({ query: VARIED, variables: { f: text } }),
    ],
    [
      'a list instead of a string',
      (text: string) => ({ query: NODE, variables: { id: [text, text] } }),
    ],
    [
      'an object instead of a string',
      (text: string) => ({ query: NODE, variables: { id: { [text]: 1 } } }),
    ],
    ['an unknown parameter', (text: string) => ({ ...twoOperations, [text]: text })],
    ['the extensions', (text: string) => ({ ...twoOperations, extensions: { [text]: text } })],
    ['the hash of a document', (text: string) => ({ extensions: hashed(text) })],
    [
      'the name of a type in an introspection query',
      (text: string) => ({ query: TYPE, variables: { name: text } }),
    ],
    [
      'the alias of an unknown field',
      (text: string) => ({ query: `{ a${text.replace(/\W/g, '_')}: nothing }` }),
    ],
    [
      'an alias in the path of an error',
      (text: string) => ({ query: aliased(text), operationName: 'A' }),
    ],
  ])('%s is answered the same by both databases', async (_, bodyOf) => {
    await eachOf(texts, text => ask(bodyOf(text), text))
  })

  test.each([
    'x-auth-token',
    'authorization',
    'accept',
    'content-type',
    'origin',
    'x-request-id',
    'user-agent',
    'traceparent',
    'last-event-id',
    'accept-encoding',
    'cookie',
  ])('the header %s is answered the same by both databases', async name => {
    await eachOf(texts, async text => {
      const value = inHeader(text)
      const sent = name === 'authorization' ? `Bearer ${value}` : value
      const headers = { [name]: sent, ...(name === 'x-request-id' && { 'x-request-id': 'same' }) }
      await ask({ query: '{ viewer { id } }' }, sent, headers)
    })
  })
})

const VARIED = `query ($f: EventFilter) { organization(id: "${ORGANIZATION}") { events(filter: $f) { totalCount } } }`
const NODE = 'query ($id: ID!) { node(id: $id) { id } }'
const TYPE = 'query ($name: String!) { __type(name: $name) { name } }'

function literal(text: string): string {
  return `{ node(id: ${JSON.stringify(text)}) { id } }`
}

function hashed(text: string): object {
  return { persistedQuery: { version: 1, sha256Hash: text } }
}

/** The alias is in the path of the error. */
function aliased(text: string): string {
  const alias = `a${text.replace(/\W/g, '_')}`
  return `query A { organization(id: "${ORGANIZATION}") { ${alias}: events(first: 1000) { totalCount } } }`
}

describe('a URL with hostile strings in', () => {
  const get = (path: string, text: string) =>
    answerOf(path, { headers: { 'x-auth-token': secret, 'x-request-id': 'same' } }, text)
  const word = (text: string) => encodeURIComponent(text.toWellFormed())
  const names = [...FILTER_NAMES, 'after', 'limit', 'snapshot']

  // All routes read their parameters in the same way, so that each is tested with a part of the strings.
  const shapes = [
    ...FEED_ENDINGS.map(ending => `/feed/ORG${ending}`),
    ...EXPORT_ENDINGS.map(ending => `/export/ORG${ending}`),
  ]
  test.each(shapes.map((shape, place) => [shape, place] as const))(
    'each parameter of %s is answered the same by both databases',
    async (shape, place) => {
      const texts = (number: number) => textsFor(number + place, shapes.length)
      const path = shape.replace('ORG', ORGANIZATION)
      for (const [number, name] of names.entries()) {
        const least = shape.startsWith('/feed') && name !== 'limit' ? '&limit=3' : ''
        await eachOf(texts(number), text => get(`${path}?${name}=${word(text)}${least}`, text))
      }
      await eachOf(texts(9), text => get(`${path}?${word(text)}=1`, text))
      const some = `${path}?snapshot=${EVENT}&limit=2`
      await eachOf(texts(10), text => get(`${some}&after=${word(text)}`, text))
    },
  )

  test('its path is answered the same by both databases', async () => {
    await eachOf(textsFor(3), async text => {
      for (const before of ['/', '/export/', '/feed/', '/graphql/', '/health/']) {
        const path = `${before}${word(text)}`
        if (new URL(`http://x${path}`).pathname === '/metrics') continue
        await get(path, text)
        await get(`${path}.ndjson`, text)
      }
    })
  })

  test('invalid percent-encoding is answered the same by both databases', async () => {
    for (const encoded of ['%', '%zz', '%00', '%c0%af', '%ed%a0%80', '%ff', '+', '&&=&', '#']) {
      await get(`/feed/${ORGANIZATION}?userAgent=${encoded}&limit=1`, encoded)
      await get(`/feed/${encoded}`, encoded)
      await get(`/export/${encoded}.csv`, encoded)
    }
  })
})

test.each([60, 99, 120, 400])(
  'an error message about a value of %i backslashes has at most 100 in a row',
  async count => {
    const app = await openApp()
    const { errors } = await app.ask(
      'query ($at: DateTime) { organizations { events(filter: { createdAfter: $at }) { totalCount } } }',
      { at: '\\'.repeat(count) },
    )
    await app.store.close()
    const [{ message = '' } = {}] = errors ?? []
    const runs: string[] = message.match(/\\+/g) ?? []
    expect(runs).not.toEqual([])
    expect(Math.max(...runs.map(run => run.length))).toBeLessThanOrEqual(100)
  },
)
