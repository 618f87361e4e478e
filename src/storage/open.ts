// Opens the store for the address of a database, or checks whether the database works.

import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Diagnostic, fault } from '../diagnostic.ts'
import { InputError, quoted, type UserError } from '../errors.ts'
import type { AuditStore } from '../store.ts'
import { createStore, type StoreParts } from './create-store.ts'
import type { Database } from './database.ts'
import { fileOf, isPostgres, shownAddress } from './database-address.ts'
import { bringUpToDate } from './migrate.ts'
import type { Connections } from './postgres/postgres-inspect.ts'
import type { PostgresOptions } from './postgres/postgres-open.ts'
import { isSqliteError } from './sqlite/sqlite-connection.ts'
import { openSqliteDatabase, type SqliteOptions } from './sqlite/sqlite-database.ts'
import { inspectSqlite } from './sqlite/sqlite-inspect.ts'

/** `migrate` is for PostgreSQL: a SQLite file is migrated whenever it is opened. */
export interface StoreOptions extends StoreParts, SqliteOptions, PostgresOptions {}

/**
 * `address` is a file name, optionally with `file:` before it, or a URL that begins with `postgres://`. Creates a
 * missing file, but not its folder. Throws a `UserError` of one line, without the password, if the database cannot be
 * opened.
 */
export async function openStore(address: string, options: StoreOptions): Promise<AuditStore> {
  const refuse = (words: string) =>
    new InputError(`database ${quoted(shownAddress(address))} ${words}`)
  if (!isPostgres(address)) return createStore(await openFile(address, options, refuse), options)
  // Imported here to save its loading time where SQLite is used.
  const { openPostgres } = await import('./postgres/postgres-open.ts')
  return createStore(await openPostgres(address, options, refuse), options)
}

async function openFile(
  address: string,
  options: StoreOptions,
  refuse: (words: string) => UserError,
): Promise<Database> {
  if (options.distribute != null) {
    throw refuse('cannot be distributed; give the address of a PostgreSQL server with Citus')
  }
  const file = fileOf(address)
  if (file === null) {
    throw refuse(
      'is not an address that this version can open; give the path of a SQLite file, such as ./iam-logs.db, or postgres://user@host/name',
    )
  }
  const folder = dirname(file)
  if (!existsSync(folder)) {
    throw new InputError(
      `database ${quoted(shownAddress(address))}: the folder ${quoted(shownAddress(folder))} does not exist; create it first`,
    )
  }
  try {
    const db = await openSqliteDatabase(file, options)
    await bringUpToDate(db, true, refuse).catch(async error => {
      await db.close()
      throw error
    })
    return db
  } catch (error) {
    if (!isSqliteError(error)) throw error
    throw refuse(
      `cannot be opened: ${error.message} (${error.code}); give the path of a SQLite file that this user may read and write`,
    )
  }
}

/**
 * Checks a database without creating, migrating or changing it, in the order in which an operator would check. Slow
 * checks are left to `verify`. Never rejects because of a problem of the database.
 */
export async function inspectDatabase(
  address: string,
  replicas: readonly string[],
  connections: Connections,
): Promise<Diagnostic[]> {
  if (isPostgres(address)) {
    const { inspectPostgres } = await import('./postgres/postgres-inspect.ts')
    return inspectPostgres(address, replicas, connections)
  }
  const file = fileOf(address)
  if (file !== null) return inspectSqlite(file)
  return [
    fault(
      'database',
      `${shownAddress(address)} is not an address that this version can open`,
      'give the path of a SQLite file, or postgres://user@host/name',
    ),
  ]
}
