// What the PostgreSQL store asks of a connection to one, whichever driver makes it: server.ts to a
// server; PGlite in tests.

import type { Sql } from './sql.ts'

export interface Reads {
  /** All rows, each as an array of its columns. 64-bit integers come as numbers. */
  rows<Row extends unknown[]>(sql: Sql): Promise<Row[]>
}

/** Within a transaction. */
export interface Snapshot extends Reads {
  /**
   * As `rows`, and gives up the locks it took. A statement locks each table it may look into, with all its indexes,
   * and of such locks the server has some thousands for everyone; others are held until the transaction ends.
   */
  passing<Row extends unknown[]>(sql: Sql): Promise<Row[]>
}

/** Outside of a transaction: each statement sees the state of its own moment. */
export interface Readable extends Reads {
  /** All that `work` reads is of one state. */
  snapshot<T>(work: (reads: Snapshot) => Promise<T>): Promise<T>
}

export interface Writes {
  /** Runs a write; how many rows it changed. */
  run(sql: Sql): Promise<number>
}

export interface Session extends Snapshot, Writes {}

/** What a reader reads from. */
export interface Reading extends Readable {
  /** For reads that may show the state of a moment ago: a replica where there is one. */
  readonly behind: Readable
}

export interface PostgresDatabase extends Reading, Writes {
  /** Runs `work` in one transaction (READ COMMITTED); rolls back when it throws. */
  transaction<T>(work: (session: Session) => Promise<T>, options?: TransactionOptions): Promise<T>
  /**
   * Runs the statements in one transaction, sent together so that none waits for the answer to the one before; the
   * rows of each. Where one fails, nothing is written.
   */
  together(statements: readonly Sql[]): Promise<unknown[][][]>
  /** Writes a small table anew, so that no byte of a removed row stays in it. Throws where others are in the way. */
  rewrite(table: Sql): Promise<void>
  /** Calls back after each NOTIFY on the channel, and whenever some may have been missed. */
  listen(channel: string, heard: () => void): Listening
  close(): Promise<void>
}

export interface TransactionOptions {
  /** Neither a statement nor a lock has a time limit. */
  readonly patient?: boolean
}

export interface Listening {
  /** False while nothing would be heard. */
  hears(): boolean
  end(): Promise<void>
}

/** The first row as an array of its columns; `null` when there is none. */
export async function firstRow<Row extends unknown[]>(db: Reads, sql: Sql): Promise<Row | null> {
  return (await db.rows<Row>(sql))[0] ?? null
}

/** The same, but that `goOn` is called before each statement; what it throws rejects. */
export function asked(db: Reading, goOn: () => void): Reading {
  return { ...askedOf(db, goOn), behind: askedOf(db.behind, goOn) }
}

function askedOf(db: Readable, goOn: () => void): Readable {
  const rowsOf = (reads: Reads): Reads => ({
    async rows<Row extends unknown[]>(sql: Sql) {
      goOn()
      return reads.rows<Row>(sql)
    },
  })
  return {
    ...rowsOf(db),
    snapshot: work =>
      db.snapshot(reads => {
        const passing = rowsOf({ rows: sql => reads.passing(sql) }).rows
        return work({ ...rowsOf(reads), passing })
      }),
  }
}

/** The SQLSTATE of what PostgreSQL complained of, or the system's code of a connection; '' for other errors. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

const TRANSIENT: ReadonlySet<string> = new Set(['40001', '40P01'])
const MOST_TRIES = 5

/** Runs a transaction again where it lost to another through no fault of its own. */
export async function persistently<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (!TRANSIENT.has(codeOf(error)) || tries === MOST_TRIES) throw error
    }
  }
}
