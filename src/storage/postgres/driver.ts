// What the store needs of a driver: server.ts has one for a server; PGlite's is in tests.

import type { Listen } from './arrivals.ts'

/** All rows of a statement, as `Reads.rows`; of one that gives none, how many it changed. */
export type Ask = (text: string, values: readonly unknown[]) => Promise<unknown[][]>

/** What a driver does. Arrays are bound as PostgreSQL's. */
export interface Driver {
  /** Each statement, a read, by itself. */
  readonly ask: Ask
  /** For the statements of one read; see `Database.recent`. */
  recent(): Ask
  /** READ COMMITTED; rolls back when `work` throws. `patient`: without time limits. */
  transaction<T>(work: (ask: Ask) => Promise<T>, options: { readonly patient: boolean }): Promise<T>
  /** REPEATABLE READ, without time limits. Locks that a statement took are given up after it. */
  snapshot<T>(work: (ask: Ask) => Promise<T>): Promise<T>
  /** Outside of a transaction, soon or not at all: whoever waits for a lock holds up all who come after. */
  readonly impatient: Ask
  readonly listen: Listen
  close(): Promise<void>
}
