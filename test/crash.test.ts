// Killed in the middle of writing, again and again: what was acknowledged is there, once; what was not is there whole
// or not at all; and the file is sound. `npm run test:long` kills many more times.

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

/** Runs a writer for some milliseconds after its first words; the number behind the last event it was promised. */
function writeUntilKilled(file: string, from: number, way: Way, life: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const child = spawn(process.execPath, [WRITER, file, String(from), way], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  let dying = false
  child.stdout.on('data', chunk => {
    said += chunk
    // Now and then before anything is written, else after the first batch.
    if (!dying && (life % 5 === 0 || said.split('\n').length > 2)) {
      dying = true
      setTimeout(() => child.kill('SIGKILL'), life)
    }
  })
  child.once('error', reject)
  child.once('close', (code, signal) => {
    if (signal !== 'SIGKILL') return reject(new Error(`the writer ended with ${code}`))
    // A line that was cut off promises nothing.
    resolve(Number(said.split('\n').at(-2)))
  })
  return promise
}

/** How many of the numbered events are there: all from the first on, each as it was and in its order of arrival. */
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

describe.concurrent.each<{ way: Way; name: string; part: number }>([
  { way: 'append', name: 'importing', part: 0.4 },
  { way: 'read', name: 'syncing', part: 0.4 },
  { way: 'thread', name: 'writing on a thread', part: 0.2 },
])('$name', ({ way, part }) => {
  test(`${KILLS * part} kills lose nothing and repeat nothing`, async () => {
    using folder = temporaryFolder()
    const file = join(folder.path, 'log.db')
    let [there, kills] = [0, 0]
    while (kills < KILLS * part) {
      // Where the last one was cut off, the same events are sent again, as whoever was not told does.
      const promised = await writeUntilKilled(file, there, way, (kills * 17) % 41)
      kills++
      const store = await openStore(file, { scalewayIds: scalewayIds() })
      const found = await eventsIn(store, there)
      expect(found).toBeGreaterThanOrEqual(promised)
      // Beyond what was promised only one whole batch that was on its way.
      expect([promised, promised + batchSize(promised)]).toContain(found)
      if (way === 'read' && found > 0) {
        // What is noted as read is what is there.
        const windows = await store.readWindows(ORGANIZATION)
        expect(windows.reduce((sum, { events }) => sum + events, 0)).toBe(found)
        expect(windows.at(-1)?.until).toBe(numbered(found - 1).createdAt + SECOND)
      }
      if (kills % 20 === 0) expect(await store.verify()).toEqual([])
      await store.close()
      there = found
    }
    const store = await openStore(file, { scalewayIds: scalewayIds() })
    expect(await store.verify()).toEqual([])
    expect((await store.chains([])).flatMap(({ faults }) => faults)).toEqual([])
    expect(await eventsIn(store, 0)).toBe(there)
    expect(there).toBeGreaterThan(KILLS)
    await store.close()
  })
})
