// From the address of a database to the store behind it.

import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { quoted, Refusal } from '../errors.ts'
import type { AuditStore } from '../store.ts'
import { withAppendThread } from './append-thread.ts'
import { isSqliteError, openSqliteStore, type SqliteOptions } from './sqlite-store.ts'

/** `address` is a file name, which may begin with `file:`. Makes the file if it is missing, not its folder. */
export function openStore(address: string, options: SqliteOptions): AuditStore {
  const file = fileOf(address)
  if (file === null) {
    throw new Refusal(
      'BAD_USER_INPUT',
      `database ${quoted(address)} is none this version can open; give the path of a SQLite file, such as ./iam-logs.db`,
    )
  }
  if (!existsSync(dirname(file))) {
    throw new Refusal(
      'BAD_USER_INPUT',
      `database ${quoted(address)}: the folder ${quoted(dirname(file))} does not exist; make it first`,
    )
  }
  try {
    return openSqliteStore(file, options)
  } catch (error) {
    if (isSqliteError(error)) {
      throw new Refusal(
        'BAD_USER_INPUT',
        `database ${quoted(address)} cannot be opened: ${error.message} (${error.code}); give the path of a SQLite file that may be written`,
      )
    }
    throw error
  }
}

/** As `openStore`, but that events are written beside everything else, where the database would hold it up. */
export function openStoreForIntake(address: string, options: SqliteOptions): AuditStore {
  const store = openStore(address, options)
  const file = fileOf(address)
  const { scalewayIds } = options
  return file === null || file === ':memory:'
    ? store
    : withAppendThread(store, { file, scalewayIds })
}

/** The file an address names; `null` for the address of a server. */
export function fileOf(address: string): string | null {
  if (/^file:/i.test(address)) return address.replace(/^file:(\/\/)?/i, '')
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? null : address
}
