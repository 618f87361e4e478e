// The interface of a driver: server.ts implements it for a server; the one for PGlite is in tests.

/**
 * Runs a statement. Returns all its rows, like `Reads.rows`; for a statement without rows, a row with the number of
 * changed rows.
 */
export type Ask = (text: string, values: readonly unknown[]) => Promise<unknown[][]>

/** Arrays are bound as PostgreSQL arrays. */
export interface Driver {
  /** Runs a read outside of a transaction. */
  readonly ask: Ask
  /** For the statements of one read that may come from a replica; see `Database.recent`. */
  recent(): Ask
  /** READ COMMITTED; rolls back when `work` throws. `patient`: without time limits. */
  transaction<T>(work: (ask: Ask) => Promise<T>, options: { readonly patient: boolean }): Promise<T>
  /** REPEATABLE READ, without time limits. The locks of a statement are released after it. */
  snapshot<T>(work: (ask: Ask) => Promise<T>): Promise<T>
  /**
   * Outside of a transaction, with a short lock timeout, because all later statements queue behind one that waits for a
   * lock.
   */
  readonly impatient: Ask
  readonly listen: Listen
  close(): Promise<void>
}

interface Listening {
  /** False until notifications are known to arrive. */
  hears(): boolean
  end(): Promise<void>
}

/** Calls back after each NOTIFY on the channel, and whenever some may have been missed. */
export type Listen = (channel: string, heard: () => void) => Listening
