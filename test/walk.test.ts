// An export over whatever archive: which events it walks through, how often it asks, and whom it asks about.

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
let asked: EventQuery[]
let lookedUp: string[][]
let time: number

beforeEach(async () => {
  time = 1_000_000
  store = (await openApp()).store
  vi.spyOn(performance, 'now').mockImplementation(() => time)
  asked = []
  lookedUp = []
  const reader = store.reader(owner)
  log = {
    ...reader,
    events(query) {
      asked.push(query)
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

async function textOf(given: Partial<ExportRequest> = {}, options: ExportOptions = {}) {
  const request = {
    organizationId: ORGANIZATION,
    filter: {},
    format: NDJSON,
    trailer: true,
    snapshot: await log.lastArrival(ORGANIZATION),
    ...given,
  }
  let text = ''
  for await (const chunk of exportEvents(log, request, options)) text += chunk
  return text
}

/** The IDs of the rows; the last line, the trailer, is no row. */
async function idsOf(given: Partial<ExportRequest> = {}, options: ExportOptions = {}) {
  const lines = (await textOf(given, options)).trimEnd().split('\n')
  return lines.slice(0, -1).map(line => JSON.parse(line).id)
}

function ids(events: readonly Event[]): string[] {
  return events.map(({ id }) => id)
}

test('events of one microsecond, more than are read at once, are each there once', async () => {
  const made = Array.from({ length: 900 }, (_, number) =>
    event({ createdAt: START + (number < 100 ? 0 : number < 800 ? 1 : 2) }),
  )
  await store.append(made.toReversed())
  expect(await idsOf()).toEqual(ids(made))
  // From within them, and from the first and the last.
  for (const place of [0, 99, 100, 450, 799, 899]) {
    const last = made[place]
    if (last === undefined) throw new Error('no such event')
    const rest = await idsOf({}, { after: last.id })
    expect(rest).toEqual(ids(made.slice(place + 1)))
  }
})

test('the filter begins with its first instant and ends before its last', async () => {
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

test('few events of many years are found by few questions, and none is asked where there can be none', async () => {
  const made = [0, 1, 3650].map(day => event({ createdAt: START + day * DAY }))
  await store.append(made)
  expect(await idsOf()).toEqual(ids(made))
  // Two for where the log begins and ends; then stretches of 3.65 days, each twice as long as the one before.
  const stretches = asked.slice(2).map(({ filter: { createdAfter = 0, createdBefore = 0 } }) => {
    return (createdBefore - createdAfter) / DAY
  })
  expect(stretches.slice(0, 3)).toEqual([3.65, 7.3, 14.6])
  expect(stretches).toHaveLength(10)
  expect(asked.at(-1)?.filter.createdBefore).toBe(START + 3650 * DAY + 1)
  asked = []
  await idsOf({ filter: { createdAfter: START + 4000 * DAY } })
  expect(asked).toHaveLength(2)
  asked = []
  expect(await idsOf({ snapshot: FEED_START })).toEqual([])
  expect(asked).toHaveLength(2)
})

test('what there is of an export already is not looked at again', async () => {
  const days = [0, 400, 800, 3650].map(day => event({ createdAt: START + day * DAY }))
  const many = Array.from({ length: 600 }, (_, number) =>
    event({ createdAt: START + 3650 * DAY + 1 + number }),
  )
  await store.append([...days, ...many])
  const begins = () => asked.slice(2).map(({ filter }) => filter.createdAfter)
  const [first, last] = [days[0] as Event, days[3] as Event]
  const begun = { events: 4, first: first.id, last }
  const behind = (filter: EventFilter = {}) => {
    asked = []
    return idsOf({ filter }, { begun: { ...begun, hash: createHash('sha256') } })
  }
  expect(await behind()).toEqual(ids(many))
  expect(begins()).toEqual([0, 250, 500].map(place => last.createdAt + place))
  expect(await behind({ createdAfter: last.createdAt + 101 })).toEqual(ids(many.slice(100)))
  expect(begins()).toEqual([101, 350].map(place => last.createdAt + place))
})

test('a stretch is a day to begin with, and a quarter as long behind one that took a second', async () => {
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
  const stretches = () =>
    asked.slice(2, 6).map(({ filter: { createdAfter = 0, createdBefore = 0 } }) => {
      return (createdBefore - createdAfter) / DAY
    })
  took = 1000
  await idsOf()
  expect(stretches()).toEqual([1, 2, 4, 8])
  asked = []
  took = 1001
  await idsOf()
  // Never less than a thousandth of the whole.
  expect(stretches()).toEqual([1, 0.25, 0.1, 0.1])
})

test('everyone else has a turn between two questions', async () => {
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
  const askedIn: number[] = []
  log = {
    ...log,
    events(query) {
      askedIn.push(turns)
      return read(query)
    },
  }
  expect(await idsOf()).toHaveLength(600)
  clearImmediate(next)
  // The first two are for where the log begins and ends.
  const questions = askedIn.slice(2)
  expect(questions).toHaveLength(10)
  expect(new Set(questions).size).toBe(questions.length)
})

test('it asks once about each who acted and each that has a name, for two seconds', async () => {
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
  expect(lookedUp).toEqual([[uuid(1)], [uuid(2)]])

  const names: string[] = []
  const snapshot = await log.lastArrival(ORGANIZATION)
  const request = {
    ...{ organizationId: ORGANIZATION, filter: {}, format: NDJSON, trailer: true, snapshot },
  }
  for await (const chunk of exportEvents(log, request)) {
    const [line = ''] = chunk.toString().split('\n')
    names.push(JSON.parse(line).principal_name)
    // Who is gone by now is told for two seconds, and no longer.
    const gone = { organizationId: ORGANIZATION, kind: 'user' as const, complete: true }
    await store.updateDirectory({ ...gone, entries: [] })
    time += names.length === 1 ? 2_000 : 1
  }
  expect(names.slice(0, 3)).toEqual(['Ada Lovelace', 'Ada Lovelace', 'Unknown'])
})

test('it tells how many events are in it by now, and at the end all', async () => {
  await store.append(
    Array.from({ length: 600 }, (_, number) => event({ createdAt: START + number })),
  )
  const told: number[] = []
  await textOf({}, { progress: events => told.push(events) })
  expect(told).toEqual([250, 500, 600])
})

test('it has no trailer where its snapshot was dropped meanwhile', async () => {
  await store.append([event()])
  const { arrivals } = log
  let questions = 0
  log = {
    ...log,
    arrivals: query => (++questions === 1 ? arrivals(query) : Promise.resolve(null)),
  }
  await expect(textOf()).rejects.toThrow(
    'retention deleted events during the export; start it again',
  )
  expect(questions).toBe(2)
})
