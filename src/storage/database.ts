// What the store asks of a database, whichever it is: to run Drizzle's queries, and the few pieces of SQL that each
// database has its own for. Everything else of this room is written once.

import type { PgRemoteDatabase } from 'drizzle-orm/pg-proxy'
import type { Event } from '../event.ts'
import type { Instant } from '../instant.ts'
import type { ArrivalWatch } from './arrivals.ts'
import type { OrganizationKey } from './codec.ts'
import type { SQL } from './drizzle.ts'
import type { EventRange } from './range.ts'
import type { Tables } from './tables.ts'

/** Drizzle's query builder. SQLite's has the same methods, and is given as if it were this one. */
export type Builder = PgRemoteDatabase<Record<string, never>>

export type { OrganizationKey }

export interface Reads {
  readonly dialect: Dialect
  /** All rows, each as an array of its columns: numbers as numbers, bytes as Buffers, IDs as they are kept. */
  rows<Row extends unknown[]>(query: SQL): Promise<Row[]>
  /** The same of a query that is compiled once for its name, from which alone it follows; with values for its placeholders. */
  prepared<Row extends unknown[]>(
    name: string,
    query: () => SQL,
    values: Readonly<Record<string, unknown>>,
  ): Promise<Row[]>
  /** What a query of Drizzle's builder gives. */
  build<T>(query: (builder: Builder) => PromiseLike<T>): Promise<T>
}

/** Within a transaction. */
export interface Session extends Reads {
  /** Runs a write; how many rows it changed. */
  run(query: SQL): Promise<number>
}

/** The rows of one Organization, as one read or one transaction sees them. Each statement binds its key. */
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
  /** For the statements of one read that may show the state of a moment ago: a replica where there is one. */
  recent(): Reads
  /**
   * Runs `work` in one transaction that writes; rolls back when it throws. What others write at the same time may make
   * it begin anew. `patient`: neither a statement nor a lock has a time limit.
   */
  transaction<T>(
    work: (session: Session) => Promise<T>,
    options?: { readonly patient?: boolean },
  ): Promise<T>
  /** All that `work` reads is of one state, however long it takes: for who operates the archive. */
  snapshot<T>(work: (reads: Reads) => Promise<T>): Promise<T>
  /** Of this process and others, from the first `next` on. */
  readonly arrivals: ArrivalWatch
  /**
   * After a transaction that erased entries of the directory: no byte of them stays in the database's files. Where others
   * are in the way it is done by the next erasure at the latest; never rejects for that.
   */
  erase(): Promise<void>
  /** Resolves when it answers, and is still the one that was opened; rejects when not. */
  check(): Promise<void>
  /** See `AuditStore.backup`. */
  backup(file: string): Promise<void>
  close(): Promise<void>
}

/** A column of rows that are given to a statement. */
export type Given =
  | { readonly name: string; readonly as: 'number'; readonly values: readonly (number | null)[] }
  | {
      readonly name: string
      readonly as: 'text' | 'id' | 'event-id'
      readonly values: readonly (string | null)[]
    }
  | {
      readonly name: string
      readonly as: 'organization'
      readonly values: readonly OrganizationKey[]
    }
  | { readonly name: string; readonly as: 'bytes'; readonly values: readonly (Uint8Array | null)[] }

