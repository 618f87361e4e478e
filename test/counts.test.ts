// Counts of events: the requirements for every database, here tested with SQLite, and `eventCounts` in the graph.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { NIL_ID } from '../src/event.ts'
import { scalewayIds } from '../src/principal.ts'
import { openStore } from '../src/storage/open.ts'
import { openApp, type TestApp } from './support/app.ts'
import { testCounts } from './support/counts-contract.ts'
import { at, event, ORGANIZATION, OTHER_ORGANIZATION, uuid } from './support/events.ts'
import { application, user } from './support/people.ts'
import { owner } from './support/viewers.ts'

let folder = ''
let files = 0

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'iam-logs-counts-'))
})

afterAll(() => rmSync(folder, { recursive: true }))

const newFile = () => join(folder, `${++files}.db`)
const open = (file = newFile()) => openStore(file, { scalewayIds: scalewayIds() })

testCounts('SQLite', async () => open())

test('verify reports stored counts that differ from the events', async () => {
  for (const [damage, fault] of [
    [
      'DELETE FROM day_counts',
      'day_counts 1: its count from 2026-01-01T00:00:00.000000Z on is 0 events, but there are 2',
    ],
    [
      'DELETE FROM quarter_counts',
      'quarter_counts 0: its count from 2026-01-01T00:00:00.000000Z on is 0 events',
    ],
    [
      'DELETE FROM quarter_counts WHERE number > 1',
      ': its count from 2026-01-01T00:00:00.000000Z on is 0 events',
    ],
    ['UPDATE day_counts SET events = 9', 'on is 9 events, but there are 2'],
    ['UPDATE quarter_counts SET events = 1', 'on is 1 event, but there are 2'],
    [
      'UPDATE quarter_counts SET number = 70 WHERE number > 1',
      'quarter_counts 70: its count from 2026-01-01T00:00:00.000000Z on is 2 events',
    ],
    ['UPDATE day_counts SET number = 70 WHERE number > 1', 'day_counts 70: its count from'],
    ['UPDATE series SET events = 9', 'its total is 9 events, but there are 2, or its dates differ'],
    [
      'UPDATE kinds SET last_at = last_at + 1',
      'kinds 1: its total is 2 events, but there are 2, or',
    ],
    ['UPDATE day_counts SET organization = 7', 'day_counts: 2 rows without an Organization'],
    [
      'UPDATE quarter_counts SET period = period * 1e9 WHERE number = 0',
      'quarter_counts 0: its count from',
    ],
    ['UPDATE events SET kind = series', 'events: 2 rows with another kind than their series'],
  ] as const) {
    const file = newFile()
    const store = await open(file)
    await store.append([event(), event()])
    await store.nameOrganization({ id: OTHER_ORGANIZATION, name: null })
    expect(await store.verify()).toEqual([])
    const db = new Database(file)
    db.exec(damage)
    db.close()
    expect((await store.verify()).join('\n'), damage).toContain(fault)
    await store.close()
  }
})

test('SQLite counts only the newest events of an IP address that has too many to read, and returns their first date', async () => {
  const store = await open()
  const start = at('2026-01-01T00:00:00Z')
  await store.append(
    Array.from({ length: 30_000 }, (_, second) => event({ createdAt: start + second * 1_000_000 })),
  )
  const address = Uint8Array.of(192, 0, 2, 1)
  const filter = { addresses: [{ first: address, last: address }] }
  const { since, kinds } = await store.reader(owner).eventCounts(ORGANIZATION, filter)
  const [counted] = await kinds()
  expect(counted?.events).toBeGreaterThan(9000)
  expect(counted?.events).toBeLessThanOrEqual(20_000)
  expect(since).toBeGreaterThan(start + (30_000 - 20_000 - 1) * 1_000_000)
  await store.close()
})

const COUNTS = `query ($filter: EventFilter, $first: Int! = 10, $interval: TimeInterval! = DAY, $timeZone: String! = "UTC") {
  organization(id: "${ORGANIZATION}") {
    eventCounts(filter: $filter) {
      total isExact countedSince
      byAction { action count }
      byCategory { category count }
      byPrincipal(first: $first) { principal { __typename id: principalId name } count }
      byTime(interval: $interval, timeZone: $timeZone) { start end count }
    }
  }
}`

