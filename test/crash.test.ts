// A process that writes to a SQLite file is killed repeatedly: acknowledged events are stored exactly once, other batches
// completely or not at all, and the file has no faults. `npm run test:long` kills many more times.

import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { FEED_START } from '../src/event.ts'
import { scalewayIds } from '../src/principal.ts'
import { openStore } from '../src/storage/open.ts'
import type { AuditStore } from '../src/store.ts'
import { temporaryFolder } from './support/command.ts'
import { ORGANIZATION } from './support/events.ts'
import { LONG } from './support/long.ts'
import { owner } from './support/viewers.ts'
import { batchSize, numbered, SECOND, type Way } from './support/writer.ts'

const KILLS = LONG ? 1_000 : 25
const WRITER = new URL('support/writer.ts', import.meta.url).pathname

/** Kills a writer some milliseconds after its first output; returns the number after the last acknowledged event. */
function writeUntilKilled(file: string, from: number, way: Way, life: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const child = spawn(process.execPath, [WRITER, file, String(from), way], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  let isDying = false
  child.stdout.on('data', chunk => {
    output += chunk
    // Sometimes before anything is written, otherwise after the first batch.
    if (!isDying && (life % 5 === 0 || output.split('\n').length > 2)) {
      isDying = true
      setTimeout(() => child.kill('SIGKILL'), life)
    }
  })
  child.once('error', reject)
  child.once('close', (code, signal) => {
    if (signal !== 'SIGKILL') return reject(new Error(`the writer ended with ${code}`))
    // An incomplete line acknowledges nothing.
    resolve(Number(output.split('\n').at(-2)))
  })
  return promise
}

/** The number of events stored; checks that they are unchanged, without a gap, and in the order in which they arrived. */
async function eventsIn(store: AuditStore, from: number): Promise<number> {
  const log = store.reader(owner)
  let after = from === 0 ? FEED_START : numbered(from - 1).id
  let count = from
  for (;;) {
    const page = await log.arrivals({ organizationId: ORGANIZATION, filter: {}, after, limit: 100 })
    for (const { recordedAt, ...event } of page?.events ?? []) {
      expect(event).toEqual(numbered(count))
      count++
    }
    if (page === null || !page.hasMore) return count
    after = page.cursor
  }
}

describe.concurrent.each<{ way: Way; name: string; share: number }>([
  { way: 'append', name: 'import', share: 0.4 },
  { way: 'read', name: 'sync', share: 0.4 },
  { way: 'thread', name: 'import on a separate thread', share: 0.2 },
])('during $name', ({ way, share }) => {
  test(`${KILLS * share} kills lose no acknowledged event, and store none twice`, async () => {
    using folder = temporaryFolder()
    const file = join(folder.path, 'log.db')
    let [stored, kills] = [0, 0]
    while (kills < KILLS * share) {
      // Events that were not acknowledged are sent again, as import and sync do.
      const acknowledged = await writeUntilKilled(file, stored, way, (kills * 17) % 41)
      kills++
      const store = await openStore(file, { scalewayIds: scalewayIds() })
      const found = await eventsIn(store, stored)
      expect(found).toBeGreaterThanOrEqual(acknowledged)
      // Besides the acknowledged events, only one complete batch may be stored.
      expect([acknowledged, acknowledged + batchSize(acknowledged)]).toContain(found)
      if (way === 'read' && found > 0) {
        // The windows recorded as read contain exactly the stored events.
        const windows = await store.readWindows(ORGANIZATION)
        expect(windows.reduce((sum, { events }) => sum + events, 0)).toBe(found)
        expect(windows.at(-1)?.until).toBe(numbered(found - 1).createdAt + SECOND)
      }
      if (kills % 20 === 0) expect(await store.verify()).toEqual([])
      await store.close()
      stored = found
    }
    const store = await openStore(file, { scalewayIds: scalewayIds() })
    expect(await store.verify()).toEqual([])
    expect((await store.chains([])).flatMap(({ faults }) => faults)).toEqual([])
    expect(await eventsIn(store, 0)).toBe(stored)
    expect(stored).toBeGreaterThan(KILLS)
    await store.close()
  })
})
