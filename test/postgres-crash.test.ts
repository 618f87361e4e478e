// A PostgreSQL server that is killed during intake, several times: acknowledged events are stored exactly once, others at
// most once. `npm run test:long` kills it many more times.

import { expect, test } from 'vitest'
import { FEED_START } from '../src/event.ts'
import { scalewayIds } from '../src/principal.ts'
import { openStore } from '../src/storage/open.ts'
import { ORGANIZATION } from './support/events.ts'
import { LONG } from './support/long.ts'
import { POSTGRES_BIN, settled, startPostgres } from './support/postgres-cluster.ts'
import { owner } from './support/viewers.ts'
import { batchFrom, numbered, windowOf } from './support/writer.ts'

const STOPS = LONG ? 100 : 3

test.skipIf(POSTGRES_BIN === null)(
  `${STOPS} crashes of a PostgreSQL server during intake lose no acknowledged event and repeat none`,
  async () => {
    await using server = await startPostgres()
    const store = await openStore(server.url, { scalewayIds: scalewayIds(), migrate: true })
    const log = store.reader(owner)
    let next = 0
    let added = 0
    let refused = 0
    let writing = true

    /** Sends each batch again until it is acknowledged, as sync and import do when they are run again. */
    async function write(): Promise<void> {
      while (writing) {
        const events = batchFrom(next)
        try {
          const result =
            next % 2 === 0
              ? await store.append(events)
              : await store.appendRead(events, [windowOf(events)])
          expect(result.added + result.known).toBe(events.length)
          added += result.added
          next += events.length
        } catch (error) {
          if (!isOutage(error)) throw error
          refused++
          await new Promise(setImmediate)
        }
      }
    }

    const writer = write()
    for (let stop = 0; stop < STOPS; stop++) {
      // Each crash is at another point of the intake.
      const until = next + 60 + ((stop * 7) % 23)
      await expect.poll(() => next, { interval: 1 }).toBeGreaterThan(until)
      await server.kill()
      const acknowledged = next
      await server.start()
      await expect.poll(async () => await settled(store.check())).toBe(true)
      const found = await eventsIn()
      expect(found.length).toBeGreaterThanOrEqual(acknowledged)
      expect(found).toEqual(found.map((_, number) => numbered(number).id))
    }
    writing = false
    await writer
    expect(await eventsIn()).toHaveLength(next)
    expect(await log.countEvents(ORGANIZATION, {})).toBe(next)
    // A batch that was committed but not acknowledged was known when it was sent again.
    expect(added).toBeLessThanOrEqual(next)
    expect(refused).toBeGreaterThanOrEqual(STOPS / 2)
    expect(await store.verify()).toEqual([])
    await store.close()

    async function eventsIn(): Promise<string[]> {
      const found: string[] = []
      for (let after = FEED_START, more = true; more; ) {
        const query = { organizationId: ORGANIZATION, filter: {}, after, limit: 1000 }
        const page = await log.arrivals(query)
        found.push(...(page?.events.map(({ id }) => id) ?? []))
        after = page?.cursor ?? after
        more = page?.hasMore ?? false
      }
      return found
    }
  },
)

function isOutage(error: unknown): boolean {
  // A failed expectation has no code.
  return error instanceof Error && ('code' in error || /connection|terminat/i.test(error.message))
}
