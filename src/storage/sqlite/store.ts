// The audit log in a SQLite file.

import type { AuditStore } from '../../store.ts'
import type { StatementHook } from '../statement.ts'
import { createStore, type StoreParts } from '../store.ts'
import { openSqliteDatabase } from './database.ts'
import { migrateSqlite } from './migrate.ts'

export interface SqliteOptions extends StoreParts {
  readonly onStatement?: StatementHook
  /** How many new event IDs wait before they settle; a million unless said. */
  readonly mostWaitingIds?: number
}

/** Opens or makes the file and brings it up to date. */
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
