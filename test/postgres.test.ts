// The contract of src/store.ts on PGlite, a PostgreSQL within this process, and what holds for PostgreSQL only.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { testBounds } from './support/bounds-contract.ts'
import { testCounts } from './support/counts-contract.ts'
import { at, event, ORGANIZATION, OTHER_ORGANIZATION, query, uuid } from './support/events.ts'
import { LONG } from './support/long.ts'
import { testNames } from './support/names-contract.ts'
import { user } from './support/people.ts'
import { type Pglite, startPglite } from './support/postgres.ts'
import { testPrincipals } from './support/principals-contract.ts'
import { testRights } from './support/rights-contract.ts'
import { testSavedViews } from './support/saved-views-contract.ts'
import { testSeals } from './support/seals-contract.ts'
import { testSearch } from './support/search-contract.ts'
import { testStore } from './support/store-contract.ts'
import { policy, testSyncStore } from './support/sync-contract.ts'
import { owner } from './support/viewers.ts'

let pglite: Pglite

beforeAll(async () => {
  pglite = await startPglite()
})
afterAll(() => pglite.close())

testStore('PGlite', () => pglite.open(), LONG ? 100 : 12)
testSyncStore('PGlite', () => pglite.open(), LONG ? 60 : 6)
testCounts('PGlite', () => pglite.open(), LONG ? 60 : 8, 8)
testSearch('PGlite', () => pglite.open())
testSeals('PGlite', options => pglite.open(options))
testSavedViews('PGlite', options => pglite.open(options))
testNames('PGlite', options => pglite.open(options), LONG ? 60 : 8)
testRights('PGlite', ({ scalewayIds: { always, never } }) =>
  pglite.open({ scaleway: { always: [...always], never: [...never] } }),
)
testPrincipals('PGlite', () => pglite.open())
testBounds('PGlite', () => pglite.open())

test('every statement about an Organization has its ID among its values', async () => {
  const statements: { text: string; values: readonly unknown[] }[] = []
  const store = await pglite.open({
    onStatement: (text, values) => statements.push({ text, values }),
  })
  statements.length = 0
  const deleted = event({ action: 'deleted', category: 'user', resourceId: uuid(1) })
  const rules = policy({ permissionSets: null })
  const listing = { organizationId: ORGANIZATION, complete: true }
  const window = { organizationId: ORGANIZATION, from: 1, until: 2, events: 0, readAt: 3 }
  const key = { organizationId: ORGANIZATION, id: uuid(1) }
  await store.updateDirectory({ ...listing, kind: 'user', entries: [user()] })
  await store.updateDirectory({
    ...listing,
    kind: 'user',
    entries: [user({ name: 'Ada', createdAt: 9 })],
  })
  await store.updateDirectory({ ...listing, kind: 'policy', entries: [rules] })
  await store.appendRead([event(), deleted], [window])
  await store.nameOrganization({ id: ORGANIZATION, name: 'one' })
  await store.readWindows(ORGANIZATION)
  await store.membership(key)
  const reader = store.reader(owner)
  const filter = {
    actions: ['deleted'] as const,
    principalIds: [uuid(1)],
    userAgent: 'curl',
    addresses: [{ first: new Uint8Array(4), last: new Uint8Array(4).fill(255) }],
  }
  const { addresses, actions, principalIds } = filter
  const not = { addresses, actions, principalIds, userAgents: ['curl'] }
  for (const each of [{}, filter, { ...filter, resourceIds: [uuid(1)] }, { not }]) {
    const { events } = await reader.events(query({ filter: each }))
    await reader.events(query({ filter: each, after: events[0] ?? null }))
    await reader.countEvents(ORGANIZATION, each)
    const counts = await reader.eventCounts(ORGANIZATION, each)
    await counts.kinds()
    await counts.principals(3)
    await counts.times([0, 1])
    await reader.arrivals({
      ...{ organizationId: ORGANIZATION, filter: each, limit: 3 },
      after: deleted.id,
    })
  }
  await reader.lastArrival(ORGANIZATION)
  await reader.coverage(ORGANIZATION)
  await reader.eventsById([deleted.id])
  await reader.directory([key])
  await reader.namesAt([{ ...key, at: 1 }])
  await reader.hasActed([key])
  const people = { search: 'a', after: null, before: null, limit: 3, fromEnd: false }
  await reader.principals({ organizationId: ORGANIZATION, ...people })
  await reader.countPrincipals(ORGANIZATION, 'a')
  await reader.organizationsById([ORGANIZATION])

  const aboutNoOrganization = /^VACUUM|pg_inherits|pg_advisory|pg_notify|PARTITION|CREATE TABLE/
  const about = statements.filter(({ text }) => !aboutNoOrganization.test(text))
  const unbound = about.filter(({ values }) => !values.flat().includes(ORGANIZATION))
  expect(unbound).toEqual([])
  expect(about.length).toBeGreaterThan(50)
})

test('every unique index of tables of an Organization begins with it, as a distributed PostgreSQL requires', async () => {
  const found = await pglite.run(`SELECT i.indexrelid::regclass::text AS is FROM pg_index i
    JOIN pg_class t ON t.oid = i.indrelid AND t.relnamespace = 'public'::regnamespace
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
    WHERE i.indisunique AND a.attname <> CASE t.relname WHEN 'organizations' THEN 'key' ELSE 'organization' END
    ORDER BY 1`)
  const ofNoOrganization = [
    '__drizzle_migrations_pkey',
    'sessions_pkey',
    'tokens_by_hash',
    'tokens_pkey',
  ]
  expect(found).toMatchObject([{ rows: ofNoOrganization.map(is => ({ is })) }])
})

