// Errors that SQLite reports, of the file or of the operating system.

import { setTimeout as delay } from 'node:timers/promises'

export type SqliteError = Error & { readonly code: string }

export function isSqliteError(error: unknown): error is SqliteError {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_')
}

export function isBusy(error: unknown): boolean {
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

export class DiskFailed extends Error {
  readonly code: string

  constructor(cause: SqliteError) {
    super(
      `the disk of the database failed (${cause.code}); nothing more is written until this program is restarted`,
      { cause },
    )
    this.code = cause.code
  }
}

export class DatabaseBusy extends Error {
  readonly code = 'SQLITE_BUSY'

  constructor(cause: unknown, seconds: number) {
    super(
      `another program has been writing to the database for ${seconds} s; try again when it has ended`,
      { cause },
    )
  }
}
