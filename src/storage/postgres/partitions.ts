// The partitions of `events`: one for each month of the years in which Scaleway can have events, and one each for all
// dates before and after, so that wrong dates do not create thousands. Created when an event needs them, or in advance.

import type { Instant } from '../../instant.ts'
import type { Dialect, Reads, RetentionDialect, Session } from '../database.ts'
import { sql } from '../drizzle.ts'
import { ALWAYS, type EventRange, isEmpty, monthOf, startOf } from '../event-range.ts'

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

const FIRST = monthOf(Date.UTC(2018, 0) * 1000)
const LAST = monthOf(Date.UTC(2099, 11) * 1000)

/** How long the list of partitions is cached, in milliseconds. */
const READ_EVERY = 20_000

/** Creating one takes a lock for its table and each of its indexes, and a server has some thousands of locks. */
const MADE_AT_ONCE = 24

/** Created in advance, because a distributed database cannot create any while a worker does not respond. */
const MONTHS_AHEAD = 2

function partitionOf(instant: Instant): Partition {
  if (!Number.isSafeInteger(instant)) throw new TypeError(`not an instant: ${instant}`)
  return partitionFor(monthOf(instant))
}

function partitionFor(month: number): Partition {
  if (month < FIRST) return { name: 'events_before', low: ALWAYS.low, high: startOf(FIRST) - 1 }
  if (month > LAST) return { name: 'events_after', low: startOf(LAST + 1), high: ALWAYS.high }
  const date = new Date(startOf(month) / 1000)
  const name = `events_${date.toISOString().slice(0, 7).replace('-', '_')}`
  return { name, low: startOf(month), high: startOf(month + 1) - 1 }
}

/** The partitions of the month of an instant, and of the next `months`. */
function partitionsFrom(instant: Instant, months: number): Partition[] {
  const first = Math.min(Math.max(monthOf(instant), FIRST - 1), LAST + 1)
  const length = Math.min(months, LAST + 1 - first) + 1
  return Array.from({ length }, (_, more) => partitionFor(first + more))
}

export type Partitions = ReturnType<typeof createPartitions>

type Transaction = <T>(work: (session: Session) => Promise<T>) => Promise<T>

export function createPartitions() {
  let known: readonly Partition[] = []
  let names = new Set<string>()
  let readAt = Number.NEGATIVE_INFINITY

  function remember(partitions: readonly Partition[]): void {
    known = partitions
    names = new Set(partitions.map(({ name }) => name))
    readAt = performance.now()
  }

  return {
    /** Oldest first. Cached, so partitions that other processes created in the last seconds may be missing. */
    async known(reads: Reads): Promise<readonly Partition[]> {
      if (performance.now() - readAt > READ_EVERY) remember(await readPartitions(reads))
      return known
    },
    /** Throws `MissingPartitions` unless the partitions of all these dates are known. */
    require(dates: Iterable<Instant>): void {
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
    /** Creates the missing partitions. Safe to run concurrently. */
    async make(transaction: Transaction, partitions: readonly Partition[]): Promise<void> {
      for (let from = 0; from < partitions.length; from += MADE_AT_ONCE) {
        const some = partitions.slice(from, from + MADE_AT_ONCE)
        remember(await transaction(session => makeSome(session, some)))
      }
    },
    /** Clears the cache. */
    forget(): void {
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
  if (name === 'events_before') return [partitionFor(FIRST - 1)]
  if (name === 'events_after') return [partitionFor(LAST + 1)]
  const [, year, month] = /^events_(\d{4})_(\d\d)$/.exec(name) ?? []
  return year === undefined ? [] : [partitionOf(Date.UTC(Number(year), Number(month) - 1) * 1000)]
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

/**
 * The locks of 100 connections on eight partitions each fit into the lock table of a server with default settings.
 */
const MOST_MONTHS = 8
const LEAST_MONTHS = 2

/**
 * Splits a range of dates into stretches of a few months, each read by its own statement: PostgreSQL plans and locks
 * every partition that a statement may read, with all its indexes, and most pages need only one or two. In reading
 * direction, without gaps or overlaps. `width`, in microseconds, is the estimated time range that is needed;
 * the first stretch covers four times that, within the limits of months above.
 */
export function* stretchesOf(
  range: EventRange,
  partitions: readonly EventRange[],
  newestFirst: boolean,
  width = Number.POSITIVE_INFINITY,
): Generator<EventRange> {
  if (isEmpty(range)) return
  const inside = partitions.filter(({ low, high }) => low <= range.high && high >= range.low)
  if (newestFirst) inside.reverse()
  let { low, high } = range
  const ahead = newestFirst ? monthsToCome(inside) : 0
  const months = firstMonths(inside.slice(ahead), range, newestFirst, width)
  for (let at = Math.min(MOST_MONTHS, ahead + months); ; at += MOST_MONTHS) {
    const next = inside[at]
    if (next === undefined) {
      yield { low, high }
      return
    }
    if (newestFirst) {
      yield { low: next.high + 1, high }
      high = next.high
    } else {
      yield { low, high: next.low - 1 }
      low = next.low
    }
  }
}

/**
 * The number of months created in advance. They are probably empty, so they do not count as months of the first
 * stretch.
 */
function monthsToCome(newestFirst: readonly EventRange[]): number {
  const now = Date.now() * 1000
  return newestFirst.slice(0, MONTHS_AHEAD).filter(({ low }) => low > now).length
}

function firstMonths(
  inside: readonly EventRange[],
  { low, high }: EventRange,
  newestFirst: boolean,
  width: number,
): number {
  const [near = { low, high }] = inside
  const edge = newestFirst ? Math.min(high, near.high) : Math.max(low, near.low)
  const last = inside.findIndex(
    month => Math.abs(edge - (newestFirst ? month.low : month.high)) >= 4 * width,
  )
  const months = last < 0 ? MOST_MONTHS : last + 1
  return Math.min(MOST_MONTHS, Math.max(LEAST_MONTHS, months))
}
