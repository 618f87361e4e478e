// A SQLite file: its settings, and two connections to it. What is written goes through one of them, a transaction at
// a time; what is read goes through the other, and so never sees half of a transaction that is under way.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import Client from 'better-sqlite3'
import type { Builder, Database, Reads, Session } from '../database.ts'
import { loadSqliteCore, loadSqliteProxy, type SQL, withPlainErrors } from '../drizzle.ts'
import { createPrepare, type Prepare } from '../prepared.ts'
import { type StatementHook, watched } from '../statement.ts'
import { watchArrivals } from './arrivals.ts'
import { backUp } from './backup.ts'
import { createSqliteDialect } from './dialect.ts'
import { DatabaseBusy, DiskFailed, isBusy, isDiskFailure } from './failures.ts'
import { makeFile, movedCheck, refuseTorn } from './moved.ts'

export interface SqliteDatabase extends Database {
  /** The connection that writes, for what is no query. */
  readonly client: Client.Database
  readonly onStatement: StatementHook | undefined
}

/** Enough for every shape of filter that clients really use; beyond it the oldest text is prepared anew. */
const MOST_STATEMENTS = 500

/** So long is waited for another process that writes, in milliseconds. None of ours writes for so long at once. */
const PATIENCE = 60_000

/** So long is waited for those who read from the log, until what was erased is no longer in it, in milliseconds. */
const FOR_READERS = 5_000

/** Between two tries to begin, in milliseconds; and what whoever wrote for long leaves to others before it goes on. */
const TRY_EVERY = 2
const LONG = 30
const GAP = 5

const dialect = new (loadSqliteCore().SQLiteAsyncDialect)()
const prepareQuery = createPrepare(query => dialect.sqlToQuery(query))

/**
 * Opens or makes the file. Durable: a commit that returned survives a power cut. `:memory:` is a file that goes when
 * it is closed.
 */
export function openSqliteDatabase(
  file: string,
  onStatement?: StatementHook,
  mostWaitingIds?: number,
): SqliteDatabase {
  const temporary = file === ':memory:' ? mkdtempSync(join(tmpdir(), 'iam-logs-')) : null
  const path = temporary === null ? file : join(temporary, 'log.db')
  makeFile(path)
  refuseTorn(path)
  // What is gone with the process need not outlive a power cut.
  const synchronous = temporary === null ? 'FULL' : 'OFF'
  const writer = open(path, synchronous)
  const reader = open(path, synchronous)
  reader.pragma('query_only = ON')
  const checkPlace = movedCheck(path)
  const reads = readsOf(reader, onStatement)
  const arrivals = watchArrivals(() => reader.pragma('data_version', { simple: true }))
  /** Why nothing more is written. */
  let failed: DiskFailed | null = null
  const session = sessionOf(writer, onStatement)
  let last: Promise<unknown> = Promise.resolve()
  let longUntil = 0
  let logHoldsErased = false

  /** Where others read from the log it stays for now, and the next transaction tries again. */
  function emptyLog(): void {
    const [done] = writer.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[]
    logHoldsErased = done?.busy !== 0
  }

  function inTurn<T>(work: () => T | Promise<T>): Promise<T> {
    const done = last.then(work)
    last = done.catch(() => {})
    return done
  }

  async function begin(): Promise<void> {
    if (failed !== null) throw failed
    checkPlace()
    const waited = performance.now() - longUntil
    if (waited < GAP) await delay(GAP - waited)
    for (const until = performance.now() + PATIENCE; ; await delay(TRY_EVERY)) {
      try {
        writer.exec('BEGIN IMMEDIATE')
        return
      } catch (error) {
        if (!isBusy(error)) throw error
        if (performance.now() > until) throw new DatabaseBusy(error, PATIENCE / 1000)
      }
    }
  }

  async function transaction<T>(work: (session: Session) => Promise<T>): Promise<T> {
    await begin()
    const from = performance.now()
    try {
      const done = await work(session)
      writer.exec('COMMIT')
      // Before anyone is told that it is kept.
      checkPlace()
      return done
    } catch (error) {
      if (!isDiskFailure(error)) throw error
      failed = new DiskFailed(error)
      throw failed
    } finally {
      // A full disk ends a transaction by itself.
      if (writer.inTransaction) writer.exec('ROLLBACK')
      if (performance.now() - from > LONG) longUntil = performance.now()
      if (logHoldsErased) emptyLog()
    }
  }

  return {
    ...reads,
    sql: createSqliteDialect(mostWaitingIds),
    client: writer,
    onStatement,
    recent: () => reads,
    arrivals,
    async check() {
      checkPlace()
      reader.prepare('SELECT 1 FROM tokens LIMIT 1').get()
    },
    async backup(file) {
      backUp(reader, file)
    },
    transaction: work => inTurn(() => transaction(work)),
    async erase() {
      logHoldsErased = true
      const until = performance.now() + FOR_READERS
      for (;;) {
        await inTurn(emptyLog)
        if (!logHoldsErased || performance.now() > until) return
        await delay(TRY_EVERY)
      }
    },
    async snapshot(work) {
      const client = open(path, synchronous)
      try {
        client.exec('BEGIN')
        return await work(readsOf(client, onStatement))
      } finally {
        client.close()
      }
    },
    async close() {
      await last
      arrivals.end()
      reader.close()
      writer.close()
      if (temporary !== null) rmSync(temporary, { recursive: true, force: true })
    },
  }
}

