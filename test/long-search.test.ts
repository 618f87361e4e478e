// Queries for which SQLite must search many events: they are answered in turns with other work, and from one state of
// the log. (Queries that search few events are tested by the contract of the store.)

import fc from 'fast-check'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { comparePositions, type Event, type EventFilter } from '../src/event.ts'
import type { LogReader } from '../src/log-reader.ts'
import { scalewayIds } from '../src/principal.ts'
import { openStore } from '../src/storage/open.ts'
import type { AuditStore } from '../src/store.ts'
import {
  at,
  event,
  matches,
  ORGANIZATION,
  OTHER_ORGANIZATION,
  query,
  uuid,
} from './support/events.ts'
import { LONG } from './support/long.ts'
import { owner } from './support/viewers.ts'

const EVENTS = 40_000
const START = at('2026-01-01T00:00:00Z')
const SECOND = 1_000_000

/**
 * Two principals, each of which uses its own network, except for one event in a thousand. Most events have the same
 * resource. There are many addresses and user agents, so that no index makes a search short. Half of the events are
 * within one minute.
 */
function makeEvent(number: number): Event {
  const principal = number % 2
  const network = number % 1000 < 2 && number > 1000 ? 1 - principal : principal
  const second = number < EVENTS / 2 ? number : EVENTS / 2 + (number % 60)
  return event({
    createdAt: START + second * SECOND,
    principalId: uuid(principal),
    ipAddress: `198.51.${network}.${number % 101}`,
    userAgent: `client/${number % 331}`,
    resourceId: uuid(number % 10 < 8 ? 0 : number % 300, 'a0000000'),
    action: number % 3 === 0 ? 'updated' : 'created',
  })
}

const network = (number: number) => ({
  first: Uint8Array.of(198, 51, number, 0),
  last: Uint8Array.of(198, 51, number, 255),
})

let store: AuditStore
let reader: LogReader
let statements = 0
const events: Event[] = []

beforeAll(async () => {
  store = await openStore(':memory:', {
    scalewayIds: scalewayIds(),
    onStatement: () => void statements++,
  })
  reader = store.reader(owner)
  await append(Array.from({ length: EVENTS }, (_, number) => makeEvent(number)))
  // Similar events of another Organization, which must not be found.
  await store.append(
    Array.from({ length: 500 }, (_, number) => ({
      ...makeEvent(number * 7),
      organizationId: OTHER_ORGANIZATION,
    })),
  )
})

afterAll(() => store.close())

async function append(more: readonly Event[]): Promise<void> {
  events.push(...more)
  await store.append(more)
}

const expected = (filter: EventFilter) =>
  events.filter(event => matches(event, filter)).sort((a, b) => comparePositions(b, a))
const idsOf = (found: readonly Event[]) => found.map(({ id }) => id)

/** The few events of a principal in the network of the other. */
const RARE: EventFilter = { principalIds: [uuid(1)], addresses: [network(0)] }

const arbitraryRare: fc.Arbitrary<EventFilter> = fc
  .tuple(
    fc.record(
      {
        createdAfter: fc.nat(EVENTS / 2 + 60).map(second => START + second * SECOND),
        createdBefore: fc.nat(EVENTS / 2 + 60).map(second => START + second * SECOND),
        actions: fc.constantFrom(['updated'] as const, ['deleted'] as const),
        resourceIds: fc
          .uniqueArray(fc.nat(300), { minLength: 1, maxLength: 30 })
          .map(numbers => numbers.map(number => uuid(number, 'a0000000'))),
        userAgent: fc.constantFrom('client/1', 'client/17', 'client', 'none'),
      },
      { requiredKeys: [] },
    ),
    fc.constantFrom<EventFilter>(RARE, { addresses: [network(1)] }, { principalIds: [uuid(0)] }),
  )
  .map(([some, more]) => ({ ...some, ...more }))

test('pages and counts for any filter are those of a plain array', async () => {
  await fc.assert(
    fc.asyncProperty(
      arbitraryRare,
      fc.constantFrom('newest-first' as const, 'oldest-first' as const),
      fc.nat(60),
      fc.integer({ min: 1, max: 60 }),
      fc.option(fc.nat(EVENTS - 1)),
      async (filter, order, behind, limit, last) => {
        const all = expected(filter)
        expect(await reader.countEvents(ORGANIZATION, filter)).toBe(all.length)
        const by = last === null ? {} : { arrivedBy: events[last]?.id ?? '' }
        const known = last === null ? all : all.filter(event => events.indexOf(event) <= last)
        if (order === 'oldest-first') known.reverse()
        const after = known[behind] ?? null
        const rest = after === null ? known : known.slice(behind + 1)
        const page = await reader.events(query({ filter, order, after, limit, ...by }))
        expect(idsOf(page.events)).toEqual(idsOf(rest.slice(0, limit)))
        expect(page.hasMore).toBe(rest.length > limit)
      },
    ),
    { numRuns: LONG ? 750 : 50 },
  )
})

test('a page of a snapshot skips thousands of later events in turns, and finds the earlier ones', async () => {
  // When the snapshot was taken, only seven of the events within the minute had arrived.
  const from = EVENTS / 2
  const filter = { createdAfter: START + from * SECOND }
  const had = events.slice(from, from + 7).sort(comparePositions)
  const arrivedBy = events[from + 6]?.id ?? ''
  for (const order of ['oldest-first', 'newest-first'] as const) {
    const page = reader.events(query({ filter, order, arrivedBy, limit: 100 }))
    expect(page).toBeInstanceOf(Promise)
    const { events, hasMore } = await page
    expect(idsOf(events)).toEqual(idsOf(order === 'oldest-first' ? had : had.toReversed()))
    expect(hasMore).toBe(false)
  }
})

test('a page by a common value takes few statements, although half of all events are within its last minute', async () => {
  await reader.events(query({ filter: { actions: ['updated'] } }))
  statements = 0
  const { events } = await reader.events(query({ filter: { actions: ['updated'] } }))
  expect(events).toHaveLength(50)
  expect(statements).toBeLessThanOrEqual(5)
})

test('events that arrive during a search are not in its result', async () => {
  const before = expected(RARE)
  const page = reader.events(query({ filter: RARE, limit: 100 }))
  const oldest = reader.events(query({ filter: RARE, limit: 100, order: 'oldest-first' }))
  const count = reader.countEvents(ORGANIZATION, RARE)
  for (const answer of [page, oldest, count]) expect(answer).toBeInstanceOf(Promise)
  await append(
    [3, 10_000, 19_999, 60_000].map(second =>
      event({
        createdAt: START + second * SECOND,
        principalId: uuid(1),
        ipAddress: '198.51.0.7',
        userAgent: `client/${second % 331}`,
      }),
    ),
  )
  expect(idsOf((await page).events)).toEqual(idsOf(before).slice(0, 100))
  expect(idsOf((await oldest).events)).toEqual(idsOf(before).reverse().slice(0, 100))
  expect(await count).toBe(before.length)
  expect(await reader.countEvents(ORGANIZATION, RARE)).toBe(before.length + 4)
})

test('other work gets its turn between the slow statements of a search', async () => {
  let time = performance.now()
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => {
    time += 100
    return time
  })
  statements = 0
  let isDone = false
  const count = Promise.resolve(reader.countEvents(ORGANIZATION, RARE)).finally(() => {
    isDone = true
  })
  let most = statements
  for (let before = statements; !isDone; before = statements) {
    await new Promise(setImmediate)
    most = Math.max(most, statements - before)
  }
  clock.mockRestore()
  expect(await count).toBe(expected(RARE).length)
  expect(most).toBeLessThan(statements / 2)
})
