// Brings a SQLite file up to date by the committed migrations, all that are due or none, and refuses a file
// that a newer version made. Its journal is Drizzle's own, so that drizzle-kit can read the file too.

import { fileURLToPath } from 'node:url'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { Refusal } from '../../errors.ts'
import type { SqliteDatabase } from './database.ts'

const FOLDER = fileURLToPath(new URL('../../../drizzle/sqlite', import.meta.url))

export const JOURNAL = '__drizzle_migrations'

type Reads = Pick<SqliteDatabase, 'row'>

/** Reads only. */
export function migrationState(db: Reads): 'up to date' | 'behind' | 'newer' {
  const newest = readMigrationFiles({ migrationsFolder: FOLDER }).at(-1)?.folderMillis ?? 0
  const at = appliedUntil(db)
  if (at === newest) return 'up to date'
  return at > newest ? 'newer' : 'behind'
}

export function migrateSqlite(db: SqliteDatabase): void {
  const migrations = readMigrationFiles({ migrationsFolder: FOLDER })
  const newest = migrations.at(-1)?.folderMillis ?? 0
  const at = appliedUntil(db)
  if (at === newest) return
  if (at > newest) {
    throw new Refusal(
      'BAD_USER_INPUT',
      'the database was made by a newer version of iam-logs-gateway; use that version',
    )
  }
  db.transaction(() => {
    db.run(`CREATE TABLE IF NOT EXISTS ${JOURNAL}
      (id INTEGER PRIMARY KEY, hash text NOT NULL, created_at numeric)`)
    // Another process may have been faster.
    const at = appliedUntil(db)
    for (const { sql, hash, folderMillis } of migrations) {
      if (folderMillis <= at) continue
      for (const statement of sql) db.run(statement)
      db.run(`INSERT INTO ${JOURNAL} (hash, created_at) VALUES (?, ?)`, hash, folderMillis)
    }
  })
}

/** The date of the last migration the file has; 0 for a new file. */
function appliedUntil(db: Reads): number {
  const journal = db.row<[string]>({
    text: 'SELECT name FROM sqlite_schema WHERE name = ?',
    values: [JOURNAL],
  })
  if (journal === null) return 0
  const last = db.row<[number | null]>({
    text: `SELECT max(created_at) FROM ${JOURNAL}`,
    values: [],
  })
  return last?.[0] ?? 0
}