const VALUES = `query ($filter: EventFilter, $first: Int! = 10) {
  organization(id: "${ORGANIZATION}") {
    eventCounts(filter: $filter) {
      total isExact
      byIpAddress(first: $first) { nodes { ipAddress count latest } countedSince }
      byUserAgent(first: $first) { nodes { userAgent count latest } countedSince }
    }
  }
}`

async function counts(app: TestApp, variables: object = {}, secret?: string) {
  const { data, errors } = await app.ask(COUNTS, variables, secret)
  expect(errors).toBeUndefined()
  return data.organization?.eventCounts
}

async function errorOf(app: TestApp, variables: object) {
  const { errors } = await app.ask(COUNTS, variables)
  return `${errors?.[0].extensions.code}: ${errors?.[0].message}`
}

const SCALEWAY = uuid(9)

async function openExample(): Promise<TestApp> {
  const app = await openApp({ scaleway: [SCALEWAY] })
  await app.store.append([
    event({ createdAt: at('2026-03-28T22:59:59.999999Z'), principalId: uuid(1) }),
    event({ createdAt: at('2026-03-28T23:00:00Z'), principalId: uuid(1), action: 'deleted' }),
    event({ createdAt: at('2026-03-31T10:00:00Z'), principalId: uuid(2), category: 'user' }),
    event({ createdAt: at('2026-03-31T10:00:01Z'), principalId: uuid(3), action: 'archived' }),
    event({ createdAt: at('2026-03-31T10:00:02Z'), principalId: uuid(4), category: 'saml' }),
    event({ createdAt: at('2026-03-31T10:00:03Z'), principalId: NIL_ID, category: 'idp' }),
    event({ createdAt: at('2026-03-31T10:00:04Z'), principalId: SCALEWAY }),
    event({ createdAt: at('2026-03-31T11:00:00Z'), principalId: uuid(4), action: 'merged' }),
  ])
  await app.store.append([event({ organizationId: OTHER_ORGANIZATION })])
  const listing = { organizationId: ORGANIZATION, complete: true }
  await app.store.updateDirectory({ ...listing, kind: 'user', entries: [user()] })
  await app.store.updateDirectory({ ...listing, kind: 'application', entries: [application()] })
  return app
}

test('eventCounts counts by action, by category, and by day of a time zone, including days without events', async () => {
  const app = await openExample()
  const found = await counts(app, { timeZone: 'Europe/Paris' })
  expect(found).toMatchObject({
    total: 8,
    isExact: true,
    countedSince: null,
    byAction: [
      { action: 'CREATED', count: 5 },
      { action: 'DELETED', count: 1 },
      { action: 'UNKNOWN', count: 2 },
    ],
    byCategory: [
      { category: 'USER', count: 1 },
      { category: 'APPLICATION', count: 5 },
      { category: 'UNKNOWN', count: 2 },
    ],
    byTime: [
      { start: '2026-03-27T23:00:00.000000Z', end: '2026-03-28T23:00:00.000000Z', count: 1 },
      { start: '2026-03-28T23:00:00.000000Z', end: '2026-03-29T22:00:00.000000Z', count: 1 },
      { start: '2026-03-29T22:00:00.000000Z', end: '2026-03-30T22:00:00.000000Z', count: 0 },
      { start: '2026-03-30T22:00:00.000000Z', end: '2026-03-31T22:00:00.000000Z', count: 6 },
    ],
  })
})

