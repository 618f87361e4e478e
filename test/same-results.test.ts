// The same data in SQLite and in PostgreSQL, and many random queries: both give the same results.

import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BEGINNING } from '../src/coverage.ts'
import { ACTIONS, CATEGORIES, type Event, type EventFilter, FEED_START } from '../src/event.ts'
import type { LogReader } from '../src/log-reader.ts'
import { scalewayIds } from '../src/principal.ts'
import { openStore } from '../src/storage/open.ts'
import type { AuditStore } from '../src/store.ts'
import { type Visibility, visibilityOf } from '../src/visibility.ts'
import { at, ORGANIZATION, OTHER_ORGANIZATION, uuid } from './support/events.ts'
import { LONG } from './support/long.ts'
import { application, user } from './support/people.ts'
import { type Pglite, startPglite } from './support/postgres.ts'
import { apiKey, group, policy } from './support/sync-contract.ts'

const QUERIES = LONG ? 5000 : 1000

const START = at('2025-11-30T00:00:00Z')
const MONTHS = 120 * 86_400_000_000

const names = ['Ada', 'ada', 'Ärger', 'ärger', 'Zoë', 'z', '_', '%', '100%', 'Ω', '😀', 'Unknown']
const agents = [
  'curl/8.0',
  'CURL/8',
  'Über/1 (X11)',
  'über',
  '100%_\\',
  'İstanbul',
  'ſ',
  '😀 bot',
  ' ',
]
const addresses = ['192.0.2.1', '192.0.2.255', '10.0.0.1', '2001:db8::1', '::', 'gateway']
const actors = [
  ...Array.from({ length: 12 }, (_, number) => uuid(number)),
  'root',
  'ROOT',
  uuid(0xab, 'ABCDEF00'),
  '00000000-0000-0000-0000-000000000000',
  uuid(77),
]
const resources = [
  'SCWAAAAAAAAAAAAAAAAA',
  'scw',
  'é',
  ...Array.from({ length: 20 }, (_, n) => uuid(n)),
]

/** Dates within some months; many are equal, and some are far away. */
const date = fc.oneof(
  { weight: 4, arbitrary: fc.nat(MONTHS).map(micros => START + micros) },
  { weight: 2, arbitrary: fc.nat(20).map(micros => START + micros) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(-1, 0, 1, at('2003-05-05T00:00:00Z'), at('2180-01-01T00:00:00Z')),
  },
)

const arbitraryEvent: fc.Arbitrary<Event> = fc.record({
  id: fc.oneof(
    fc.uuid(),
    fc.nat(0xffff).map(number => uuid(number, 'e0000000')),
  ),
  organizationId: fc.constantFrom(ORGANIZATION, ORGANIZATION, OTHER_ORGANIZATION),
  createdAt: date,
  action: fc.constantFrom('created', 'updated', 'deleted', 'archived', 'Created'),
  category: fc.constantFrom(...CATEGORIES, 'saml'),
  resourceId: fc.constantFrom(...resources),
  principalId: fc.constantFrom(...actors),
  ipAddress: fc.constantFrom(null, ...addresses),
  userAgent: fc.constantFrom(null, ...agents),
})

const bytes = (...values: number[]) => Uint8Array.from(values)
const some = <T>(values: readonly T[]) => fc.array(fc.constantFrom(...values), { maxLength: 20 })
const part = fc
  .tuple(fc.constantFrom('', 'Z', ...agents, ...names), fc.nat(3), fc.nat(5))
  .map(([text, from, length]) => [...text].slice(from % 2, from + length + 1).join(''))

const blocks = fc.subarray(
  [
    { first: bytes(192, 0, 2, 0), last: bytes(192, 0, 2, 255) },
    { first: bytes(10, 0, 0, 1), last: bytes(10, 0, 0, 1) },
    { first: bytes(0, 0, 0, 0), last: bytes(255, 255, 255, 255) },
    { first: new Uint8Array(16), last: new Uint8Array(16).fill(255) },
  ],
  { maxLength: 2 },
)

