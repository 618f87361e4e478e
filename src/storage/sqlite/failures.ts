// What SQLite complains of, of the file or of the system under it.

export type SqliteError = Error & { readonly code: string }

export function isSqliteError(error: unknown): error is SqliteError {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_')
}

export function isBusy(error: unknown): boolean {
  return isSqliteError(error) && error.code.startsWith('SQLITE_BUSY')
}

/**
 * After a disk failed to keep something, the system may have dropped it from its memory, and a second try would seem to
 * succeed. A disk that is full is another matter: there the next try may be tried.
 */
export function isDiskFailure(error: unknown): error is SqliteError {
  return isSqliteError(error) && error.code.startsWith('SQLITE_IOERR')
}

export class DiskFailed extends Error {
  readonly code: string

  constructor(cause: SqliteError) {
    super(
      `the disk of the database failed (${cause.code}); nothing more is written until this program is started again`,
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