test('each bucket of byTime counts its events by action, and only those that match the filter', async () => {
  const app = await openExample()
  const days = async (filter: object) => {
    const { data, errors } = await app.ask(
      `query ($filter: EventFilter) { organization(id: "${ORGANIZATION}") { eventCounts(filter: $filter) {
        byTime(interval: DAY) { count byAction { action count } } } } }`,
      { filter },
    )
    expect(errors).toBeUndefined()
    return data.organization.eventCounts.byTime
  }
  const created = (count: number) => ({ action: 'CREATED', count })
  const [deleted, unknown] = [
    { action: 'DELETED', count: 1 },
    { action: 'UNKNOWN', count: 2 },
  ]
  const none = { count: 0, byAction: [] }
  expect(await days({})).toEqual([
    ...[{ count: 2, byAction: [created(1), deleted] }, none, none],
    { count: 6, byAction: [created(4), unknown] },
  ])
  expect(
    await days({ ipAddresses: ['192.0.2.0/24'], createdAfter: '2026-03-31T00:00:00Z' }),
  ).toEqual([{ count: 6, byAction: [created(4), unknown] }])
  expect(await days({ actions: ['UNKNOWN'], principalIds: [uuid(3), uuid(4)] })).toEqual([
    { count: 2, byAction: [unknown] },
  ])
  expect(await days({ not: { actions: ['CREATED', 'UNKNOWN'] } })).toEqual([
    { count: 1, byAction: [deleted] },
  ])
  await app.store.close()
})

test('byPrincipal counts by ID, shows only names that the viewer may see, and nothing without a right to events', async () => {
  const app = await openExample()
  const principals = async (sets: string[], first = 10) =>
    (await counts(app, { first }, await app.token(sets))).byPrincipal.map(
      ({
        principal,
        count,
      }: {
        principal: { __typename: string; id: string; name: string }
        count: number
      }) => `${count} ${principal.id.slice(-1)} ${principal.__typename} ${principal.name}`,
    )
  const scaleway = '1 0 ScalewayPrincipal Scaleway'
  expect(await principals([])).toEqual([
    '2 1 User Ada Lovelace',
    '2 4 UnknownPrincipal Unknown',
    scaleway,
    '1 2 Application terraform',
    '1 3 UnknownPrincipal Unknown',
    '1 9 ScalewayPrincipal Scaleway',
  ])
  expect(await principals(['AuditTrailReadOnly'], 4)).toEqual([
    '2 1 UnknownPrincipal Unknown',
    '2 4 UnknownPrincipal Unknown',
    scaleway,
    '1 2 UnknownPrincipal Unknown',
  ])
  expect(await counts(app, {}, await app.token(['IAMUserReadOnly']))).toBeUndefined()
})

test('byIpAddress and byUserAgent return count and latest date of each value, only for viewers with a right to events', async () => {
  const app = await openApp()
  const eventAt = (hour: string, ipAddress: string | null, userAgent: string | null) =>
    event({ createdAt: at(`2026-03-28T${hour}:00:00Z`), ipAddress, userAgent })
  await app.store.append([
    eventAt('10', '192.0.2.1', 'curl/8.0'),
    eventAt('11', '192.0.2.1', null),
    eventAt('12', '2001:db8::1', 'Terraform'),
    eventAt('12', null, 'Terraform'),
    eventAt('13', '198.51.100.7', 'curl/8.0'),
    eventAt('13', '10.0.0.1', null),
  ])
  const ask = (variables: object, secret?: string) => app.ask(VALUES, variables, secret)
  const lines = async (variables: object) => {
    const { data, errors } = await ask(variables)
    expect(errors).toBeUndefined()
    const { byIpAddress, byUserAgent } = data.organization.eventCounts
    expect([byIpAddress.countedSince, byUserAgent.countedSince]).toEqual([null, null])
    return [...byIpAddress.nodes, ...byUserAgent.nodes].map(
      ({ ipAddress, userAgent, count, latest }) =>
        `${count} ${ipAddress ?? userAgent ?? null} ${latest.slice(11, 13)}`,
    )
  }
  expect(await lines({})).toEqual([
    ...['2 192.0.2.1 11', '1 10.0.0.1 13', '1 198.51.100.7 13', '1 2001:db8::1 12', '1 null 12'],
    ...['2 curl/8.0 13', '2 null 13', '2 Terraform 12'],
  ])
  expect(await lines({ first: 1, filter: { userAgent: 'terra' } })).toEqual([
    '1 2001:db8::1 12',
    '2 Terraform 12',
  ])
  expect(await lines({ filter: { ipAddresses: ['192.0.2.0/24'] } })).toEqual([
    ...['2 192.0.2.1 11', '1 null 11', '1 curl/8.0 10'],
  ])
  expect(await lines({ filter: { createdBefore: '2026-03-28T11:00:00Z' } })).toEqual([
    ...['1 192.0.2.1 10', '1 curl/8.0 10'],
  ])
  expect((await ask({}, await app.token(['IAMUserReadOnly']))).data.organization).toBeNull()
})

