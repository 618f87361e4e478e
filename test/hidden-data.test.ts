// Two apps that differ only in data that is hidden from a viewer: every response is the same, byte for byte, including
// headers, for random queries, exports and feeds. `npm run test:long` sends twenty times as many.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newToken } from '../src/auth/tokens.ts'
import type { DirectoryEntry } from '../src/principal.ts'
import { FILTER_NAMES } from '../src/schema/filter-text.ts'
import { schema } from '../src/schema/schema.ts'
import { openApp, type TestApp } from './support/app.ts'
import { isBound } from './support/bound.ts'
import { at, event, idIn, ORGANIZATION, OTHER_ORGANIZATION, uuid } from './support/events.ts'
import { LONG } from './support/long.ts'
import { operationFrom, type Values } from './support/operations.ts'
import { filterValues, pathFrom } from './support/paths.ts'
import { application, user } from './support/people.ts'

const QUERIES = LONG ? 10_000 : 500

const [ALICE, BOB, IDLE, ROBOT, GROUP, POLICY] = [1, 2, 3, 4, 5, 6].map(number => uuid(number)) as [
  string,
  string,
  string,
  string,
  string,
  string,
]
const KEY = 'SCWAAAAAAAAAAAAAAAAA'
const NOW = at('2026-02-01T00:00:00Z')
const named = { organizationId: ORGANIZATION, createdAt: null, updatedAt: null }

/** The directory of the Organization, which a world may change. */
const DIRECTORY: readonly DirectoryEntry[] = [
  user({ id: ALICE, name: 'alice', email: 'alice@example.com', username: 'alice' }),
  user({ id: BOB, name: 'bob', email: 'bob@example.com', username: 'bob' }),
  user({ id: IDLE, name: 'idle', email: 'idle@example.com', username: 'idle' }),
  application({ id: ROBOT, name: 'robot' }),
  {
    ...named,
    kind: 'group',
    id: GROUP,
    name: 'admins',
    userIds: [ALICE],
    applicationIds: [ROBOT],
    allUsers: false,
    allApplications: false,
  },
  {
    ...named,
    kind: 'policy',
    id: POLICY,
    name: 'all',
    holder: { kind: 'group', id: GROUP },
    permissionSets: ['IAMReadOnly'],
  },
  {
    ...named,
    kind: 'api_key',
    id: KEY,
    name: KEY,
    description: 'of the robot',
    bearer: { kind: 'application', id: ROBOT },
    expiresAt: null,
  },
]

const EVENTS = Array.from({ length: 80 }, (_, number) =>
  event({
    id: uuid(number, 'e0000000'),
    createdAt: at('2026-01-01T00:00:00Z') + number * 3_600_000_001,
    action: ['created', 'updated', 'archived'][number % 3] ?? '',
    category: ['user', 'application', 'group', 'policy', 'api_key', 'saml'][number % 6] ?? '',
    resourceId: [ALICE, BOB, IDLE, ROBOT, GROUP, POLICY, KEY][(number * 5) % 7] ?? '',
    principalId: [ALICE, BOB, ROBOT, uuid(9), ''][number % 5] ?? '',
    ipAddress: number % 4 === 0 ? null : `192.0.2.${number % 9}`,
    userAgent: number % 7 === 0 ? null : `agent ${number % 3}`,
  }),
)

interface World {
  readonly directory?: (entries: readonly DirectoryEntry[]) => readonly DirectoryEntry[]
  /** The directory before that. */
  readonly before?: World['directory']
  /** Whether another Organization has data. */
  readonly others?: boolean
}

const change = (id: string, fields: object) => (entries: readonly DirectoryEntry[]) =>
  entries.map(entry => (entry.id === id ? ({ ...entry, ...fields } as DirectoryEntry) : entry))
const without = (id: string) => (entries: readonly DirectoryEntry[]) =>
  entries.filter(entry => entry.id !== id)

const formerly = (entries: readonly DirectoryEntry[]) =>
  entries.map(entry => {
    const then = { name: 'zelda', description: 'zelda', updatedAt: at('2026-01-01T12:00:00Z') }
    return { ...entry, ...then } as DirectoryEntry
  })

const SEES_NOBODY = ['AuditTrailReadOnly']
const SEES_USERS = ['AuditTrailReadOnly', 'IAMUserReadOnly']
const SEES_APPLICATIONS = ['AuditTrailReadOnly', 'IAMApplicationReadOnly']
const SEES_ALL = ['IAMReadOnly']

