// Sync with random schedules of new events, late events, faults and aborted runs. When the faults end, one run makes the
// archive equal to Scaleway, and a reader of the feed has got each event once. `npm run test:long` runs many more schedules.

import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { gapsIn } from '../src/coverage.ts'
import { FEED_START } from '../src/event.ts'
import { formatInstant } from '../src/instant.ts'
import type { LogReader } from '../src/log-reader.ts'
import { ScalewayUnavailable } from '../src/scaleway/client.ts'
import { ORGANIZATION, query, uuid } from './support/events.ts'
import { LONG } from './support/long.ts'
import { type FakeScaleway, type Fault, log, startFakeScaleway, user } from './support/scaleway.ts'
import { DAY, follower, MINUTE } from './support/upstream.ts'
import { owner } from './support/viewers.ts'

const SCHEDULES = LONG ? 1_000 : 40

let fake: FakeScaleway

beforeAll(async () => {
  fake = await startFakeScaleway()
})

afterAll(() => fake.close())

/** The ages of events when they are listed, in microseconds; many are equal. */
const ages = fc.array(
  fc.oneof(
    fc.integer({ min: 0, max: MINUTE }),
    fc.integer({ min: 0, max: 30 * MINUTE }),
    fc.integer({ min: 0, max: 90 * DAY }),
    fc.constantFrom(0, 40 * MINUTE, 10 * DAY),
  ),
  { maxLength: 60 },
)

const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.constantFrom<Fault[]>(
    { kind: 'status', status: 500 },
    { kind: 'status', status: 503, body: 'html' },
    { kind: 'status', status: 429 },
    { kind: 'retry-after', after: 0 },
    { kind: 'too-many-requests', resetSeconds: 0 },
    { kind: 'html' },
    { kind: 'page-before' },
    { kind: 'empty-page' },
    { kind: 'empty-list' },
    { kind: 'duplicate' },
    { kind: 'reset' },
    { kind: 'reset-midway' },
    { kind: 'truncated' },
    { kind: 'slow', milliseconds: 2 },
    { kind: 'content-type', type: 'application/json; charset=utf-8' },
    { kind: 'content-type', type: 'text/plain' },
  ),
  fc.integer({ min: -3, max: 3 }).map((by): Fault => ({ kind: 'wrong-total', by })),
)

const NO_FAULTS: readonly (Fault | null)[] = [null, null, null, null]

const step = fc.record({
  arrive: ages,
  meanwhile: fc.array(ages, { maxLength: 4 }),
  // Sync would believe the same wrong response twice in a row.
  faults: fc
    .array(fc.option(fault, { freq: 3 }), { maxLength: 30 })
    .map(faults => faults.flatMap(one => [one, ...(one?.kind === 'empty-list' ? NO_FAULTS : [])])),
  cutAfter: fc.option(fc.nat(30), { freq: 2 }),
  wait: fc.constantFrom(0, MINUTE, 20 * MINUTE, 8 * DAY),
  thorough: fc.boolean(),
  users: fc.nat(3),
})

const schedule = fc.record({
  history: fc.array(fc.integer({ min: 0, max: 400 * DAY }), { maxLength: 400 }),
  steps: fc.array(step, { maxLength: 4 }),
  ties: fc.constantFrom('arrival', 'shuffled'),
  includesEnds: fc.tuple(fc.boolean(), fc.boolean()),
  windowEvents: fc.constantFrom({ least: 20, most: 100 }, { least: 150, most: 400 }),
  seed: fc.nat(),
})

test(`after ${SCHEDULES.toLocaleString('en')} random schedules the archive equals Scaleway, and the feed has each event once`, async () => {
  await fc.assert(
    fc.asyncProperty(schedule, async schedule => {
      const { history, steps, ties, includesEnds, windowEvents, seed } = schedule
      fake.reset(seed)
      fake.settings.ties = ties as typeof fake.settings.ties
      ;[fake.settings.afterIncluded, fake.settings.beforeIncluded] = includesEnds
      const scaleway = fake.organization(ORGANIZATION)
      const archive = await follower(fake)
      const reader = archive.store.reader(owner)
      const feed = consumer(reader)
      const upstream: string[] = []
      const dates = new Map<string, number>()
      let users = 0
      const events = (ages: readonly number[]) =>
        ages.map(age => {
          const date = archive.now() - age
          const made = log({ created_at: formatInstant(date) })
          dates.set(made.id, date)
          upstream.push(made.id)
          return made
        })
      try {
        scaleway.add(...events(history))
        for (const { arrive, meanwhile, faults, cutAfter, wait, thorough, ...more } of steps) {
          scaleway.add(...events(arrive))
          users = more.users
          scaleway.users = Array.from({ length: users }, (_, at) => user({ id: uuid(at) }))
          const listed = [...upstream]
          const moments = new Map(meanwhile.map((ages, place) => [3 + place * 5, ages]))
          const queue = [...faults]
          const cut = new AbortController()
          let requests = 0
          fake.faults = () => {
            requests++
            if (requests === cutAfter) cut.abort()
            const ages = moments.get(requests)
            if (ages !== undefined) return { kind: 'arrive', events: events(ages) }
            return queue.shift() ?? null
          }
          const run = { signal: cut.signal, thorough, windowEvents }
          await archive.sync(run).catch(error => {
            if (!cut.signal.aborted && !(error instanceof ScalewayUnavailable)) throw error
          })
          await feed.read(1 + (requests % 7))
          const held = new Set((await all(reader)).events)
          for (const window of await archive.store.readWindows(ORGANIZATION)) {
            if (window.readAt !== archive.now()) continue
            const missing = listed.filter(id => {
              const date = dates.get(id) ?? 0
              return date >= window.from && date < window.until && !held.has(id)
            })
            expect(missing, 'in a window that counts as read').toEqual([])
          }
          archive.pass(wait + 1000)
        }
        fake.faults = []
        await archive.sync({ windowEvents })

        const { events: kept } = await all(reader)
        expect(kept.toSorted()).toEqual(upstream.toSorted())
        await feed.read(100)
        expect(feed.seen.toSorted()).toEqual(upstream.toSorted())
        const windows = await archive.store.readWindows(ORGANIZATION)
        expect(gapsIn(windows)).toEqual([])
        expect(windows.reduce((sum, { events }) => sum + events, 0)).toBeLessThanOrEqual(
          upstream.length,
        )
        expect(await archive.store.verify()).toEqual([])
        expect(await reader.countPrincipals(ORGANIZATION, 'example.com')).toBe(users)
        expect(fake.mostInFlight).toBeLessThanOrEqual(2)
      } finally {
        await archive.close()
      }
    }),
    { numRuns: SCHEDULES, endOnFailure: true },
  )
})

/** Reads the feed from its last cursor, and keeps the IDs of all events. */
function consumer(reader: LogReader) {
  let cursor = FEED_START
  const seen: string[] = []
  return {
    seen,
    async read(limit: number): Promise<void> {
      for (;;) {
        const query = { organizationId: ORGANIZATION, filter: {}, after: cursor, limit }
        const page = await reader.arrivals(query)
        if (page === null) throw new Error(`no such cursor: ${cursor}`)
        seen.push(...page.events.map(({ id }) => id))
        cursor = page.cursor
        if (!page.hasMore) return
      }
    },
  }
}

async function all(reader: LogReader): Promise<{ events: string[] }> {
  const { events } = await reader.events(query({ limit: 10_000 }))
  return { events: events.map(({ id }) => id) }
}