/** The pieces of SQL in which the databases differ. Lists are bound whole, so that their length makes no other text. */
export interface Dialect {
  readonly tables: Tables
  /** Whether an Organization's key is its ID. */
  readonly keyIsId: boolean
  /** Within a transaction that erased entries of the directory, as its last statements; `Database.erase` follows. */
  rewriteDirectory(session: Session): Promise<void>
  /** Rows for a FROM, under an alias, with `place` from 0 on. In SQLite they come in that order, where they stand first. */
  given(alias: string, columns: readonly Given[]): SQL
  numberIn(column: SQL, numbers: readonly number[]): SQL
  textIn(column: SQL, texts: readonly string[]): SQL
  /** Of a column of principals, resources or directory entries. */
  idIn(column: SQL, ids: readonly string[]): SQL
  organizationIn(column: SQL, keys: readonly OrganizationKey[]): SQL
  /** A bound ID of that kind. */
  id(id: string): SQL
  /** Of a column of events' IDs. */
  eventIdIn(column: SQL, ids: readonly string[]): SQL
  /** A bound ID of an event: a UUID in its plain spelling. */
  eventId(id: string): SQL
  /** An ID that was read, as text; of either kind. */
  idFrom(stored: unknown): string
  /** An ID of either kind as a text that is soon read and sorts as the ID does, for `idFromShort`. */
  shortId(column: SQL): SQL
  /** The same of an event's. */
  shortEventId(column: SQL): SQL
  idFromShort(text: string): string
  /** An ID of that kind as the text it is, to sort and search by. */
  idText(column: SQL): SQL
  /** Plain text, not a pattern; the case of ASCII letters does not matter. */
  contains(column: SQL, part: string): SQL
  /** `series` under the alias `s`, by that index where the database takes a hint; `null`: by number. */
  series(index: 'principal' | 'user_agent' | 'kind' | null): SQL
  /** Up to so many numbers are read each by itself, along the index, and merged. */
  readonly mostMerged: number
  /** `events` under the alias `e`, by that index where the database takes a hint. */
  events(index: 'date' | 'series' | 'resource' | 'address'): SQL
  /**
   * The events `e` of each of these numbers by itself, along the index that has them in order: so that no more of them
   * are read than a page has. For a FROM, under the alias `e`.
   */
  merged(
    by: 'series' | 'resource' | 'address',
    organization: OrganizationKey,
    numbers: readonly number[],
    condition: SQL,
    order: SQL,
    limit: number,
  ): SQL
  /** The table that has the sequence number of each event in order, beside its organization and its ID. */
  readonly sequences: SQL
  /** The events with these IDs, of these Organizations, as FROMs under the alias `e`, a statement for each; and whose they are. */
  byId(
    reads: Reads,
    organizations: readonly OrganizationKey[],
    ids: readonly string[],
  ): Promise<{ readonly from: SQL; readonly organization: SQL }[]>
  /** FROMs of one Organization's events by their sequence numbers: behind `after`, up to and with `until`. */
  bySequence(
    reads: Reads,
    organization: OrganizationKey,
    after: number,
    until: number,
  ): Promise<SQL[]>
  /**
   * A range of dates in stretches, in the direction they are read, without gap or overlap: each of so much work that it
   * holds up nobody. `density`: the average time between two of the events that are looked at, in microseconds, or 0;
   * `wanted`: how many are. `candidates`: of a stretch, all events that are looked at, for counting; `null`: one need
   * not count, as a statement ends by itself when it has what it wants.
   */
  stretches(plan: {
    readonly range: EventRange
    readonly newestFirst: boolean
    readonly density: number
    readonly wanted: number
    readonly candidates: ((range: EventRange) => SQL) | null
    readonly reads: Reads
  }): AsyncIterable<EventRange>
  /** To await between pieces of one long read, each of about `atOnce` rows: others come first where a turn is over. */
  turns(): () => Promise<void> | undefined
  readonly atOnce: number
  /** So many events are looked at, and no more, for figures that no rollup tells. */
  readonly mostCounted: number

  /** Rows `i` of (id, sequence), for a FROM: all IDs of an Organization's events. */
  ids(organization: OrganizationKey): SQL
  /** What is broken in the database's files, in words, where it can tell. Reads everything. */
  findDamage(reads: Reads): Promise<string[]>
  /** What an error says of files that are broken, in words; `null` for any other. */
  damageIn(error: unknown): string | null
  readonly intake: IntakeDialect
  readonly retention: RetentionDialect
}

/** What is asked of a database in transactions that take events in. */
export interface IntakeDialect {
  /** Ends a SELECT of one row, which nobody else locks until the transaction ends. */
  readonly forUpdate: SQL
  /**
   * Writes given rows of an Organization; where they are there already, `conflict`. Which columns, and what then, follows
   * from the table: it is one statement for each. How many were written.
   */
  insertRows(
    session: Session,
    table: string,
    organization: OrganizationKey,
    columns: readonly Given[],
    conflict?: SQL,
  ): Promise<number>
  /** Changes the row `t` of each `number` that is given: `set` tells how, by the given columns. One for each table as well. */
  updateRows(
    session: Session,
    table: string,
    organization: OrganizationKey,
    columns: readonly Given[],
    set: (given: (name: string) => SQL) => SQL,
  ): Promise<number>
  /**
   * Makes room for events of these dates, which are to be written in the same transaction: called before they are. It
   * may make the transaction begin anew.
   */
  prepareFor(dates: Iterable<Instant>): Promise<void>
  /**
   * Makes new events of an Organization known by their IDs; the first of them has that sequence number. `false`, and
   * nothing is changed: two have the same ID, or an event with one of the IDs is there.
   */
  noteIds(
    session: Session,
    organization: OrganizationKey,
    events: readonly Pick<Event, 'id' | 'createdAt'>[],
    first: number,
  ): Promise<boolean>
  /** Tells other processes that events came: when this transaction commits. */
  wake(session: Session): Promise<void>
}

export interface RetentionDialect {
  /** Nobody takes events in until the transaction ends. */
  stopIntake(session: Session): Promise<void>
  /** The months with events before an instant, oldest first, each for `dropMonth`. */
  monthsBefore(reads: Reads, before: Instant): Promise<readonly EventRange[]>
  /** Removes all Organizations' events of a month with their IDs; all else that tells of them is the caller's. */
  dropMonth(session: Session, month: EventRange): Promise<void>
}
