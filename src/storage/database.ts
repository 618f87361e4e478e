// The interface that the store needs of any database: running Drizzle's queries, and the few pieces of SQL that differ
// between databases. Everything else in this folder is written once.

import type { PgRemoteDatabase } from 'drizzle-orm/pg-proxy'
import type { Event } from '../event.ts'
import type { Instant } from '../instant.ts'
import { isKeepable } from '../text.ts'
import type { OrganizationKey } from './codec.ts'
import type { SQL } from './drizzle.ts'
import type { EventRange } from './event-range.ts'
import type { Tables } from './tables.ts'

/** Drizzle's query builder. SQLite's has the same methods and is cast to this type. */
export type Builder = PgRemoteDatabase<Record<string, never>>

export type { OrganizationKey }

export interface Reads {
  readonly dialect: Dialect
  /** All rows, each as an array of its columns: numbers as numbers, bytes as Buffers, IDs in their stored form. */
  rows<Row extends unknown[]>(query: SQL): Promise<Row[]>
  /** The result of a query of Drizzle's builder. */
  build<T>(query: (builder: Builder) => PromiseLike<T>): Promise<T>
}

/** Reads and writes within a transaction. */
export interface Session extends Reads {
  /** Runs a write. Returns the number of changed rows. */
  run(query: SQL): Promise<number>
}

/** The rows of one Organization, in one read or one transaction. Each statement binds its key. */
export interface Log<R extends Reads = Reads> {
  readonly db: R
  readonly dialect: Dialect
  readonly organization: OrganizationKey
  readonly organizationId: string
}

export function logOf<R extends Reads>(
  db: R,
  organization: OrganizationKey,
  organizationId: string,
): Log<R> {
  return { db, dialect: db.dialect, organization, organizationId }
}

export interface Database extends Reads {
  /** For the statements of one read that may return slightly old data: from a replica if there is one. */
  recent(): Reads
  /**
   * Runs `work` in one write transaction; rolls back if it throws. Concurrent writes may cause it to run again.
   * `patient`: no time limits for statements and locks.
   */
  transaction<T>(
    work: (session: Session) => Promise<T>,
    options?: { readonly patient?: boolean },
  ): Promise<T>
  /** `work` reads one consistent state, however long it takes. For operators of the archive. */
  snapshot<T>(work: (reads: Reads) => Promise<T>): Promise<T>
  /** Notifies of new events of this and other processes, from the first `next` on. */
  readonly arrivals: ArrivalWatch
  /**
   * Must be called after a transaction that erased directory entries: removes all their bytes from the database's
   * files. If other connections prevent that, the next erasure removes them; never rejects for that reason.
   */
  erase(): Promise<void>
  /** Resolves if the database responds and is still the one that was opened; rejects otherwise. */
  check(): Promise<void>
  /** See `AuditStore.backup`. */
  backup(file: string): Promise<void>
  close(): Promise<void>
}

/** What a column contains. `id`: IDs of principals, resources or directory entries. */
export type Kind = 'number' | 'text' | 'id' | 'event-id' | 'bytes' | 'organization'

export function canBeStored(value: number | string): boolean {
  return typeof value === 'number' || isKeepable(value)
}

/** A column of rows that are passed to a statement. */
export interface Given {
  readonly name: string
  readonly as: Kind
  readonly values: readonly (number | string | Uint8Array | null)[]
}

export interface StretchPlan {
  readonly range: EventRange
  readonly newestFirst: boolean
  /** The average time between two scanned events, in microseconds; 0: unknown. */
  readonly density: number
  /** How many events are needed. */
  readonly wanted: number
  /**
   * A statement that selects the dates of all events to scan in a stretch; `null`: they need not be counted, because
   * the read ends by itself once it has enough events.
   */
  readonly candidates: ((stretch: EventRange) => SQL) | null
  /** Whether their index has them in order of date. */
  readonly isOrdered: boolean
  readonly reads: Reads
}