const filter: fc.Arbitrary<EventFilter> = fc.record(
  {
    createdAfter: date,
    createdBefore: date,
    actions: fc.subarray([...ACTIONS]),
    categories: fc.subarray([...CATEGORIES]),
    principalIds: some([...actors, uuid(999), 'nobody']),
    resourceIds: some([...resources, 'nothing']),
    addresses: blocks,
    userAgent: part,
    userAgents: fc.array(part, { maxLength: 2 }),
    not: fc.record(
      {
        actions: fc.subarray([...ACTIONS]),
        categories: fc.subarray([...CATEGORIES]),
        principalIds: some([...actors, uuid(999), 'nobody']),
        addresses: blocks,
        userAgents: fc.array(part, { maxLength: 2 }),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
)

/** Each field is in about a third of the queries. */
const fewFilters = fc
  .tuple(filter, fc.infiniteStream(fc.integer({ min: 0, max: 2 })))
  .map(([fields, chosen]): EventFilter => {
    return Object.fromEntries(Object.entries(fields).filter(() => chosen.next().value === 0))
  })

const viewers: readonly Visibility[] = [
  { owner: true, permissionSets: [] },
  { owner: false, permissionSets: ['AuditTrailReadOnly'] },
  { owner: false, permissionSets: ['AuditTrailReadOnly', 'IAMUserReadOnly'] },
  { owner: false, permissionSets: ['AuditTrailReadOnly', 'IAMApplicationReadOnly'] },
].map(rights =>
  visibilityOf({
    id: 'viewer',
    name: null,
    memberships: [ORGANIZATION, OTHER_ORGANIZATION].map(organizationId => ({
      organizationId,
      ...rights,
    })),
  }),
)

const organization = fc.constantFrom(ORGANIZATION, ORGANIZATION, OTHER_ORGANIZATION, uuid(1))
const place = fc.nat()
const limit = fc.integer({ min: 1, max: 60 })
const keys = fc.array(
  fc.record({
    organizationId: organization,
    id: fc.constantFrom(...actors, ...resources, uuid(50)),
  }),
  { maxLength: 30 },
)

let pglite: Pglite
let postgres: AuditStore
let sqlite: AuditStore
let events: readonly Event[]

/** A query that is run on both databases. */
type Query = (log: LogReader) => unknown

const queries: fc.Arbitrary<Query> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        organization,
        fewFilters,
        fc.constantFrom('newest-first', 'oldest-first'),
        fc.option(place, { freq: 1 }),
        fc.option(place, { freq: 1 }),
        limit,
        fc.boolean(),
      )
      .map(([organizationId, filter, order, after, before, limit, fromEnd]): Query => {
        const edge = (place: number | null) =>
          place === null ? null : (events[place % events.length] ?? null)
        const [a, b] = [edge(after), edge(before)]
        return log =>
          log.events({ organizationId, filter, order, after: a, before: b, limit, fromEnd })
      }),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(organization, fewFilters).map(
      ([id, filter]): Query =>
        log =>
          log.countEvents(id, filter),
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(organization, fewFilters, fc.option(place), limit)
      .map(([organizationId, filter, after, limit]): Query => {
        const cursor = after === null ? FEED_START : (events[after % events.length]?.id ?? '')
        return log => log.arrivals({ organizationId, filter, after: cursor, limit })
      }),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        organization,
        fc.option(part),
        fc.option(fc.tuple(fc.constantFrom(...names), fc.constantFrom(...actors))),
        fc.option(fc.tuple(fc.constantFrom(...names), fc.constantFrom(...actors))),
        limit,
        fc.boolean(),
      )
      .map(([organizationId, search, after, before, limit, fromEnd]): Query => {
        const position = (of: [string, string] | null) => of && { name: of[0], id: of[1] }
        const [a, b] = [position(after), position(before)]
        return async log => ({
          page: await log.principals({
            organizationId,
            search,
            after: a,
            before: b,
            limit,
            fromEnd,
          }),
          count: await log.countPrincipals(organizationId, search),
        })
      }),
  },
  {
    weight: 1,
    arbitrary: keys.map(
      (keys): Query =>
        async log => ({
          entries: await log.directory(keys),
          byId: await log.directoryById(keys.map(({ id }) => id)),
          named: await log.namesAt(
            keys.flatMap(key => [0, 1, 5, 9].map(later => ({ ...key, at: START + later }))),
          ),
          acted: await log.hasActed(keys),
          actedIn: await log.actedInById(keys.map(({ id }) => id)),
        }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.array(place, { maxLength: 30 }).map((places): Query => {
      const ids = places.map(place => events[place % (events.length + 9)]?.id ?? uuid(place))
      return log => log.eventsById(ids)
    }),
  },
  {
    weight: 1,
    arbitrary: organization.map(
      (id): Query =>
        async log => ({
          coverage: await log.coverage(id),
          last: await log.lastArrival(id),
          named: await log.organizationsById([id, ORGANIZATION]),
          all: await log.organizations(),
        }),
    ),
  },
)

beforeAll(async () => {
  pglite = await startPglite()
  const ids = { always: ['root', uuid(5)], never: [uuid(77)] }
  const clock = () => at('2026-06-01T00:00:00Z')
  postgres = await pglite.open({ scaleway: ids, clock })
  sqlite = await openStore(':memory:', { scalewayIds: scalewayIds(ids.always, ids.never), clock })
  events = fc.sample(arbitraryEvent, { numRuns: 3000, seed: 7 })
  for (const store of [sqlite, postgres]) {
    for (let from = 0; from < events.length; from += 500) {
      await store.append(events.slice(from, from + 500))
    }
    await fillDirectory(store)
  }
})

afterAll(async () => {
  await sqlite.close()
  await postgres.close()
  await pglite.close()
})

async function fillDirectory(store: AuditStore): Promise<void> {
  const since = START + 2 * MONTHS
  const kinds = {
    user: names.map((name, number) =>
      user({ id: uuid(number), name, email: `${name}@example.com`, createdAt: since }),
    ),
    application: names.map((name, number) =>
      application({ id: uuid(number + 9), name: name.repeat(2), createdAt: since }),
    ),
    group: [group({ userIds: [uuid(1)], createdAt: since })],
    policy: [policy({ holder: { kind: 'user', id: uuid(1) }, createdAt: since })],
    api_key: [apiKey({ createdAt: since })],
    scaleway: [7, 77].map(
      number =>
        ({
          kind: 'scaleway',
          organizationId: ORGANIZATION,
          id: uuid(number),
          name: 'Scaleway',
        }) as const,
    ),
  }
  for (const [kind, entries] of Object.entries(kinds)) {
    await store.updateDirectory({
      organizationId: ORGANIZATION,
      kind: kind as keyof typeof kinds,
      entries,
      complete: true,
    })
  }
  // Three changes of names: two with dates, and one without a date for another application with the same ID.
  for (const [round, dates] of [
    { updatedAt: START + 1, createdAt: since },
    { updatedAt: START + 9, createdAt: since },
    { updatedAt: null, createdAt: START },
  ].entries()) {
    const renamed = kinds.application.filter((_, number) => number % (round + 2) === 0)
    await store.updateDirectory({
      organizationId: ORGANIZATION,
      kind: 'application',
      entries: renamed.map(entry => ({ ...entry, ...dates, name: `${entry.name} ${round}` })),
      complete: false,
    })
  }
  await store.nameOrganization({ id: ORGANIZATION, name: 'Örg' })
  const window = { organizationId: ORGANIZATION, events: 3, readAt: START }
  await store.appendRead(
    [],
    [
      { ...window, from: BEGINNING, until: START },
      { ...window, from: START + 5, until: START + 10 },
    ],
  )
}

test(`SQLite and PostgreSQL give the same results for ${QUERIES.toLocaleString('en')} random queries`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...viewers), queries, async (viewer, query) => {
      const result = await query(postgres.reader(viewer))
      expect(result).toEqual(await query(sqlite.reader(viewer)))
    }),
    { numRuns: QUERIES, seed: 11 },
  )
})
