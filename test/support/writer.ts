// A process that appends events until it is killed: `node writer.ts FILE FROM WAY`. After each acknowledged batch it prints
// the number of the next event. The same number is always the same event, so that missing ones are noticed.

import { writeSync } from 'node:fs'
import Database from 'better-sqlite3'
import type { Event } from '../../src/event.ts'
import { scalewayIds } from '../../src/principal.ts'
import { openStore } from '../../src/storage/open.ts'
import { openStoreForIntake } from '../../src/storage/sqlite/append-thread.ts'
import { at, ORGANIZATION, uuid } from './events.ts'

/** As `import` does; as `sync` does; on a thread; or with less careful settings of SQLite, whose losses must be noticed. */
export type Way = 'append' | 'read' | 'thread' | 'careless'

const MOST_FAILURES = 10

const START = at('2026-01-01T00:00:00Z')
export const SECOND = 1_000_000

/** The size of the batch that begins with this number, 1 to 50. */
export const batchSize = (from: number) => 1 + ((from * 7919) % 50)

export function numbered(number: number): Event {
  return {
    id: uuid(number, 'e0000000'),
    organizationId: ORGANIZATION,
    createdAt: START + number * SECOND,
    action: 'created',
    category: number % 3 === 0 ? 'user' : 'api_key',
    resourceId: uuid(number, 'a0000000'),
    principalId: uuid(number % 10),
    ipAddress: `192.0.2.${number % 250}`,
    userAgent: 'writer',
  }
}

export function batchFrom(from: number): Event[] {
  return Array.from({ length: batchSize(from) }, (_, more) => numbered(from + more))
}

/** The window of these events, as sync records it. */
export function windowOf(events: readonly Event[]) {
  const [from, last] = [events[0]?.createdAt ?? 0, events.at(-1)?.createdAt ?? 0]
  return {
    organizationId: ORGANIZATION,
    from,
    until: last + SECOND,
    events: events.length,
    readAt: last,
  }
}

async function write(file: string, from: number, way: Way, batches: number): Promise<void> {
  const open = way === 'thread' ? openStoreForIntake : openStore
  const store = await open(file, { scalewayIds: scalewayIds() })
  // The first line shows that the process has started.
  writeSync(1, `${from}\n`)
  let next = from
  let failures = 0
  for (let written = 0; written < batches; written++) {
    const events = batchFrom(next)
    try {
      if (way === 'read') await store.appendRead(events, [windowOf(events)])
      else await store.append(events)
    } catch (error) {
      // A batch that was not acknowledged is appended again.
      writeSync(1, `! ${error instanceof Error ? error.message : error}\n`)
      if (++failures >= MOST_FAILURES) break
      continue
    }
    next += events.length
    writeSync(1, `${next}\n`)
  }
  await store.close()
}

/** Writes the same number of rows into a table of the same name, and acknowledges them before they are synced. */
function writeCarelessly(file: string, batches: number): void {
  const db = new Database(file)
  db.pragma('journal_mode = WAL')
  db.exec('CREATE TABLE IF NOT EXISTS events (arrival INTEGER PRIMARY KEY, id TEXT)')
  db.pragma('synchronous = NORMAL')
  const insert = db.prepare('INSERT INTO events (id) VALUES (?)')
  let next = 0
  for (let written = 0; written < batches; written++) {
    const events = batchFrom(next)
    db.transaction(() => events.forEach(({ id }) => void insert.run(id)))()
    next += events.length
    writeSync(1, `${next}\n`)
  }
  db.close()
}

if (process.argv[1] === import.meta.filename) {
  const [file = '', from = '0', way = 'append', batches = '1000000'] = process.argv.slice(2)
  if (way === 'careless') writeCarelessly(file, Number(batches))
  else await write(file, Number(from), way as Way, Number(batches))
}
