// Opens the store for the address of a database.

import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { InputError, quoted } from '../errors.ts'
import type { AuditStore } from '../store.ts'
import { createStore } from './create-store.ts'
import { fileOf, isPostgres, shownAddress } from './database-address.ts'
import type { PostgresOptions } from './postgres/postgres-open.ts'
import { withAppendThread } from './sqlite/append-thread.ts'
import { isSqliteError } from './sqlite/sqlite-failures.ts'
import { openSqliteStore, type SqliteOptions } from './sqlite/sqlite-store.ts'

/** `migrate` is for PostgreSQL: a SQLite file is migrated whenever it is opened. */
export interface StoreOptions extends SqliteOptions, PostgresOptions {}

/**
 * `address` is a file name, optionally with `file:` before it, or a URL that begins with `postgres://`. Creates a
 * missing file, but not its folder. Throws a `UserError` of one line, without the password, if the database cannot be
 * opened.
 */
export async function openStore(address: string, options: StoreOptions): Promise<AuditStore> {
  const shown = shownAddress(address)
  if (isPostgres(address)) {
    // Imported here to save its loading time where SQLite is used.
    const { openPostgres } = await import('./postgres/postgres-open.ts')
    return createStore(await openPostgres(address, shown, options), options)
  }
  if (options.distribute != null) {
    throw new InputError(
      `database ${quoted(shown)} cannot be distributed; give the address of a PostgreSQL server with Citus`,
    )
  }
  const file = fileOf(address)
  if (file === null) {
    throw new InputError(
      `database ${quoted(shown)} is not an address that this version can open; give the path of a SQLite file, such as ./iam-logs.db, or postgres://user@host/name`,
    )
  }
  if (!existsSync(dirname(file))) {
    throw new InputError(
      `database ${quoted(shown)}: the folder ${quoted(dirname(shownAddress(file)))} does not exist; create it first`,
    )
  }
  try {
    return openSqliteStore(file, options)
  } catch (error) {
    if (isSqliteError(error)) {
      throw new InputError(
        `database ${quoted(shown)} cannot be opened: ${error.message} (${error.code}); give the path of a SQLite file that this user may read and write`,
      )
    }
    throw error
  }
}

/** Like `openStore`; for a SQLite file, a worker thread writes events, because writing would block the event loop. */
export async function openStoreForIntake(
  address: string,
  options: StoreOptions,
): Promise<AuditStore> {
  const store = await openStore(address, options)
  const file = fileOf(address)
  const { scalewayIds } = options
  return file === null || file === ':memory:'
    ? store
    : withAppendThread(store, { file, scalewayIds })
}