function open(path: string, synchronous: 'FULL' | 'OFF'): Client.Database {
  const client = new Client(path, { timeout: PATIENCE })
  for (const pragma of [
    'journal_mode = WAL',
    // better-sqlite3's default, NORMAL, loses acknowledged commits when the power fails.
    `synchronous = ${synchronous}`,
    // What is deleted is overwritten with zeros: an erased name must not stay in a free page.
    'secure_delete = ON',
    'trusted_schema = OFF',
    'cell_size_check = ON',
    // 24 MiB of pages, and a checkpoint each 40 MiB of log: what bulk imports want; memory stays flat.
    'cache_size = -24576',
    'wal_autocheckpoint = 10000',
    // A log that grew while a reader held it is cut to this size when it is emptied.
    'journal_size_limit = 67108864',
    'temp_store = MEMORY',
  ]) {
    client.pragma(pragma)
  }
  // Waiting is done without holding up the process: see `begin`.
  client.pragma('busy_timeout = 20')
  return client
}

function readsOf(client: Client.Database, onStatement: StatementHook | undefined): Reads {
  const statements = new Map<string, Client.Statement>()

  function prepare(text: string): Client.Statement {
    let statement = statements.get(text)
    if (statement === undefined) {
      statement = client.prepare(text)
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

  function ask(text: string, values: readonly unknown[]): unknown[][] {
    const statement = prepare(text)
    const run = () =>
      statement.reader ? (statement.all(values) as unknown[][]) : [[statement.run(values).changes]]
    return onStatement === undefined ? run() : watched(onStatement, text, values, run)
  }

  const build = loadSqliteProxy().drizzle(async (text, values, method) => {
    const rows = ask(text, values)
    return { rows: (method === 'get' ? rows[0] : rows) as unknown[] }
  })
  return {
    async rows<Row extends unknown[]>(query: SQL) {
      const { sql, params } = dialect.sqlToQuery(query)
      return ask(sql, params) as Row[]
    },
    async prepared<Row extends unknown[]>(...query: Parameters<Prepare>) {
      const { sql, params } = prepareQuery(...query)
      return ask(sql, params) as Row[]
    },
    build: withPlainErrors(build) as unknown as Builder,
  }
}

function sessionOf(client: Client.Database, onStatement: StatementHook | undefined): Session {
  const reads = readsOf(client, onStatement)
  return {
    ...reads,
    async run(query) {
      const [row] = await reads.rows<[number]>(query)
      return row?.[0] ?? 0
    },
  }
}