test('byIpAddress and byUserAgent count all events; with a filter by date and too many events, the newest since countedSince', async () => {
  const app = await openApp()
  const start = at('2026-01-01T00:00:00Z')
  await app.store.append(
    Array.from({ length: 25_000 }, (_, minute) =>
      event({
        createdAt: start + minute * 60_000_000,
        userAgent: minute % 3 === 0 ? null : `curl/${minute % 2}`,
        ipAddress: minute % 5 === 0 ? null : '192.0.2.1',
      }),
    ),
  )
  const ask = async (filter: object) =>
    (await app.ask(VALUES, { filter })).data.organization.eventCounts
  const sum = (counts: { nodes: { count: number }[] }) =>
    counts.nodes.reduce((sum, { count }) => sum + count, 0)
  const all = await ask({})
  for (const exact of [all.byIpAddress, all.byUserAgent]) {
    expect([exact.countedSince, sum(exact)]).toEqual([null, 25_000])
  }
  const { byIpAddress, byUserAgent, ...counts } = await ask({
    createdAfter: '2026-01-01T00:01:00Z',
  })
  expect(counts).toEqual({ total: 24_999, isExact: true })
  expect(byIpAddress.countedSince).toBe(byUserAgent.countedSince)
  const count = sum(byIpAddress)
  expect(count).toBeGreaterThan(10_000)
  expect(count).toBeLessThanOrEqual(20_000)
  const since = await ask({ createdAfter: byIpAddress.countedSince })
  expect(since.total).toBe(count)
  expect(since.byIpAddress).toEqual({ ...byIpAddress, countedSince: null })
  expect(since.byUserAgent).toEqual({ ...byUserAgent, countedSince: null })
})

test('byTime counts by minute, also in a time zone with an offset of 5 h 45 min', async () => {
  const app = await openExample()
  const filter = { createdAfter: '2026-03-31T09:59:30Z', createdBefore: '2026-03-31T10:02:00Z' }
  const { byTime } = await counts(app, { filter, interval: 'MINUTE', timeZone: 'Asia/Kathmandu' })
  expect(byTime).toEqual([
    { start: '2026-03-31T09:59:00.000000Z', end: '2026-03-31T10:00:00.000000Z', count: 0 },
    { start: '2026-03-31T10:00:00.000000Z', end: '2026-03-31T10:01:00.000000Z', count: 5 },
    { start: '2026-03-31T10:01:00.000000Z', end: '2026-03-31T10:02:00.000000Z', count: 0 },
  ])
})

test('one query can contain all counts, in several aliases of eventCounts', async () => {
  const app = await openExample()
  const query = `query ($o: ID!, $i: TimeInterval!, $f: EventFilter) {
    organization(id: $o) {
      all: eventCounts(filter: $f) {
        total isExact countedSince byTime(interval: $i, timeZone: "UTC") { start end count }
      }
      a: eventCounts(filter: $f) { byAction { action count } }
      c: eventCounts(filter: $f) { byCategory { category count } }
      p: eventCounts(filter: $f) { byPrincipal(first: 10) { count principal { __typename id: principalId name } } }
      v: eventCounts(filter: $f) {
        byIpAddress { nodes { ipAddress count latest } countedSince }
        byUserAgent { nodes { userAgent count latest } countedSince }
      }
    }
  }`
  const { data, errors } = await app.ask(query, { o: ORGANIZATION, i: 'HOUR' })
  expect(errors).toBeUndefined()
  expect(data.organization.all.total).toBe(8)
  expect(data.organization.v.byIpAddress.nodes).toHaveLength(1)
})

