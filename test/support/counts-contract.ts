// Tests of counts (`LogReader.eventCounts` in src/log-reader.ts) that every database must pass.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Event, EventFilter } from '../../src/event.ts'
import type { Instant } from '../../src/instant.ts'
import type { EventCounts, ValueCount } from '../../src/log-reader.ts'
import type { AuditStore } from '../../src/store.ts'
import {
  arbitraryEvent,
  arbitraryFilter,
  at,
  event,
  matches,
  ORGANIZATION,
  uuid,
} from './events.ts'
import { LONG } from './long.ts'
import { closedAfterEach } from './opened.ts'
import { owner, ownerOf, viewerWith } from './viewers.ts'

const QUARTER = 900_000_000
const START = at('2026-01-01T00:00:00Z')

/**
 * Dates at, just before and just after quarters of an hour: of one day, of several months, at the limits of SQLite's
 * ranges of thirty days, and far away.
 */
const arbitraryInstant: fc.Arbitrary<Instant> = fc
  .tuple(
    fc.oneof(
      { weight: 6, arbitrary: fc.nat(96) },
      { weight: 3, arbitrary: fc.nat(12_000) },
      { weight: 2, arbitrary: fc.integer({ min: -3, max: 3 }).map(months => months * 2880 + 2240) },
      { weight: 1, arbitrary: fc.integer({ min: -9_000_000, max: 8_000_000 }) },
    ),
    fc.oneof(fc.constantFrom(-1, 0, 0, 1), fc.nat(QUARTER)),
  )
  .map(([quarters, rest]) => START + quarters * QUARTER + rest)

/** Events of some months and far away, some in the same quarter of an hour. */
const arbitraryHistory = fc.uniqueArray(
  fc
    .tuple(arbitraryEvent, arbitraryInstant)
    .map(([event, createdAt]): Event => ({ ...event, createdAt })),
  { selector: event => event.id, maxLength: 60, size: 'max' },
)

/** Filters with dates near those of the events; often with dates, actions and categories only. */
const arbitraryCountFilter: fc.Arbitrary<EventFilter> = fc
  .tuple(
    arbitraryFilter,
    fc.record(
      { createdAfter: arbitraryInstant, createdBefore: arbitraryInstant },
      { requiredKeys: [] },
    ),
    fc.boolean(),
  )
  .map(([{ createdAfter, createdBefore, ...filter }, dates, isPlain]) => {
    if (!isPlain) return { ...filter, ...dates }
    const { addresses, resourceIds, principalIds, userAgent, not, ...kinds } = filter
    const { actions = [], categories = [] } = not ?? {}
    return { ...kinds, not: { actions, categories }, ...dates }
  })

const arbitraryEdges = fc
  .uniqueArray(arbitraryInstant, { maxLength: 12 })
  .map(edges => edges.sort((a, b) => a - b))

/** All counts, sorted. */
async function figures(counts: EventCounts, first: number, edges: readonly Instant[]) {
  const kinds = (await counts.kinds()).map(
    ({ action, category, events }) => `${action} ${category} ${events}`,
  )
  return {
    kinds: kinds.sort(),
    principals: await counts.principals(first),
    times: await counts.times(edges),
  }
}

async function valueFigures(counts: EventCounts, first: number) {
  return { addresses: await counts.addresses(first), userAgents: await counts.userAgents(first) }
}

/** The expected counts of these events. */
function plainly(events: readonly Event[], first: number, edges: readonly Instant[]) {
  const kinds = Map.groupBy(events, ({ action, category }) => `${action} ${category}`)
  const principals = Map.groupBy(events, ({ principalId }) => principalId)
  return {
    kinds: [...kinds].map(([kind, { length }]) => `${kind} ${length}`).sort(),
    principals: [...principals]
      .map(([principalId, { length }]) => ({ principalId, events: length }))
      .sort((a, b) => b.events - a.events || (a.principalId < b.principalId ? -1 : 1))
      .slice(0, first),
    times: plainTimes(events, edges),
  }
}

/** The expected counts by value; `since` is that of the result. */
function plainValueFigures(events: readonly Event[], first: number, result: ByValue): ByValue {
  const { addresses, userAgents } = result
  return {
    addresses: plainValues(events, ({ ipAddress }) => ipAddress, first, addresses.since),
    userAgents: plainValues(events, ({ userAgent }) => userAgent, first, userAgents.since),
  }
}

