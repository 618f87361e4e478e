// A SQLite file with two connections: one for writes, one transaction at a time, and one for reads, which therefore
// never sees an uncommitted transaction.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type Client from 'better-sqlite3'
import { type Database, type Reads, type Session, watchArrivals } from '../database.ts'
import type { StatementHook } from '../queries.ts'
import {
  isBusy,
  isDiskFailure,
  openConnection,
  SqliteFailure,
  sessionOf,
  whileBusy,
} from './sqlite-connection.ts'
import { createSqliteDialect } from './sqlite-dialect.ts'
import { backUp, makeFile, movedCheck, refuseIncompleteFile } from './sqlite-file.ts'

export interface SqliteOptions {
  readonly onStatement?: StatementHook
  /** How many new event IDs wait before they move to the large table; a million by default. See sqlite-intake.ts. */
  readonly mostWaitingIds?: number
}

/** How long to wait for another process that writes, in milliseconds. Our own never hold the lock that long. */
const PATIENCE = 60_000

/** How long to wait for readers of the write-ahead log until erased data can be removed from it, in milliseconds. */
const FOR_READERS = 5_000

/** How often to poll for writes of other connections, in milliseconds. */
const LOOK_EVERY = 250

/** In milliseconds: the delay between attempts to begin; the GAP for others after a transaction longer than LONG. */
const TRY_EVERY = 2
const LONG = 30
const GAP = 5

/**
 * Opens or creates the file. Durable: a commit that returned survives a power cut. `:memory:` is a temporary file that
 * is deleted on close.
 */
export async function openSqliteDatabase(
  file: string,
  { onStatement, mostWaitingIds }: SqliteOptions = {},
): Promise<Database> {
  const temporary = file === ':memory:' ? mkdtempSync(join(tmpdir(), 'iam-logs-')) : null
  const path = temporary === null ? file : join(temporary, 'log.db')
  makeFile(path)
  await refuseIncompleteFile(path)
  // A temporary file need not survive a power cut.
  const synchronous = temporary === null ? 'FULL' : 'OFF'
  const client = await openConnection(path, synchronous)
  const reader = await openConnection(path, synchronous).catch(error => {
    client.close()
    throw error
  })
  reader.pragma('query_only = ON')
  const checkPlace = movedCheck(path)
  const dialect = createSqliteDialect(mostWaitingIds)
  const reads: Reads = sessionOf(dialect, reader, onStatement)
  const writer = writerOf(client, sessionOf(dialect, client, onStatement, true), checkPlace)
  const arrivals = watchWrites(reader)

  /** Runs `work` on a separate connection, which is closed afterwards. */
  async function onOwnConnection<T>(work: (client: Client.Database) => T): Promise<Awaited<T>> {
    const client = await openConnection(path, synchronous)
    try {
      return await work(client)
    } finally {
      client.close()
    }
  }

  return {
    ...reads,
    recent: () => reads,
    arrivals,
    async check() {
      checkPlace()
      reader.prepare('SELECT 1 FROM tokens LIMIT 1').get()
    },
    backup: file => onOwnConnection(client => backUp(client, file)),
    transaction: writer.transaction,
    erase: writer.erase,
    snapshot: work =>
      onOwnConnection(client => {
        client.exec('BEGIN')
        return work(sessionOf(dialect, client, onStatement))
      }),
    async close() {
      await writer.done()
      await arrivals.end()
      try {
        reader.close()
      } finally {
        client.close()
      }
      if (temporary !== null) rmSync(temporary, { recursive: true, force: true })
    },
  }
}

/** `reader` must not write: `data_version` changes only with writes of other connections. */
function watchWrites(reader: Client.Database) {
  return watchArrivals(came => {
    const version = () => reader.pragma('data_version', { simple: true })
    let seen = version()
    const timer = setInterval(() => {
      if (version() !== seen) came()
      seen = version()
    }, LOOK_EVERY).unref()
    return () => clearInterval(timer)
  })
}

/** Runs one transaction after the other, on `client`, the connection of `session`. */
function writerOf(client: Client.Database, session: Session, checkPlace: () => void) {
  /** Once set, nothing more is written. */
  let failed: SqliteFailure | null = null
  let last: Promise<unknown> = Promise.resolve()
  let longUntil = 0
  let logHoldsErased = false

  /** While others read from the log, it cannot be emptied: the next transaction tries again. */
  function emptyLog(): void {
    const [done] = client.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[]
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
    const isBegun = whileBusy(PATIENCE, TRY_EVERY, () => client.exec('BEGIN IMMEDIATE'))
    await isBegun.catch(error => {
      if (!isBusy(error)) throw error
      const words = `another program has been writing to the database for ${PATIENCE / 1000} s`
      throw new SqliteFailure(error, `${words}; try again when it has ended`)
    })
  }

  async function transaction<T>(work: (session: Session) => Promise<T>): Promise<T> {
    await begin()
    const from = performance.now()
    try {
      const done = await work(session)
      client.exec('COMMIT')
      // The file may have been moved during the transaction: check before the commit is reported.
      checkPlace()
      return done
    } catch (error) {
      if (!isDiskFailure(error)) throw error
      const words = `the disk of the database failed (${error.code}); nothing more is written until this program is restarted`
      failed = new SqliteFailure(error, words)
      throw failed
    } finally {
      // SQLite rolls back by itself when the disk is full.
      if (client.inTransaction) client.exec('ROLLBACK')
      if (performance.now() - from > LONG) longUntil = performance.now()
      if (logHoldsErased) emptyLog()
    }
  }

  return {
    transaction: <T>(work: (session: Session) => Promise<T>) => inTurn(() => transaction(work)),
    async erase(): Promise<void> {
      logHoldsErased = true
      const until = performance.now() + FOR_READERS
      for (;;) {
        await inTurn(emptyLog)
        if (!logHoldsErased || performance.now() > until) return
        await delay(TRY_EVERY)
      }
    },
    /** Resolves when no transaction is in progress; never rejects. */
    done: () => last,
  }
}