/** Two worlds, and the permission sets of the viewer that must not see their difference. */
const PAIRS: readonly { name: string; sets: readonly string[]; one: World; other: World }[] = [
  {
    name: 'a hidden user is removed',
    sets: SEES_NOBODY,
    one: {},
    other: { directory: without(ALICE) },
  },
  {
    name: 'a hidden user who never acted is removed',
    sets: SEES_APPLICATIONS,
    one: {},
    other: { directory: without(IDLE) },
  },
  {
    name: 'a hidden user has other names and another address',
    sets: SEES_APPLICATIONS,
    one: {},
    other: {
      directory: change(BOB, { name: 'zoe', email: 'zoe@example.org', username: 'zoe', mfa: true }),
    },
  },
  {
    name: 'a hidden user is an application',
    sets: SEES_NOBODY,
    one: {},
    other: {
      directory: entries => [...without(ALICE)(entries), application({ id: ALICE, name: 'alice' })],
    },
  },
  {
    name: 'a hidden application is removed',
    sets: SEES_USERS,
    one: {},
    other: { directory: without(ROBOT) },
  },
  {
    name: 'hidden groups, policies and keys have other names and members',
    sets: SEES_NOBODY,
    one: {},
    other: {
      directory: entries =>
        change(GROUP, { name: 'zebras', userIds: [], allUsers: true })(
          change(POLICY, { name: 'zoo', permissionSets: null })(
            change(KEY, { description: 'zoo', bearer: null })(entries),
          ),
        ),
    },
  },
  {
    name: 'hidden entries had other names before',
    sets: SEES_NOBODY,
    one: {},
    other: { before: formerly },
  },
  {
    name: 'hidden applications and their keys had other names before',
    sets: SEES_USERS,
    one: {},
    other: { before: entries => formerly(entries).filter(({ kind }) => kind !== 'user') },
  },
  {
    name: 'removed entries had other names before',
    sets: SEES_ALL,
    one: { directory: () => [] },
    other: { directory: () => [], before: formerly },
  },
  {
    name: 'another Organization has events, members and keys, also of the same IDs',
    sets: SEES_ALL,
    one: {},
    other: { others: true },
  },
]

/** Worlds with a difference that this viewer may see, to show that these tests find differences. */
const CONTROL = {
  sets: SEES_ALL,
  one: {},
  other: { directory: change(BOB, { name: 'zoe' }) },
} satisfies Omit<(typeof PAIRS)[number], 'name'>

async function openWorld(world: World, sets: readonly string[]): Promise<[TestApp, string]> {
  // Without turns, the order of several errors is the same each time.
  const app = await openApp({
    clock: () => NOW,
    reading: { turn: Number.POSITIVE_INFINITY },
    rate: { perSecond: 0, burst: 0 },
  })
  const { store } = app
  if (world.others) await fillOther(app)
  await store.append(EVENTS)
  if (world.others) {
    await store.append(EVENTS.map(one => ({ ...one, organizationId: OTHER_ORGANIZATION })))
  }
  const directory = world.directory?.(DIRECTORY) ?? DIRECTORY
  for (const listed of [world.before?.(DIRECTORY) ?? [], directory]) {
    for (const kind of ['user', 'application', 'group', 'policy', 'api_key'] as const) {
      const entries = listed.filter(entry => entry.kind === kind)
      await store.updateDirectory({ organizationId: ORGANIZATION, kind, entries, complete: true })
    }
  }
  await store.nameOrganization({ id: ORGANIZATION, name: 'Northwind' })
  const { token, secret, hash } = newToken(
    {
      name: 'viewer',
      grants: [{ organizationId: ORGANIZATION, owner: false, permissionSets: sets }],
      expiresAt: null,
    },
    NOW,
  )
  await store.tokens.create({ ...token, id: uuid(77) }, hash)
  return [app, secret]
}

/** Fills the other Organization. Called first, so that the keys and numbers of all values differ. */
async function fillOther({ store, token }: TestApp): Promise<void> {
  const organizationId = OTHER_ORGANIZATION
  const elsewhere = (id: string) => ({ organizationId, id })
  await store.append(
    Array.from({ length: 30 }, (_, number) =>
      event({ ...elsewhere(uuid(number, 'e1000000')), principalId: ALICE, userAgent: 'agent 0' }),
    ),
  )
  await store.updateDirectory({
    organizationId,
    kind: 'user',
    entries: [user({ ...elsewhere(ALICE), name: 'other alice' }), user({ ...elsewhere(uuid(8)) })],
    complete: true,
  })
  await store.nameOrganization({ id: organizationId, name: 'Southwind' })
  await token([], [organizationId])
}

