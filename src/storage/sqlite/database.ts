// A SQLite file: its settings, and two connections to it. What is written goes through one of them, a transaction at
// a time; what is read goes through the other, and so never sees half of a transaction that is under way.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type Client from 'better-sqlite3'
import { watchArrivals } from '../arrivals.ts'
import type { Database, Reads, Session } from '../database.ts'
import type { StatementHook } from '../statement.ts'
import { backUp } from './backup.ts'
import { openConnection, sessionOf } from './connection.ts'
import { createSqliteDialect } from './dialect.ts'
import { DatabaseBusy, DiskFailed, isBusy, isDiskFailure } from './failures.ts'
import { makeFile, movedCheck, refuseIncompleteFile } from './file-check.ts'

export interface SqliteDatabase extends Database {
  /** The connection that writes, for what is no query. */
  readonly client: Client.Database
  readonly onStatement: StatementHook | undefined
}

/** So long is waited for another process that writes, in milliseconds. None of ours writes for so long at once. */
const PATIENCE = 60_000

/** So long is waited for those who read from the log, until what was erased is no longer in it, in milliseconds. */
const FOR_READERS = 5_000

/** Between two looks whether anyone has written, in milliseconds. */
const LOOK_EVERY = 250

/** Between two tries to begin, in milliseconds; and what whoever wrote for long leaves to others before it goes on. */
const TRY_EVERY = 2
const LONG = 30
const GAP = 5

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
  refuseIncompleteFile(path)
  // What is gone with the process need not outlive a power cut.
  const synchronous = temporary === null ? 'FULL' : 'OFF'
  const writer = openConnection(path, synchronous)
  const reader = besides(writer, () => openConnection(path, synchronous))
  reader.pragma('query_only = ON')
  const checkPlace = movedCheck(path)
  const dialect = createSqliteDialect(mostWaitingIds)
  const reads: Reads = sessionOf(dialect, reader, onStatement)
  const arrivals = watchArrivals(came => {
    // Changes with each write of others.
    const version = () => reader.pragma('data_version', { simple: true })
    let seen = version()
    const timer = setInterval(() => {
      if (version() !== seen) came()
      seen = version()
    }, LOOK_EVERY).unref()
    return () => clearInterval(timer)
  })
  /** Why nothing more is written. */
  let failed: DiskFailed | null = null
  const session = sessionOf(dialect, writer, onStatement, true)
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
    client: writer,
    onStatement,
    recent: () => reads,
    arrivals,
    async check() {
      checkPlace()
      reader.prepare('SELECT 1 FROM tokens LIMIT 1').get()
    },
    async backup(file) {
      const client = openConnection(path, synchronous)
      try {
        backUp(client, file)
      } finally {
        client.close()
      }
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
      const client = openConnection(path, synchronous)
      try {
        client.exec('BEGIN')
        return await work(sessionOf(dialect, client, onStatement))
      } finally {
        client.close()
      }
    },
    async close() {
      await last
      await arrivals.end()
      try {
        reader.close()
      } finally {
        writer.close()
      }
      if (temporary !== null) rmSync(temporary, { recursive: true, force: true })
    },
  }
}

/** A connection that cannot be opened leaves none behind. */
function besides(first: Client.Database, open: () => Client.Database): Client.Database {
  try {
    return open()
  } catch (error) {
    first.close()
    throw error
  }
}
