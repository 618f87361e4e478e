// A PostgreSQL server that goes down in the middle of intake, again and again, as in a power cut: what was
// acknowledged is there, once; what was not is there once or not at all. `npm run test:long` does it many more times.

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
  `${STOPS} crashes of the server during intake lose nothing and repeat nothing`,
  async () => {
    await using server = await startPostgres()
    const store = await openStore(server.url, { scalewayIds: scalewayIds(), migrate: true })
    const log = store.reader(owner)
    let next = 0
    let added = 0
    let refused = 0
    let writing = true

    /** Sends the same again until it is acknowledged, as sync and import do when they are run again. */
    async function write(): Promise<void> {
      while (writing) {
        const events = batchFrom(next)
        try {
          const taken =
            next % 2 === 0
              ? await store.append(events)
              : await store.appendRead(events, [windowOf(events)])
          expect(taken.added + taken.known).toBe(events.length)
          added += taken.added
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
      // At another point of the work each time.
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
    // A batch whose commit was not told of was known when it came again.
    expect(added).toBeLessThanOrEqual(next)
    expect(refused).toBeGreaterThanOrEqual(STOPS / 2)
    expect(await store.verify()).toEqual([])
    await store.close()

    async function eventsIn(): Promise<string[]> {
      const found: string[] = []
      for (let after = FEED_START, more = true; more; ) {
        const asked = { organizationId: ORGANIZATION, filter: {}, after, limit: 1000 }
        const page = await log.arrivals(asked)
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