async function answerTo([app, secret]: [TestApp, string], query: string): Promise<string> {
  const response = await app.fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-auth-token': secret, 'x-request-id': 'same' },
    body: JSON.stringify({ query }),
  })
  const body = await response.text()
  return JSON.stringify([response.status, [...response.headers], body])
}

const IDS = [
  ORGANIZATION,
  OTHER_ORGANIZATION,
  ALICE,
  BOB,
  IDLE,
  ROBOT,
  GROUP,
  POLICY,
  KEY,
  uuid(9),
  uuid(8),
]

const VALUES: Values = {
  ids: [
    ...IDS,
    ...IDS.flatMap(id => [idIn('principal', id), idIn('principal', id, OTHER_ORGANIZATION)]),
    ...EVENTS.slice(0, 6).flatMap(({ id }) => [
      ...[id, idIn('event', id), idIn('event', id, OTHER_ORGANIZATION)],
    ]),
    uuid(3, 'e1000000'),
    'nothing',
    '__proto__',
  ],
  texts: [
    'alice',
    'bob',
    'zoe',
    'idle',
    'robot',
    'example.com',
    'agent',
    'Unknown',
    uuid(1),
    'z',
    '',
  ],
  dates: ['2026-01-01T00:00:00Z', '2026-01-02T05:00:00Z', '2026-01-04T00:00:00.000001Z'],
  cursors: [
    ...EVENTS.slice(0, 4).map(({ id }) => id),
    uuid(3, 'e1000000'),
    'MTc2NzIyNTYwMDAwMDAwMCBlMDAwMDAwMC0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwMDA',
  ],
  addresses: ['192.0.2.1', '192.0.2.0/24', '::/0', 'wrong'],
}