test('an event of a month after the current ones makes its partition, and one for each of the next two months', async () => {
  const created: string[] = []
  const onStatement = (text: string) => {
    created.push(...(/^CREATE TABLE (\w+)/.exec(text)?.slice(1) ?? []))
  }
  const fresh = await startPglite()
  const store = await fresh.open({ onStatement })
  for (const month of ['2061-11', '2061-12', '2062-01', '2062-02']) {
    await store.append([event({ createdAt: at(`${month}-09T00:00:00Z`) })])
    if (month === '2062-01') {
      expect(created).toEqual(['events_2061_11', 'events_2061_12', 'events_2062_01'])
    }
  }
  expect(created.slice(3)).toEqual(['events_2062_02', 'events_2062_03', 'events_2062_04'])
  await fresh.close()
})

test('the newest page is one statement, although there are partitions for months to come', async () => {
  const statements: string[] = []
  const fresh = await startPglite()
  const store = await fresh.open({ onStatement: text => statements.push(text) })
  const now = Date.now() * 1000
  await store.append(Array.from({ length: 60 }, (_, second) => event({ createdAt: now - second })))
  const reader = store.reader(owner)
  await reader.events(query())
  statements.length = 0
  expect((await reader.events(query())).events).toHaveLength(50)
  expect(statements).toEqual([expect.stringContaining('FROM events')])
  await fresh.close()
})

test('events dropped by retention are in no result, and are not taken in again', async () => {
  const store = await pglite.open()
  const old = [
    event({
      createdAt: at('2025-11-30T23:59:59.999999Z'),
      principalId: uuid(301),
      ipAddress: '10.0.0.1',
    }),
    event({ createdAt: at('2025-10-05T00:00:00Z'), userAgent: 'bygone/1' }),
    event({ createdAt: at('2003-01-01T00:00:00Z'), action: 'archived' }),
    event({ createdAt: at('2025-11-01T00:00:00Z'), organizationId: OTHER_ORGANIZATION }),
  ]
  const young = [
    event({ createdAt: at('2025-12-01T00:00:00Z'), principalId: uuid(302) }),
    event({ createdAt: at('2026-03-01T00:00:00Z') }),
    event({ createdAt: at('2190-03-01T00:00:00Z') }),
  ]
  await store.append([...old, ...young])
  const from = at('2025-12-01T00:00:00Z')
  // Only whole months are dropped: the month of the date is kept.
  expect(await store.dropBefore(at('2025-12-24T00:00:00Z'))).toEqual({ dropped: 4, from })
  expect(await store.verify()).toEqual([])
  const reader = store.reader(owner)
  const kept = [...young].reverse()
  expect(await reader.events(query())).toMatchObject({ events: kept, hasMore: false })
  expect(await reader.countEvents(ORGANIZATION, {})).toBe(3)
  expect(await reader.countEvents(OTHER_ORGANIZATION, {})).toBe(0)
  expect(await reader.countEvents(ORGANIZATION, { userAgent: 'bygone' })).toBe(0)
  expect(await reader.eventsById(old.map(({ id }) => id))).toEqual([null, null, null, null])
  const acted = [301, 302].map(number => ({ organizationId: ORGANIZATION, id: uuid(number) }))
  expect(await reader.hasActed(acted)).toEqual([false, true])
  const arrivals = { organizationId: ORGANIZATION, filter: {}, limit: 10 }
  expect(await reader.arrivals({ ...arrivals, after: old[0]?.id ?? '' })).toBeNull()
  expect(await reader.coverage(ORGANIZATION)).toMatchObject({ earliest: from })
  expect(await reader.coverage(OTHER_ORGANIZATION)).toMatchObject({ earliest: null, latest: null })

  // No cached number is used for a value that was deleted with the events.
  const again = event({ userAgent: 'bygone/1', principalId: uuid(301), ipAddress: '10.0.0.1' })
  expect(await store.append([...old, again])).toEqual({ added: 1, known: 0, expired: 4 })
  expect(await reader.eventsById([again.id])).toMatchObject([again])
  expect(await reader.countEvents(ORGANIZATION, { userAgent: 'bygone' })).toBe(1)
  expect(await reader.events(query({ filter: { principalIds: [uuid(301)] } }))).toMatchObject({
    events: [again],
  })
  expect(await store.verify()).toEqual([])
  expect(await store.dropBefore(at('2001-01-01T00:00:00Z'))).toEqual({ dropped: 0, from: null })
})

test('verify reports wrong totals, names that do not fit the directory, and IDs without events', async () => {
  const store = await pglite.open()
  const [one, another] = [event(), event()]
  await store.append([one, another])
  await store.updateDirectory({
    organizationId: ORGANIZATION,
    kind: 'user',
    entries: [user(), user({ id: uuid(2) })],
    complete: true,
  })
  await pglite.run(`UPDATE names SET name = 'x' WHERE id = '${uuid(1)}'`)
  await pglite.run(`DELETE FROM directory WHERE id = '${uuid(2)}'`)
  await pglite.run(`UPDATE principals SET events = 5`)
  await pglite.run(`DELETE FROM event_ids WHERE id = '${one.id}'`)
  await pglite.run(`DELETE FROM events WHERE id = '${another.id}'`)
  const faults = (await store.verify()).join('\n')
  expect(faults).toMatch(/principals \d+: its total is 5 events, but there (is|are) \d/)
  expect(faults).toContain('1 entry whose name is not the last of its history')
  expect(faults).toContain('1 former name without an entry')
  expect(faults).toContain('1 event and 1 ID, of which 0 match')
})