function plainTimes(events: readonly Event[], edges: readonly Instant[]): number[] {
  const [first = 0, last = first] = [edges[0], edges.at(-1)]
  const within = events.filter(({ createdAt }) => createdAt >= first && createdAt < last)
  return edges.slice(1).map((end, place) => {
    const start = edges[place] ?? end
    return within.filter(({ createdAt }) => createdAt >= start && createdAt < end).length
  })
}

type ByValue = Awaited<ReturnType<typeof valueFigures>>

function plainValues(
  events: readonly Event[],
  textOf: (event: Event) => string | null,
  first: number,
  since: Instant | null,
) {
  const counted = events.filter(({ createdAt }) => createdAt >= (since ?? createdAt))
  const values = [...Map.groupBy(counted, textOf)]
    .map(([value, same]): ValueCount => {
      const latest = same.reduce(
        (latest, { createdAt }) => Math.max(latest, createdAt),
        Number.MIN_SAFE_INTEGER,
      )
      return { value, events: same.length, latest }
    })
    .sort((a, b) => b.events - a.events || b.latest - a.latest || byText(a.value, b.value))
  return { since, values: values.slice(0, first) }
}

/** All characters are below U+10000, so the order of UTF-16 units is that of code points. */
function byText(a: string | null, b: string | null): number {
  if (a === null || b === null) return a === null ? 1 : -1
  return a < b ? -1 : 1
}

/** The default number of histories. */
const RUNS = LONG ? 500 : 60