/** The SQL that differs between databases. A list is bound as one value, so its length does not change the text. */
export interface Dialect {
  readonly tables: Tables
  /** The folder of the migrations. */
  readonly migrations: string
  /** A condition. */
  hasTable(name: string): SQL
  /** Makes other processes that change tables wait until the transaction ends. */
  lockTables(session: Session): Promise<void>
  /** Whether an Organization's key is its ID. */
  readonly keyIsId: boolean
  /** The last statements of a transaction that erased directory entries; `Database.erase` follows. */
  rewriteDirectory(session: Session): Promise<void>
  /**
   * Rows for a FROM, under an alias, with `place` counted from 0. SQLite reads them in that order if they come first.
   */
  given(alias: string, columns: readonly Given[]): SQL
  /** The condition that a column has one of these values. Texts that no database can store match nothing. */
  isIn(as: Kind, column: SQL, values: readonly (number | string)[]): SQL
  /** Binds an ID of a principal, resource or directory entry. */
  id(id: string): SQL
  /** Binds an event's ID: a UUID in canonical form. */
  eventId(id: string): SQL
  /** Decodes a stored ID of either kind. */
  idFrom(stored: unknown): string
  /** An ID as text that is fast to read and sorts like the ID; `idFromShort` decodes it, for IDs of either kind. */
  shortId(column: SQL): SQL
  idFromShort(text: string): string
  /** An ID of a principal, resource or directory entry as its usual text, to sort and search by. */
  idText(column: SQL): SQL
  /** `part` is plain text, not a pattern; the case of ASCII letters is ignored. Like `isIn` for other texts. */
  contains(column: SQL, part: string): SQL
  /** `series` under the alias `s`, with a hint to use that index if the database takes hints; `null`: by number. */
  series(index: 'principal' | 'user_agent' | 'kind' | null): SQL
  /** The maximum number of values for `merged`. */
  readonly mostMerged: number
  /** `events` under the alias `e`, with a hint to use that index if the database takes hints. */
  events(index: 'date' | 'series' | 'resource' | 'address'): SQL
  /**
   * Reads the events `e` of each number separately along the index, which is in order, and merges them, so that for
   * each number no more events are read than a page has. For a FROM, under the alias `e`.
   */
  merged(
    by: 'series' | 'resource' | 'address',
    organization: OrganizationKey,
    numbers: readonly number[],
    condition: SQL,
    order: SQL,
    limit: number,
  ): SQL
  /** A statement that selects these columns of the first events `e` of a FROM in this order. */
  first(columns: SQL, from: SQL, order: SQL, limit: number): SQL
  /** The rows of a table of values with these numbers: a FROM under this alias. */
  numbered(
    table: 'series' | 'addresses' | 'resources',
    alias: string,
    organization: OrganizationKey,
    numbers: readonly number[],
  ): SQL
  /** The ID of an event `e`, for a condition that rarely needs it. */
  readonly idOf: SQL
  /** The table with organization, sequence number and ID of each event, indexed by sequence number. */
  readonly sequences: SQL
  /** The events with these IDs in these Organizations: a FROM under the alias `e` for each statement to run. */
  byId(
    reads: Reads,
    organizations: readonly OrganizationKey[],
    ids: readonly string[],
  ): Promise<SQL[]>
  /** FROMs of one Organization's events with sequence numbers above `after`, up to and including `until`. */
  bySequence(
    reads: Reads,
    organization: OrganizationKey,
    after: number,
    until: number,
  ): Promise<SQL[]>
  /**
   * Splits a range of dates into stretches, in reading direction, without gaps or overlaps: each small enough not to
   * block others for long.
   */
  stretches(plan: StretchPlan): AsyncIterable<EventRange>
  /**
   * Must be awaited between parts of a long read, of about `atOnce` rows each: lets others run if a time slice is over.
   */
  turns(): () => Promise<void> | undefined
  readonly atOnce: number
  /** The maximum number of events scanned for statistics that rollups cannot answer. */
  readonly mostCounted: number

  /** Rows `i` of (id, sequence), for a FROM: the IDs of all events of an Organization. */
  ids(organization: OrganizationKey): SQL
  /** Describes damage in the database's files, where the database can detect it. Reads everything. */
  findDamage(reads: Reads): Promise<string[]>
  /** The description in an error that reports damaged files; `null` for any other error. */
  damageIn(error: unknown): string | null
  readonly intake: IntakeDialect
  readonly retention: RetentionDialect
}

/** The statements of transactions that ingest events. */
export interface IntakeDialect {
  /** Appended to a SELECT of one row: locks the row until the transaction ends. */
  readonly forUpdate: SQL
  /**
   * Inserts rows of an Organization, with `conflict` as ON CONFLICT clause. Columns and clause must always be the same
   * for a table, because there is one compiled statement per table. Returns the number of written rows.
   */
  insertRows(
    session: Session,
    table: string,
    organization: OrganizationKey,
    columns: readonly Given[],
    conflict?: SQL,
  ): Promise<number>
  /** Updates the row `t` of each given `number`; `set` makes the SET clause. Also one statement per table. */
  updateRows(
    session: Session,
    table: string,
    organization: OrganizationKey,
    columns: readonly Given[],
    set: (given: (name: string) => SQL) => SQL,
  ): Promise<number>
  /**
   * Prepares for events of these dates before the same transaction writes them, for example by adding partitions. May
   * cause the transaction to run again.
   */
  prepareFor(dates: Iterable<Instant>): Promise<void>
  /**
   * Records the IDs of new events of an Organization; `first` is the sequence number of the first. Returns `false` and
   * changes nothing if two have the same ID, or one of the IDs is already stored.
   */
  noteIds(
    session: Session,
    organization: OrganizationKey,
    events: readonly Pick<Event, 'id' | 'createdAt'>[],
    first: number,
  ): Promise<boolean>
  /** Notifies other processes of new events when this transaction commits. */
  wake(session: Session): Promise<void>
}

export interface RetentionDialect {
  /** Blocks ingest until the transaction ends. */
  stopIntake(session: Session): Promise<void>
  /** The months with events before an instant, oldest first, each for `dropMonth`. */
  monthsBefore(reads: Reads, before: Instant): Promise<readonly EventRange[]>
  /** Deletes all Organizations' events of a month, and their IDs; the caller updates the data derived from them. */
  dropMonth(session: Session, month: EventRange): Promise<void>
}

type ArrivalWatch = ReturnType<typeof watchArrivals>

/**
 * One watch for all waiting readers. The first `next` calls `begin`, which starts to watch for writes of other
 * processes and returns a function that stops it.
 */
export function watchArrivals(begin: (came: () => void) => () => unknown) {
  let waiting = Promise.withResolvers<void>()
  let end: (() => unknown) | undefined

  /** Must be called after a commit of this process that added events. */
  function came(): void {
    waiting.resolve()
    waiting = Promise.withResolvers()
  }

  return {
    /** See `LogReader.nextArrival`. */
    next(): Promise<void> {
      end ??= begin(came)
      return waiting.promise
    },
    came,
    async end(): Promise<void> {
      await end?.()
      came()
    },
  }
}
