// How an export reads the archive: which events it contains, how many queries it runs, and which names it looks up.

import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Event, type EventFilter, type EventQuery, FEED_START, NIL_ID } from '../src/event.ts'
import type { LogReader } from '../src/log-reader.ts'
import type { AuditStore } from '../src/store.ts'
import { type ExportOptions, type ExportRequest, exportEvents } from '../src/transfer/export.ts'
import { NDJSON } from '../src/transfer/ndjson.ts'
import { openApp } from './support/app.ts'
import { at, event, ORGANIZATION, uuid } from './support/events.ts'
import { user } from './support/people.ts'
import { owner } from './support/viewers.ts'

const START = at('2026-01-01T00:00:00Z')
const DAY = 86_400_000_000

let store: AuditStore
let log: LogReader
let queries: EventQuery[]
let lookedUp: string[][]
let time: number

beforeEach(async () => {
  time = 1_000_000
  store = (await openApp()).store
  vi.spyOn(performance, 'now').mockImplementation(() => time)
  queries = []
  lookedUp = []
  const reader = store.reader(owner)
  log = {
    ...reader,
    events(query) {
      queries.push(query)
      return reader.events(query)
    },
    directory(keys) {
      lookedUp.push(keys.map(({ id }) => id))
      return reader.directory(keys)
    },
  }
})

afterEach(async () => {
  vi.restoreAllMocks()
  await store.close()
})

async function textOf(fields: Partial<ExportRequest> = {}, options: ExportOptions = {}) {
  const request = {
    organizationId: ORGANIZATION,
    filter: {},
    format: NDJSON,
    trailer: true,
    snapshot: await log.lastArrival(ORGANIZATION),
    ...fields,
  }
  let text = ''
  for await (const chunk of exportEvents(log, request, options)) text += chunk
  return text
}

/** The IDs of the rows, without the trailer in the last line. */
async function idsOf(fields: Partial<ExportRequest> = {}, options: ExportOptions = {}) {
  const lines = (await textOf(fields, options)).trimEnd().split('\n')
  return lines.slice(0, -1).map(line => JSON.parse(line).id)
}

function ids(events: readonly Event[]): string[] {
  return events.map(({ id }) => id)
}

test('an export has each event once, also of more events in one microsecond than one query reads', async () => {
  const made = Array.from({ length: 900 }, (_, number) =>
    event({ createdAt: START + (number < 100 ? 0 : number < 800 ? 1 : 2) }),
  )
  await store.append(made.toReversed())
  expect(await idsOf()).toEqual(ids(made))
  // An export that is resumed after the first, the last and others.
  for (const place of [0, 99, 100, 450, 799, 899]) {
    const last = made[place]
    if (last === undefined) throw new Error('no such event')
    const rest = await idsOf({}, { after: last.id })
    expect(rest).toEqual(ids(made.slice(place + 1)))
  }
})

test('an export includes the start of its period, and excludes its end', async () => {
  const made = [0, 1, 2, 3].map(place => event({ createdAt: START + place * DAY }))
  await store.append(made)
  const between = (createdAfter?: number, createdBefore?: number) =>
    idsOf({
      filter: {
        ...(createdAfter !== undefined && { createdAfter }),
        ...(createdBefore !== undefined && { createdBefore }),
      },
    })
  expect(await between(START + DAY)).toEqual(ids(made.slice(1)))
  expect(await between(START + DAY + 1)).toEqual(ids(made.slice(2)))
  expect(await between(undefined, START + 2 * DAY)).toEqual(ids(made.slice(0, 2)))
  expect(await between(undefined, START + 2 * DAY + 1)).toEqual(ids(made.slice(0, 3)))
  expect(await between(START, START + 9 * DAY)).toEqual(ids(made))
  expect(await between(START - 9 * DAY, START)).toEqual([])
  expect(await between(START + 3 * DAY, START + 3 * DAY + 1)).toEqual(ids(made.slice(3)))
  expect(await between(START + 3 * DAY + 1)).toEqual([])
})

test('an export of few events in many years runs few queries, and none outside the period of events', async () => {
  const made = [0, 1, 3650].map(day => event({ createdAt: START + day * DAY }))
  await store.append(made)
  expect(await idsOf()).toEqual(ids(made))
  // Two queries for the beginning and the end of the log; then ranges of 3.65 days, each twice as long as the one before.
  const ranges = queries.slice(2).map(({ filter: { createdAfter = 0, createdBefore = 0 } }) => {
    return (createdBefore - createdAfter) / DAY
  })
  expect(ranges.slice(0, 3)).toEqual([3.65, 7.3, 14.6])
  expect(ranges).toHaveLength(10)
  expect(queries.at(-1)?.filter.createdBefore).toBe(START + 3650 * DAY + 1)
  queries = []
  await idsOf({ filter: { createdAfter: START + 4000 * DAY } })
  expect(queries).toHaveLength(2)
  queries = []
  expect(await idsOf({ snapshot: FEED_START })).toEqual([])
  expect(queries).toHaveLength(2)
})