/** `days`: the larger test has an event a minute for this number of days, or for 31 in the long run. */
export function testCounts(
  name: string,
  open: () => Promise<AuditStore>,
  runs = RUNS,
  days = 31,
): void {
  describe(`${name}: event counts`, () => {
    const fresh = closedAfterEach(open)

    test(`equal those of a plain implementation, for random events, batches and filters (${runs} histories)`, async () => {
      const store = await fresh()
      let organizations = 0
      await fc.assert(
        fc.asyncProperty(
          arbitraryHistory,
          fc.integer({ min: 1, max: 40 }),
          fc.array(arbitraryCountFilter, { minLength: 1, maxLength: 4 }),
          arbitraryEdges,
          fc.integer({ min: 1, max: 4 }),
          async (history, batch, filters, edges, first) => {
            const organizationId = uuid(++organizations, 'c1000000')
            const reader = store.reader(ownerOf(organizationId))
            const events = history.map(event => ({ ...event, organizationId }))
            for (let from = 0; from < events.length; from += batch) {
              // Some known events are appended again, which changes nothing.
              await store.append(events.slice(Math.max(0, from - 3), from + batch))
            }
            for (const filter of filters) {
              const matching = events.filter(event => matches(event, filter))
              const counts = await reader.eventCounts(organizationId, filter)
              expect(counts.since).toBeNull()
              expect(await figures(counts, first, edges)).toEqual(plainly(matching, first, edges))
              if (filter === filters[0]) {
                const byValue = await valueFigures(counts, first)
                expect(byValue).toEqual(plainValueFigures(matching, first, byValue))
                expect([byValue.addresses.since, byValue.userAgents.since]).toEqual([null, null])
              }
              expect(await reader.countEvents(organizationId, filter)).toBe(matching.length)
            }
          },
        ),
        { numRuns: runs },
      )
      expect(await store.verify()).toEqual([])
    })

    test('of many events include all that match, or exactly those from the date in `since` on', async () => {
      const store = await fresh()
      // One event a minute, most of them from one address, not in the order of their dates.
      const length = (LONG ? 31 : days) * 24 * 60
      const events = Array.from({ length }, (_, number): Event => {
        const minute = (number * 7919) % length
        return event({
          createdAt: START + minute * 60_000_000 + (number % 1000),
          principalId: uuid(minute % 7),
          action: minute % 3 === 0 ? 'created' : 'updated',
          ipAddress: minute % 10 === 0 ? `198.51.100.${minute % 250}` : '192.0.2.1',
          resourceId: minute % 2 === 0 ? 'SCWAAAAAAAAAAAAAAAAA' : uuid(minute, 'a0000000'),
          userAgent: minute % 5 === 0 ? null : `client/${minute % 4 === 3 ? minute : minute % 4}`,
        })
      })
      for (let from = 0; from < events.length; from += 10_000) {
        await store.append(events.slice(from, from + 10_000))
      }
      const reader = store.reader(owner)
      const edges = Array.from({ length: 32 }, (_, day) => START + day * 96 * QUARTER)
      const minutes = Array.from(
        { length: 200 },
        (_, minute) => START + 2890 * QUARTER + minute * 60_000_000,
      )
      const dates = {
        createdAfter: START + 3 * QUARTER + 17,
        createdBefore: START + 2900 * QUARTER + 5,
      }
      const single = (...address: number[]) => ({
        first: Uint8Array.from(address),
        last: Uint8Array.from(address),
      })
      const unbounded: EventFilter[] = [
        {},
        { principalIds: [uuid(3)] },
        { userAgent: 'client' },
        { actions: ['created'] },
        { not: { actions: ['created'], principalIds: [uuid(3)], userAgents: ['client/1'] } },
        { actions: ['updated'], userAgent: 'CLIENT/1', principalIds: [uuid(1), uuid(2)] },
      ]
      const bounded: EventFilter[] = [
        { addresses: [single(192, 0, 2, 1)] },
        { addresses: [single(198, 51, 100, 30)] },
        { not: { addresses: [single(192, 0, 2, 1)] } },
        { addresses: [{ first: new Uint8Array(4), last: new Uint8Array(4).fill(255) }] },
        { resourceIds: ['SCWAAAAAAAAAAAAAAAAA'] },
        { resourceIds: ['SCWAAAAAAAAAAAAAAAAA'], actions: ['created'], userAgent: 'client' },
      ]
      const dated = (filters: EventFilter[]) => filters.flatMap(one => [one, { ...one, ...dates }])
      for (const filter of [...dated(unbounded), ...dated(bounded)]) {
        const counts = await reader.eventCounts(ORGANIZATION, filter)
        const { since } = counts
        const { addresses = filter.not?.addresses, resourceIds } = filter
        if (addresses === undefined && resourceIds === undefined) {
          expect(since).toBeNull()
        }
        const matching = events.filter(event => matches(event, filter))
        const counted = matching.filter(({ createdAt }) => createdAt >= (since ?? createdAt))
        expect(await figures(counts, 5, edges)).toEqual(plainly(counted, 5, edges))
        if (filter.createdAfter === undefined) {
          const byValue = await valueFigures(counts, 5)
          expect(byValue).toEqual(plainValueFigures(counted, 5, byValue))
          for (const { since: from } of [byValue.addresses, byValue.userAgents]) {
            expect(from ?? since).toBe(from)
            if (from === null) continue
            const newest = counted.filter(({ createdAt }) => createdAt >= from)
            expect(newest.length).toBeLessThan(matching.length)
            expect(newest.length).toBeGreaterThan(1000)
          }
        } else {
          // Minutes of many quarters of an hour.
          expect(await counts.times(minutes)).toEqual(plainTimes(counted, minutes))
        }
        if (since !== null) {
          expect(counted.length).toBeLessThan(matching.length)
          expect(counted.length).toBeGreaterThan(1000)
        }
        expect(await reader.countEvents(ORGANIZATION, filter)).toBe(matching.length)
      }
    })

    test('are zero for a viewer without a right to events', async () => {
      const store = await fresh()
      await store.append([event(), event()])
      for (const visibility of [viewerWith('IAMUserManager'), viewerWith('Nonsense')]) {
        const counts = await store.reader(visibility).eventCounts(ORGANIZATION, {})
        expect(counts.since).toBeNull()
        expect(await figures(counts, 9, [START, START + QUARTER, START + 2 * QUARTER])).toEqual({
          kinds: [],
          principals: [],
          times: [0, 0],
        })
        const nothing = { since: null, values: [] }
        expect(await valueFigures(counts, 9)).toEqual({ addresses: nothing, userAgents: nothing })
        expect(await counts.times([])).toEqual([])
      }
    })
  })
}
