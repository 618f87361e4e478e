// The audit log in a SQLite file.

import type { AuditStore } from '../../store.ts'
import { createStore, type StoreParts } from '../create-store.ts'
import type { StatementHook } from '../statement.ts'
import { openSqliteDatabase } from './sqlite-database.ts'
import { migrateSqlite } from './sqlite-migrate.ts'

export interface SqliteOptions extends StoreParts {
  readonly onStatement?: StatementHook
  /** How many new event IDs wait before they move to the large table; a million by default. See sqlite-intake.ts. */
  readonly mostWaitingIds?: number
}

/** Opens or creates the file and migrates it. */
export function openSqliteStore(file: string, options: SqliteOptions): AuditStore {
  const db = openSqliteDatabase(file, options.onStatement, options.mostWaitingIds)
  try {
    migrateSqlite(db)
  } catch (error) {
    void db.close()
    throw error
  }
  return createStore(db, options)
}
