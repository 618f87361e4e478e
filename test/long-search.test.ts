// Questions for which SQLite must look at many events: answered in turns, of one state of the log, while others
// are answered. (What they answer when few events are looked at, the contract of the store tests.)

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
 * Two principals, each at home in one of two networks; one event in a thousand comes from the other's. Most act on
 * one resource. Of many user agents, so that neither series nor addresses are few. Half of them within a minute.
 */
function made(number: number): Event {
  const who = number % 2
  const network = number % 1000 < 2 && number > 1000 ? 1 - who : who
  const second = number < EVENTS / 2 ? number : EVENTS / 2 + (number % 60)
  return event({
    createdAt: START + second * SECOND,
    principalId: uuid(who),
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
let looks = 0
const events: Event[] = []

beforeAll(async () => {
  store = await openStore(':memory:', {
    scalewayIds: scalewayIds(),
    onStatement: () => void looks++,
  })
  reader = store.reader(owner)
  await append(Array.from({ length: EVENTS }, (_, number) => made(number)))
  // What belongs to another Organization is as alike as can be.
  await store.append(
    Array.from({ length: 500 }, (_, number) => ({
      ...made(number * 7),
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

/** A stranger in the other's network. */
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

test('pages and counts are those of a plain array', async () => {
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

test('what came after a snapshot is passed over in turns, however much it is', async () => {
  // Of the half that lies within a minute, few had arrived.
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

test('what comes meanwhile is in none of the turns', async () => {
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

test('others have their turn between looks that take long', async () => {
  let time = performance.now()
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => {
    time += 100
    return time
  })
  looks = 0
  let isDone = false
  const count = Promise.resolve(reader.countEvents(ORGANIZATION, RARE)).finally(() => {
    isDone = true
  })
  let most = looks
  for (let before = looks; !isDone; before = looks) {
    await new Promise(setImmediate)
    most = Math.max(most, looks - before)
  }
  clock.mockRestore()
  expect(await count).toBe(expected(RARE).length)
  expect(most).toBeLessThan(looks / 2)
})