test('an export that continues a part does not read the events of that part again', async () => {
  const days = [0, 400, 800, 3650].map(day => event({ createdAt: START + day * DAY }))
  const many = Array.from({ length: 600 }, (_, number) =>
    event({ createdAt: START + 3650 * DAY + 1 + number }),
  )
  await store.append([...days, ...many])
  const begins = () => queries.slice(2).map(({ filter }) => filter.createdAfter)
  const [first, last] = [days[0] as Event, days[3] as Event]
  const begun = { events: 4, first: first.id, last }
  const rest = (filter: EventFilter = {}) => {
    queries = []
    return idsOf({ filter }, { begun: { ...begun, hash: createHash('sha256') } })
  }
  expect(await rest()).toEqual(ids(many))
  expect(begins()).toEqual([0, 250, 500].map(place => last.createdAt + place))
  expect(await rest({ createdAfter: last.createdAt + 101 })).toEqual(ids(many.slice(100)))
  expect(begins()).toEqual([101, 350].map(place => last.createdAt + place))
})

test('the first query of an export covers a day, and one after a slow query a quarter of its range', async () => {
  await store.append([0, 100].map(day => event({ createdAt: START + day * DAY })))
  const read = log.events
  let took = 0
  log = {
    ...log,
    events(query) {
      time += took
      return read(query)
    },
  }
  const ranges = () =>
    queries.slice(2, 6).map(({ filter: { createdAfter = 0, createdBefore = 0 } }) => {
      return (createdBefore - createdAfter) / DAY
    })
  took = 1000
  await idsOf()
  expect(ranges()).toEqual([1, 2, 4, 8])
  queries = []
  took = 1001
  await idsOf()
  // At least a thousandth of the whole period.
  expect(ranges()).toEqual([1, 0.25, 0.1, 0.1])
})

test('an export lets other work of the process run between two queries', async () => {
  await store.append(
    Array.from({ length: 600 }, (_, number) => event({ createdAt: START + number * DAY })),
  )
  let turns = 0
  const count = () => {
    turns++
    next = setImmediate(count)
  }
  let next = setImmediate(count)
  const read = log.events
  const turnsOfQueries: number[] = []
  log = {
    ...log,
    events(query) {
      turnsOfQueries.push(turns)
      return read(query)
    },
  }
  expect(await idsOf()).toHaveLength(600)
  clearImmediate(next)
  // The first two queries are for the beginning and the end of the log.
  const reads = turnsOfQueries.slice(2)
  expect(reads).toHaveLength(10)
  expect(new Set(reads).size).toBe(reads.length)
})

test('an export looks up each principal and each named resource once for each page, so it never uses a removed name', async () => {
  await store.updateDirectory({
    organizationId: ORGANIZATION,
    kind: 'user',
    entries: [user()],
    complete: true,
  })
  const same = { principalId: uuid(1), category: 'saml', resourceId: uuid(9) }
  const made = Array.from({ length: 600 }, (_, number) =>
    event({ createdAt: START + number, ...same }),
  )
  await store.append([
    ...made,
    event({ ...same, createdAt: START + 700, principalId: NIL_ID }),
    event({ ...same, createdAt: START + 701, category: 'user', resourceId: uuid(2) }),
  ])
  await idsOf()
  expect(lookedUp).toEqual([[uuid(1)], [uuid(1)], [uuid(1), uuid(2)]])

  const names: string[] = []
  const snapshot = await log.lastArrival(ORGANIZATION)
  const request = {
    ...{ organizationId: ORGANIZATION, filter: {}, format: NDJSON, trailer: true, snapshot },
  }
  for await (const chunk of exportEvents(log, request)) {
    const [line = ''] = chunk.toString().split('\n')
    names.push(JSON.parse(line).principal_name)
    const listing = { organizationId: ORGANIZATION, kind: 'user' as const, complete: true }
    await store.updateDirectory({ ...listing, entries: [] })
  }
  expect(names.slice(0, 3)).toEqual(['Ada Lovelace', 'Unknown', 'Unknown'])
})

test('an export reports its number of events after each query', async () => {
  await store.append(
    Array.from({ length: 600 }, (_, number) => event({ createdAt: START + number })),
  )
  const progress: number[] = []
  await textOf({}, { progress: events => progress.push(events) })
  expect(progress).toEqual([250, 500, 600])
})
