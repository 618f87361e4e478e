// The partitions of `events`: one a month of the years Scaleway may have events in, one for all before and
// one for all after, so that a stray date makes no thousand of them. Made when an event needs them.

import type { Instant } from '../../instant.ts'
import { type PostgresDatabase, persistently, type Reads } from './database.ts'
import { constant, sql } from './sql.ts'

export interface Partition {
  readonly name: string
  /** Included; `null`: from the beginning. */
  readonly from: Instant | null
  /** Excluded; `null`: without end. */
  readonly until: Instant | null
}

const FIRST_YEAR = 2018
const LAST_YEAR = 2099
const FIRST = startOf(FIRST_YEAR, 0)
const END = startOf(LAST_YEAR + 1, 0)

const BEFORE: Partition = { name: 'events_before', from: null, until: FIRST }
const AFTER: Partition = { name: 'events_after', from: END, until: null }

/** In milliseconds. */
const ASK_EVERY = 20_000

/** Each holds a lock for its table and for each index, of which a server has some thousands. */
const MADE_AT_ONCE = 24

export function partitionOf(instant: Instant): Partition {
  if (!Number.isSafeInteger(instant)) throw new TypeError(`not an instant: ${instant}`)
  if (instant < FIRST) return BEFORE
  if (instant >= END) return AFTER
  const date = new Date(Math.floor(instant / 1000))
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()]
  return monthly(year, month)
}

function monthly(year: number, month: number): Partition {
  const name = `events_${year}_${String(month + 1).padStart(2, '0')}`
  return { name, from: startOf(year, month), until: startOf(year, month + 1) }
}

function startOf(year: number, month: number): Instant {
  return Date.UTC(year, month) * 1000
}

export interface Partitions {
  /** Oldest first; without those that others made in the last seconds. */
  known(): Promise<readonly Partition[]>
  /** Which of the partitions that these dates need are not known of. */
  missing(dates: Iterable<Instant>): Partition[]
  /** Makes those that are not there yet, whoever else does so at the same time. */
  make(partitions: readonly Partition[]): Promise<void>
  /** Asks again which there are. */
  refresh(): Promise<void>
}

export function createPartitions(db: PostgresDatabase): Partitions {
  let known: readonly Partition[] = []
  let names = new Set<string>()
  let askedAt = 0

  function remember(partitions: readonly Partition[]): void {
    known = partitions
    names = new Set(partitions.map(({ name }) => name))
  }

  async function refresh(): Promise<void> {
    askedAt = Date.now()
    remember(await readPartitions(db))
  }

  return {
    async known() {
      if (Date.now() - askedAt > ASK_EVERY) await refresh()
      return known
    },
    missing(dates) {
      const needed = new Map<string, Partition>()
      let last: Partition | null = null
      for (const date of dates) {
        if (last === null || !within(last, date)) last = partitionOf(date)
        if (!names.has(last.name)) needed.set(last.name, last)
      }
      return [...needed.values()]
    },
    async make(partitions) {
      for (let from = 0; from < partitions.length; from += MADE_AT_ONCE) {
        await persistently(() => makeSome(db, partitions.slice(from, from + MADE_AT_ONCE)))
      }
      await refresh()
    },
    refresh,
  }
}

function within({ from, until }: Partition, date: Instant): boolean {
  return (from === null || date >= from) && (until === null || date < until)
}

/** Attached, not made as partitions: that would wait for everyone who reads events, and they for it. */
function makeSome(db: PostgresDatabase, partitions: readonly Partition[]): Promise<void> {
  return db.transaction(async session => {
    await session.run(lockPartitions)
    const there = new Set((await readPartitions(session)).map(({ name }) => name))
    for (const { name, from, until } of partitions) {
      if (there.has(name)) continue
      const table = constant(name)
      const bounds = constant(`FROM (${from ?? 'MINVALUE'}) TO (${until ?? 'MAXVALUE'})`)
      await session.run(sql`CREATE TABLE ${table} (LIKE events INCLUDING DEFAULTS)`)
      await session.run(sql`ALTER TABLE events ATTACH PARTITION ${table} FOR VALUES ${bounds}`)
    }
  })
}

/** Held until the end of a transaction; stores in other schemas have their own. */
export const lockPartitions = sql`SELECT pg_advisory_xact_lock(hashtext('iam-logs partitions'),
  hashtext(current_schema()))`

export async function readPartitions(db: Reads): Promise<Partition[]> {
  const rows = await db.rows<[name: string]>(
    sql`SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = 'events'::regclass`,
  )
  return rows
    .flatMap(([name]) => named(name))
    .sort((a, b) => (a.from ?? Number.MIN_SAFE_INTEGER) - (b.from ?? Number.MIN_SAFE_INTEGER))
}

function named(name: string): Partition[] {
  if (name === BEFORE.name) return [BEFORE]
  if (name === AFTER.name) return [AFTER]
  const [, year, month] = /^events_(\d{4})_(\d\d)$/.exec(name) ?? []
  return year === undefined ? [] : [monthly(Number(year), Number(month) - 1)]
}
