// One connection to a SQLite file: its settings, and its prepared statements by their text. All SQL of this
// room goes through here, so one hook sees every statement.

import Database from 'better-sqlite3'
import { type StatementHook, watched } from '../statement.ts'
import type { Bound, Sql } from './event-query.ts'
import { movedCheck } from './moved.ts'
import { inTurns, patiently, SHORT_WAIT } from './waiting.ts'

export type { StatementHook } from '../statement.ts'

export interface SqliteDatabase {
  readonly client: Database.Database
  /** All rows, each as an array of its columns. */
  rows<Row extends unknown[]>(sql: Sql): Row[]
  /** The first row as an array of its columns; `null` when there is none. */
  row<Row extends unknown[]>(sql: Sql): Row | null
  /** Runs a write; how many rows it changed. */
  run(text: string, ...values: Bound[]): number
  /**
   * Runs `work` in one transaction that no other writer can enter; rolls back when it throws. Refuses, too late to
   * roll back, where the file is no longer the one of its name.
   */
  transaction<T>(work: () => T): T
  /** Refuses where the file was moved or deleted since it was opened. */
  checkPlace(): void
  close(): void
}

/** Enough for every shape of filter that clients really use; beyond it the oldest text is prepared anew. */
const MOST_STATEMENTS = 500

/**
 * Opens or makes the file. Durable: a commit that returned survives a power cut. While another process writes,
 * whatever has to wait for it waits, for up to a minute.
 */
export function openSqliteDatabase(file: string, onStatement?: StatementHook): SqliteDatabase {
  const client = new Database(file, { timeout: SHORT_WAIT })
  for (const pragma of [
    'journal_mode = WAL',
    // better-sqlite3's default, NORMAL, loses acknowledged commits when the power fails.
    'synchronous = FULL',
    // What is deleted is overwritten with zeros: an erased name must not stay in a free page.
    'secure_delete = ON',
    'trusted_schema = OFF',
    'cell_size_check = ON',
    // 24 MiB of pages, and a checkpoint each 40 MiB of log: what bulk imports want; memory stays flat.
    'cache_size = -24576',
    'wal_autocheckpoint = 10000',
    'temp_store = MEMORY',
  ]) {
    patiently(client, () => client.pragma(pragma))
  }

  const checkPlace = movedCheck(file)
  const turn = inTurns(client)
  const statements = new Map<string, Database.Statement<[readonly Bound[]]>>()
  function prepare(text: string): Database.Statement<[readonly Bound[]]> {
    let statement = statements.get(text)
    if (statement === undefined) {
      statement = client.prepare<[readonly Bound[]]>(text)
      if (statement.reader) statement.raw()
      if (statements.size >= MOST_STATEMENTS) {
        for (const oldest of statements.keys()) {
          statements.delete(oldest)
          break
        }
      }
      statements.set(text, statement)
    }
    return statement
  }

  return {
    client,
    rows<Row extends unknown[]>({ text, values }: Sql) {
      const all = () => patiently(client, () => prepare(text).all(values) as Row[])
      return onStatement === undefined ? all() : watched(onStatement, text, values, all)
    },
    row<Row extends unknown[]>({ text, values }: Sql) {
      const get = () =>
        patiently(client, () => (prepare(text).get(values) as Row | undefined) ?? null)
      return onStatement === undefined ? get() : watched(onStatement, text, values, get)
    },
    run(text, ...values) {
      const run = () => patiently(client, () => prepare(text).run(values).changes)
      return onStatement === undefined ? run() : watched(onStatement, text, values, run)
    },
    transaction(work) {
      const done = turn(work)
      // Before anyone is told that it is kept.
      checkPlace()
      return done
    },
    checkPlace,
    close() {
      statements.clear()
      client.close()
    },
  }
}

/** The same database, which calls `goOn` before each statement that reads; what it throws is thrown. */
export function asked(db: SqliteDatabase, goOn: () => void): SqliteDatabase {
  return {
    ...db,
    rows<Row extends unknown[]>(sql: Sql) {
      goOn()
      return db.rows<Row>(sql)
    },
    row<Row extends unknown[]>(sql: Sql) {
      goOn()
      return db.row<Row>(sql)
    },
  }
}
