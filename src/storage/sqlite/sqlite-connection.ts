// One connection to a SQLite file: its settings, its prepared statements, cached by text, and the errors that SQLite
// reports, of the file or of the operating system.

import { setTimeout as delay } from 'node:timers/promises'
import Client from 'better-sqlite3'
import { LRUCache } from 'lru-cache'
import { codeOf } from '../../errors.ts'
import { encodeId } from '../codec.ts'
import type { Builder, Dialect, Given, OrganizationKey, Session } from '../database.ts'
import { type ForValue, loadSqliteProxy, type SQL } from '../drizzle.ts'
import { type Ask, createQueries, type StatementHook, watched } from '../queries.ts'

/** Enough for every form of filter that clients really use; beyond it the one not used for longest is dropped. */
const MOST_STATEMENTS = 500

const queries = createQueries(
  () => '?',
  execute =>
    loadSqliteProxy().drizzle(async (text, values) => ({
      rows: await execute(text, values),
    })) as unknown as Builder,
)

/** How long to wait for another process that creates or recovers the file, in milliseconds. */
const OPEN_WITHIN = 60_000

/** The maximum delay between attempts, in milliseconds. */
const TRY_EVERY = 20

export async function openConnection(
  path: string,
  synchronous: 'FULL' | 'OFF' = 'FULL',
): Promise<Client.Database> {
  const client = new Client(path, { timeout: OPEN_WITHIN })
  try {
    await configure(client, synchronous)
    return client
  } catch (error) {
    client.close()
    throw error
  }
}

async function configure(client: Client.Database, synchronous: 'FULL' | 'OFF'): Promise<void> {
  // If several processes switch a new file at once, SQLite fails for all but one, without waiting for the timeout.
  await whileBusy(OPEN_WITHIN, TRY_EVERY, () => client.pragma('journal_mode = WAL'))
  for (const pragma of [
    // better-sqlite3's default, NORMAL, loses acknowledged commits when the power fails.
    `synchronous = ${synchronous}`,
    // Overwrites deleted content with zeros: an erased name must not stay in a free page.
    'secure_delete = ON',
    'trusted_schema = OFF',
    'cell_size_check = ON',
    // 24 MiB of pages, and a checkpoint every 40 MiB of log: suits bulk imports and keeps memory constant.
    'cache_size = -24576',
    'wal_autocheckpoint = 10000',
    // A log that grew because of a long read is truncated to this size when it is emptied.
    'journal_size_limit = 67108864',
    'temp_store = MEMORY',
  ]) {
    client.pragma(pragma)
  }
  // Short, because it blocks the process; longer waits do not: see `begin` in sqlite-database.ts.
  client.pragma('busy_timeout = 20')
}

export interface SqliteSession extends Session {
  /**
   * Writes rows, which are given as columns: `atOnce` in one statement, and the rest one by one. Returns the number of
   * changed rows. `query` creates the statement for a number of rows. Its placeholders are named for the columns, each
   * once per row if there are several rows; and `organization`.
   */
  each(
    name: string,
    organization: OrganizationKey,
    columns: readonly Given[],
    atOnce: number,
    query: (rows: number) => SQL,
  ): Promise<number>
}

/** `isWithin`: must only be used within transactions. For a read connection, use the result only as `Reads`. */
export function sessionOf(
  dialect: Dialect,
  client: Client.Database,
  onStatement?: StatementHook,
  isWithin = false,
): SqliteSession {
  const statements = new LRUCache<string, Client.Statement>({ max: MOST_STATEMENTS })

  function prepare(text: string): Client.Statement {
    // SQLite rolls back by itself when the disk is full; later statements would then be committed without the rest.
    if (isWithin && !client.inTransaction) throw new Error('the transaction has ended')
    let statement = statements.get(text)
    if (statement === undefined) {
      statement = client.prepare(text)
      if (statement.reader) statement.raw()
      statements.set(text, statement)
    }
    return statement
  }

  function observed<T>(text: string, values: readonly unknown[], run: () => T): T | Promise<T> {
    return onStatement === undefined ? run() : watched(onStatement, text, values, run)
  }

  const execute: Ask = (text, values) => {
    const statement = prepare(text)
    return observed(text, values, () =>
      statement.reader ? (statement.all(values) as unknown[][]) : [[statement.run(values).changes]],
    )
  }

  return {
    ...queries.session(dialect, execute),
    async each(name, organization, columns, atOnce, query) {
      const rows = columns[0]?.values.length ?? 0
      const stored = new Map(columns.map(column => [column.name, storedValues(column)]))
      let [changed, next] = [0, 0]
      for (const size of new Set([atOnce, 1])) {
        if (next + size > rows) continue
        const { sql, params } = queries.prepare(`${name}, ${size}`, () => query(size))
        const statement = prepare(sql)
        const values: unknown[] = params.map(() => organization)
        const read: { at: number; column: readonly unknown[]; row: number }[] = []
        const rowsRead = new Map<string, number>()
        for (const [at, param] of params.entries()) {
          const { name } = param as ForValue
          const column = stored.get(name)
          if (column === undefined) continue
          const row = size === 1 ? 0 : (rowsRead.get(name) ?? 0)
          rowsRead.set(name, row + 1)
          read.push({ at, column, row })
        }
        changed += await observed(sql, values, () => {
          let changed = 0
          for (; next + size <= rows; next += size) {
            for (const { at, column, row } of read) values[at] = column[next + row]
            changed += statement.run(values).changes
          }
          return changed
        })
      }
      return changed
    },
  }
}

function storedValues({ as, values }: Given): readonly unknown[] {
  const isId = as === 'id' || as === 'event-id'
  return isId ? values.map(id => (id === null ? null : encodeId(id as string))) : values
}

export type SqliteError = Error & { readonly code: string }

export function isSqliteError(error: unknown): error is SqliteError {
  return codeOf(error).startsWith('SQLITE_')
}

export function isBusy(error: unknown): error is SqliteError {
  return isSqliteError(error) && error.code.startsWith('SQLITE_BUSY')
}

/**
 * Tries again while another process is in the way. The delay, of at most `every` milliseconds, is random, so that
 * colliding processes do not collide again.
 */
export async function whileBusy<T>(within: number, every: number, attempt: () => T): Promise<T> {
  for (const until = performance.now() + within; ; await delay(Math.random() * every)) {
    try {
      return attempt()
    } catch (error) {
      if (!isBusy(error) || performance.now() > until) throw error
    }
  }
}

/**
 * After a failed write, the operating system may have dropped the data from its cache, and a second attempt would seem
 * to succeed. A full disk is different: then it is safe to try again.
 */
export function isDiskFailure(error: unknown): error is SqliteError {
  return isSqliteError(error) && error.code.startsWith('SQLITE_IOERR')
}

export class SqliteFailure extends Error {
  readonly code: string

  constructor({ code }: SqliteError, words: string) {
    super(words)
    this.code = code
  }
}
