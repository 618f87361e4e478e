// A process that takes events in until it is killed, and says what it was promised: `node writer.ts FILE FROM WAY`.
// After each batch that was acknowledged, one line: the number of the first event after it. The same number is always
// the same event, so that whoever reads the file can tell what is missing.

import { writeSync } from 'node:fs'
import Database from 'better-sqlite3'
import type { Event } from '../../src/event.ts'
import { scalewayIds } from '../../src/principal.ts'
import { openStore } from '../../src/storage/open.ts'
import { openStoreForIntake } from '../../src/storage/sqlite/append-thread.ts'
import { at, ORGANIZATION, uuid } from './events.ts'

/** As `import` does; as `sync` does; on a thread; or by SQLite with less care, to see that its loss is noticed. */
export type Way = 'append' | 'read' | 'thread' | 'careless'

const MOST_FAILURES = 10

const START = at('2026-01-01T00:00:00Z')
export const SECOND = 1_000_000

/** Batches of 1 to 50 events, the same for the same first number. */
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

/** The stretch of time that these events are in, as sync notes it. */
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
  // Known, so that nothing is told to a pipe nobody reads.
  writeSync(1, `${from}\n`)
  let next = from
  let failures = 0
  for (let written = 0; written < batches; written++) {
    const events = batchFrom(next)
    try {
      if (way === 'read') await store.appendRead(events, [windowOf(events)])
      else await store.append(events)
    } catch (error) {
      // Whoever is not promised anything tries again.
      writeSync(1, `! ${error instanceof Error ? error.message : error}\n`)
      if (++failures >= MOST_FAILURES) break
      continue
    }
    next += events.length
    writeSync(1, `${next}\n`)
  }
  await store.close()
}

/** The same number of rows, in a table of the same name, acknowledged when they are written but not yet kept. */
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
