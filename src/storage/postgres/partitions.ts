// The partitions of `events`: one for each month of the years in which Scaleway can have events, and one each for all
// dates before and after, so that wrong dates do not create thousands. Created when an event needs them, or in advance.

import type { Instant } from '../../instant.ts'
import type { Dialect, Reads, RetentionDialect, Session } from '../database.ts'
import { sql } from '../drizzle.ts'
import { ALWAYS, type EventRange } from '../event-range.ts'

/** A table, and the range of dates of its events. */
export interface Partition extends EventRange {
  readonly name: string
}

/** Thrown in a transaction that needs partitions, because they are created outside of it. */
export class MissingPartitions extends Error {
  readonly partitions: readonly Partition[]

  constructor(partitions: readonly Partition[]) {
    super(`partitions to be made: ${partitions.map(({ name }) => name).join(', ')}`)
    this.partitions = partitions
  }
}

const FIRST_YEAR = 2018
const LAST_YEAR = 2099
const FIRST = startOf(FIRST_YEAR, 0)
const END = startOf(LAST_YEAR + 1, 0)

const BEFORE: Partition = { name: 'events_before', low: ALWAYS.low, high: FIRST - 1 }
const AFTER: Partition = { name: 'events_after', low: END, high: ALWAYS.high }

/** How long the list of partitions is cached, in milliseconds. */
const READ_EVERY = 20_000

/** Creating one takes a lock for its table and each of its indexes, and a server has some thousands of locks. */
const MADE_AT_ONCE = 24

/** Created in advance, because a distributed database cannot create any while a worker does not respond. */
export const MONTHS_AHEAD = 2

function partitionOf(instant: Instant): Partition {
  if (!Number.isSafeInteger(instant)) throw new TypeError(`not an instant: ${instant}`)
  if (instant < FIRST) return BEFORE
  if (instant >= END) return AFTER
  const date = new Date(Math.floor(instant / 1000))
  return monthly(date.getUTCFullYear(), date.getUTCMonth())
}

/** The partition of an instant, and the next `months`. */
export function partitionsFrom(instant: Instant, months: number): Partition[] {
  const found = [partitionOf(instant)]
  for (let { high } = found[0] as Partition; found.length <= months && high < ALWAYS.high; ) {
    const next = partitionOf(high + 1)
    found.push(next)
    high = next.high
  }
  return found
}

function monthly(year: number, month: number): Partition {
  const name = `events_${year}_${String(month + 1).padStart(2, '0')}`
  return { name, low: startOf(year, month), high: startOf(year, month + 1) - 1 }
}

function startOf(year: number, month: number): Instant {
  return Date.UTC(year, month) * 1000
}

export interface Partitions {
  /** Oldest first. Cached, so partitions that other processes created in the last seconds may be missing. */
  known(reads: Reads): Promise<readonly Partition[]>
  /** Throws `MissingPartitions` unless the partitions of all these dates are known. */
  require(dates: Iterable<Instant>): void
  /** Creates the missing partitions. Safe to run concurrently. */
  make(transaction: Transaction, partitions: readonly Partition[]): Promise<void>
  /** Clears the cache. */
  forget(): void
}

type Transaction = <T>(work: (session: Session) => Promise<T>) => Promise<T>

export function createPartitions(): Partitions {
  let known: readonly Partition[] = []
  let names = new Set<string>()
  let readAt = Number.NEGATIVE_INFINITY

  function remember(partitions: readonly Partition[]): void {
    known = partitions
    names = new Set(partitions.map(({ name }) => name))
    readAt = performance.now()
  }

  return {
    async known(reads) {
      if (performance.now() - readAt > READ_EVERY) remember(await readPartitions(reads))
      return known
    },
    require(dates) {
      const missing = new Map<string, Partition>()
      let last: Partition | null = null
      for (const date of dates) {
        if (last === null || date < last.low || date > last.high) last = partitionOf(date)
        if (!names.has(last.name)) missing.set(last.name, last)
      }
      if (missing.size === 0) return
      const ahead = [...missing.values()].flatMap(({ low }) => partitionsFrom(low, MONTHS_AHEAD))
      throw new MissingPartitions([...new Map(ahead.map(one => [one.name, one])).values()])
    },
    async make(transaction, partitions) {
      for (let from = 0; from < partitions.length; from += MADE_AT_ONCE) {
        const some = partitions.slice(from, from + MADE_AT_ONCE)
        remember(await transaction(session => makeSome(session, some)))
      }
    },
    forget() {
      names.clear()
      readAt = Number.NEGATIVE_INFINITY
    },
  }
}

/**
 * Creates the missing ones and returns all. Tables are created and then attached: CREATE TABLE ... PARTITION OF would
 * wait for all readers of events, and block new ones.
 */
async function makeSome(session: Session, partitions: readonly Partition[]): Promise<Partition[]> {
  await lockTables(session)
  const there = await readPartitions(session)
  const names = new Set(there.map(({ name }) => name))
  const missing = partitions.filter(({ name }) => !names.has(name))
  for (const { name, low, high } of missing) {
    const table = sql.raw(name)
    const from = low === ALWAYS.low ? 'MINVALUE' : low
    const to = high === ALWAYS.high ? 'MAXVALUE' : high + 1
    await session.run(sql`CREATE TABLE ${table} (LIKE events INCLUDING DEFAULTS)`)
    await session.run(
      sql`ALTER TABLE events ATTACH PARTITION ${table} FOR VALUES ${sql.raw(`FROM (${from}) TO (${to})`)}`,
    )
  }
  return missing.length === 0 ? there : readPartitions(session)
}

/** Separate for each schema. */
export const lockTables: Dialect['lockTables'] = async session => {
  await session.run(
    sql`SELECT pg_advisory_xact_lock(hashtext('iam-logs tables'), hashtext(current_schema()))`,
  )
}

async function readPartitions(reads: Reads): Promise<Partition[]> {
  const rows = await reads.rows<[name: string]>(
    sql`SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = 'events'::regclass`,
  )
  return rows.flatMap(([name]) => named(name)).sort((a, b) => a.low - b.low)
}

function named(name: string): Partition[] {
  if (name === BEFORE.name) return [BEFORE]
  if (name === AFTER.name) return [AFTER]
  const [, year, month] = /^events_(\d{4})_(\d\d)$/.exec(name) ?? []
  return year === undefined ? [] : [monthly(Number(year), Number(month) - 1)]
}

/** Deletes one month of all Organizations at a time: first the IDs, then the partition. Reads wait only for the latter. */
export const retention: RetentionDialect = {
  // Every writer first locks the row of its Organization, and waits there.
  async stopIntake(session) {
    await lockTables(session)
    await session.run(sql`LOCK TABLE organizations IN EXCLUSIVE MODE`)
  },

  async monthsBefore(reads, before) {
    const partitions = await readPartitions(reads)
    return partitions.filter(({ high }) => high < before)
  },

  async dropMonth(session, { low }) {
    const { name } = partitionOf(low)
    const [there] = await session.rows(sql`SELECT 1 WHERE to_regclass(${name}) IS NOT NULL`)
    if (there === undefined) return
    const table = sql.raw(name)
    const organizations = await session.rows<[key: string]>(sql`SELECT o.key FROM organizations o`)
    for (const [key] of organizations) {
      await session.run(
        sql`DELETE FROM event_ids i USING ${table} e WHERE i.organization = ${key}
          AND e.organization = ${key} AND i.id = e.id`,
      )
    }
    await session.run(sql`DROP TABLE ${table}`)
  },
}