/** Adds the cursors of a response to the values of later queries. */
function withCursorsOf(values: Values, answer: string): Values {
  const found = [...answer.matchAll(/ursor\\":\\"([\w-]+)\\"/g)].map(([, cursor]) => cursor ?? '')
  return { ...values, cursors: [...values.cursors, ...found].slice(-40) }
}

/** The status, headers and body of a path. */
async function answerOfPath([app, secret]: [TestApp, string], path: string): Promise<string> {
  const response = await app.fetch(path, {
    headers: { 'x-auth-token': secret, 'x-request-id': 'same' },
  })
  return JSON.stringify([response.status, [...response.headers], await response.text()])
}

interface Requests {
  make(values: Values, seed: number): string
  answerTo(world: Awaited<ReturnType<typeof openWorld>>, request: string): Promise<string>
  isAnswered(answer: string): boolean
  /** The share that must be answered: requests that are all refused would show nothing. */
  readonly leastAnswered: number
}

const QUERIES_OF_GRAPH: Requests = {
  make: (values, seed) => operationFrom(schema, values, seed),
  answerTo,
  isAnswered: answer => answer.includes('{\\"data\\":{'),
  leastAnswered: 1 / 3,
}

/** The paths of exports, feeds and operators. */
const PATHS: Requests = {
  make: (values, seed) =>
    pathFrom(values, [ORGANIZATION, ORGANIZATION, ORGANIZATION, OTHER_ORGANIZATION], seed),
  answerTo: answerOfPath,
  isAnswered: answer => answer.startsWith('[200,'),
  leastAnswered: 1 / 5,
}

/** The first of this number of requests with different responses; `null` if there is none. */
async function firstDifference(
  { make, answerTo, isAnswered, leastAnswered }: Requests,
  { one, other, sets }: { one: World; other: World; sets: readonly string[] },
  count: number,
  firstSeed: number,
): Promise<{ request: string; answers: string[] } | null> {
  const worlds = [await openWorld(one, sets), await openWorld(other, sets)] as const
  let values = VALUES
  let answered = 0
  try {
    for (let seed = firstSeed; seed < firstSeed + count; seed++) {
      const request = make(values, seed)
      const answers = [await answerTo(worlds[0], request), await answerTo(worlds[1], request)]
      const [answer = ''] = answers
      if (answer !== answers[1]) return { request, answers }
      if (isAnswered(answer)) answered++
      values = withCursorsOf(values, answer)
    }
    expect(answered).toBeGreaterThan(count * leastAnswered)
    return null
  } finally {
    for (const [app] of worlds) await app.store.close()
  }
}

describe('random queries have the same responses if', () => {
  test.each(PAIRS.map((pair, number) => ({ ...pair, number })))(
    '$name',
    async ({ number, ...pair }) => {
      const count = Math.ceil(QUERIES / PAIRS.length)
      expect(await firstDifference(QUERIES_OF_GRAPH, pair, count, number * 100_000 + 1)).toBeNull()
    },
  )
})

test('200 random queries show a difference that the viewer may see', async () => {
  expect(await firstDifference(QUERIES_OF_GRAPH, CONTROL, 200, 1)).not.toBeNull()
})

describe('exports, the feed and the paths for operators have the same responses if', () => {
  test.each(PAIRS.map((pair, number) => ({ ...pair, number })))(
    '$name',
    async ({ number, ...pair }) => {
      const count = Math.ceil(QUERIES / PAIRS.length)
      expect(await firstDifference(PATHS, pair, count, number * 100_000 + 1)).toBeNull()
    },
  )
})

/** Each condition of filters alone, with each of its values. */
function* conditionsAlone(): Generator<string> {
  for (const name of FILTER_NAMES) {
    for (const value of filterValues(name, VALUES)) {
      yield `${name}=${encodeURIComponent(value)}`
    }
  }
}

describe('an export with any single condition is the same if', () => {
  test.each(PAIRS)('$name', async ({ one, other, sets }) => {
    const worlds = [await openWorld(one, sets), await openWorld(other, sets)] as const
    try {
      for (const condition of conditionsAlone()) {
        const path = `/export/${ORGANIZATION}.ndjson?${condition}`
        const [first, second] = [
          await answerOfPath(worlds[0], path),
          await answerOfPath(worlds[1], path),
        ]
        expect(second, path).toBe(first)
      }
    } finally {
      for (const [app] of worlds) await app.store.close()
    }
  })
})

test('20 random paths show a difference that the viewer may see', async () => {
  expect(await firstDifference(PATHS, CONTROL, 20, 1)).not.toBeNull()
})

describe('a statement', () => {
  let app: TestApp
  const statements: { text: string; values: readonly unknown[] }[] = []
  beforeAll(async () => {
    app = await openApp({
      clock: () => NOW,
      onStatement: (text, values) => statements.push({ text, values }),
    })
    await fillOther(app)
    await app.store.append(EVENTS)
    for (const kind of ['user', 'application', 'group', 'policy', 'api_key'] as const) {
      const entries = DIRECTORY.filter(entry => entry.kind === kind)
      await app.store.updateDirectory({
        organizationId: ORGANIZATION,
        kind,
        entries,
        complete: true,
      })
    }
  })
  afterAll(() => app.store.close())

  test('for a viewer always has the ID or the key of an Organization among its values', async () => {
    const token = await app.token(SEES_ALL)
    statements.length = 0
    for (let seed = 1; seed <= 300; seed++) {
      await app.fetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-auth-token': token },
        body: JSON.stringify({ query: operationFrom(schema, VALUES, seed) }),
      })
    }
    expect(statements.length).toBeGreaterThan(100)
    const unbound = statements.filter(({ text, values }) => !isBound(text, values))
    expect(unbound).toEqual([])
  })

  test('without an Organization is recognized by these tests', () => {
    for (const [text, ...values] of [
      ['SELECT count(*) FROM events'],
      ['SELECT count(*) FROM events WHERE created_at > ?', 1],
      ['SELECT e.id FROM events e JOIN series s ON s.number = e.series WHERE e.created_at > ?', 1],
      ['SELECT id, name FROM directory WHERE id = ?', 'a'],
      ['SELECT max(sequence) FROM events WHERE series > 0'],
    ] as const) {
      expect(isBound(text, values), text).toBe(false)
    }
    expect(isBound('SELECT 1 FROM events WHERE organization = ? AND id = ?', [1, 'a'])).toBe(true)
  })
})

test('500 random queries show former names that the viewer may see', async () => {
  const pair = { sets: SEES_ALL, one: {}, other: { before: formerly } }
  expect(await firstDifference(QUERIES_OF_GRAPH, pair, 500, 1)).not.toBeNull()
})