test('eventCounts counts events that match the filter, and byTime covers the whole date range of the filter', async () => {
  const app = await openExample()
  const filter = {
    createdAfter: '2026-03-31T09:30:00Z',
    createdBefore: '2026-03-31T12:00:00Z',
    principalIds: [uuid(3), uuid(4)],
  }
  const found = await counts(app, { filter, interval: 'HOUR' })
  expect(found.total).toBe(3)
  expect(
    found.byTime.map(({ start, count }: { start: string; count: number }) => [start, count]),
  ).toEqual([
    ['2026-03-31T09:00:00.000000Z', 0],
    ['2026-03-31T10:00:00.000000Z', 2],
    ['2026-03-31T11:00:00.000000Z', 1],
  ])
  const nothing = { principalIds: [uuid(404)] }
  expect(await counts(app, { filter: nothing })).toMatchObject({ total: 0, byTime: [] })
  const withoutEvents = {
    createdAfter: '2026-04-01T00:00:00Z',
    createdBefore: '2026-04-15T00:00:00Z',
  }
  expect((await counts(app, { filter: withoutEvents, interval: 'WEEK' })).byTime).toEqual([
    { start: '2026-03-30T00:00:00.000000Z', end: '2026-04-06T00:00:00.000000Z', count: 0 },
    { start: '2026-04-06T00:00:00.000000Z', end: '2026-04-13T00:00:00.000000Z', count: 0 },
    { start: '2026-04-13T00:00:00.000000Z', end: '2026-04-20T00:00:00.000000Z', count: 0 },
  ])
  const emptyRange = { createdAfter: '2026-04-01T00:00:00Z', createdBefore: '2026-04-01T00:00:00Z' }
  expect((await counts(app, { filter: emptyRange })).byTime).toEqual([])
  expect((await counts(app, { filter: { createdAfter: '2026-04-01T00:00:00Z' } })).byTime).toEqual(
    [],
  )
  expect(
    (await counts(app, { filter: { ipAddresses: ['192.0.2.0/24'] }, interval: 'MONTH' })).byTime,
  ).toEqual([
    { start: '2026-03-01T00:00:00.000000Z', end: '2026-04-01T00:00:00.000000Z', count: 8 },
  ])
})

test('if there are too many events to count, total and byTime contain only those since countedSince', async () => {
  const app = await openApp()
  const start = at('2026-01-01T00:00:00Z')
  await app.store.append(
    Array.from({ length: 25_000 }, (_, minute) =>
      event({ createdAt: start + minute * 60_000_000 }),
    ),
  )
  const filter = { ipAddresses: ['192.0.2.1'], createdAfter: '2026-01-01T00:00:00Z' }
  const found = await counts(app, { filter, interval: 'HOUR' })
  expect(found.isExact).toBe(false)
  expect(found.total).toBeLessThan(25_000)
  expect(at(found.byTime[0].start)).toBeLessThanOrEqual(at(found.countedSince))
  expect(at(found.byTime[0].end)).toBeGreaterThan(at(found.countedSince))
  const sum = found.byTime.reduce((sum: number, { count }: { count: number }) => sum + count, 0)
  expect(sum).toBe(found.total)
  const since = { ...filter, createdAfter: found.countedSince }
  expect(await counts(app, { filter: since })).toMatchObject({ isExact: true, total: found.total })
})

test('byTime refuses too many buckets and an unknown time zone, with what to request instead', async () => {
  const app = await openExample()
  const year = { createdAfter: '2024-01-01T00:00:00Z', createdBefore: '2025-01-01T00:00:00Z' }
  expect((await counts(app, { filter: year, interval: 'HOUR' })).byTime).toHaveLength(8784)
  const long = { ...year, createdBefore: '2026-01-01T00:00:00Z' }
  expect(await errorOf(app, { filter: long, interval: 'HOUR' })).toBe(
    'LIMIT_EXCEEDED: interval: HOUR makes more than 10000 buckets between 2024-01-01T00:00:00.000000Z and 2026-01-01T00:00:00.000000Z; choose a longer interval or a shorter range',
  )
  expect(await errorOf(app, { timeZone: 'Paris', filter: { principalIds: [] } })).toBe(
    'BAD_USER_INPUT: timeZone: "Paris" is not a known time zone; give an IANA name such as "Europe/Paris"',
  )
})
