// From the address of a database to the store behind it.

import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { quoted, UserError } from '../errors.ts'
import type { AuditStore } from '../store.ts'
import { fileOf, isPostgres, shownAddress } from './address.ts'
import type { PostgresOptions } from './postgres/open.ts'
import { withAppendThread } from './sqlite/append-thread.ts'
import { isSqliteError } from './sqlite/failures.ts'
import { openSqliteStore, type SqliteOptions } from './sqlite/store.ts'
import { createStore } from './store.ts'

/** A SQLite file is brought up to date whenever it is opened, and `migrate` is for PostgreSQL. */
export interface StoreOptions extends SqliteOptions, PostgresOptions {}

/**
 * `address` is a file name, which may begin with `file:`, or begins with `postgres://`. Makes the file if it is
 * missing, not its folder. Refuses, in one line without a password, what cannot be opened.
 */
export async function openStore(address: string, options: StoreOptions): Promise<AuditStore> {
  const shown = shownAddress(address)
  if (isPostgres(address)) {
    // Loaded here, as who keeps the log in a file need not wait for it.
    const { openPostgres } = await import('./postgres/open.ts')
    return createStore(await openPostgres(address, shown, options), options)
  }
  if (options.distribute != null) {
    throw new UserError(
      'BAD_USER_INPUT',
      `database ${quoted(shown)} cannot be distributed; give the address of a PostgreSQL server with Citus`,
    )
  }
  const file = fileOf(address)
  if (file === null) {
    throw new UserError(
      'BAD_USER_INPUT',
      `database ${quoted(shown)} is none this version can open; give the path of a SQLite file, such as ./iam-logs.db, or postgres://user@host/name`,
    )
  }
  if (!existsSync(dirname(file))) {
    throw new UserError(
      'BAD_USER_INPUT',
      `database ${quoted(shown)}: the folder ${quoted(dirname(shownAddress(file)))} does not exist; make it first`,
    )
  }
  try {
    return openSqliteStore(file, options)
  } catch (error) {
    if (isSqliteError(error)) {
      throw new UserError(
        'BAD_USER_INPUT',
        `database ${quoted(shown)} cannot be opened: ${error.message} (${error.code}); give the path of a SQLite file that may be written`,
      )
    }
    throw error
  }
}

/** As `openStore`, but that events are written beside everything else, where the database would hold it up. */
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
