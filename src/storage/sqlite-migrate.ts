// Brings a SQLite file up to date by the committed migrations, each whole or not at all, and refuses a file
// that a newer version made.

import { fileURLToPath } from 'node:url'
import { migrate } from 'drizzle-orm/better-sqlite3/migrator'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { Refusal } from '../errors.ts'
import type { SqliteDatabase } from './sqlite-database.ts'

const FOLDER = {
  migrationsFolder: fileURLToPath(new URL('../../drizzle/sqlite', import.meta.url)),
}

export function migrateSqlite(db: SqliteDatabase): void {
  const newest = readMigrationFiles(FOLDER).at(-1)?.folderMillis ?? 0
  const journal = db.row<[string]>({
    text: `SELECT name FROM sqlite_schema WHERE name = '__drizzle_migrations'`,
    values: [],
  })
  if (journal !== null) {
    const applied = db.row<[number | null]>({
      text: 'SELECT max(created_at) FROM __drizzle_migrations',
      values: [],
    })
    const at = applied?.[0] ?? 0
    if (at === newest) return
    if (at > newest) {
      throw new Refusal(
        'BAD_USER_INPUT',
        'the database was made by a newer version of iam-logs-gateway; use that version',
      )
    }
  }
  migrate(db.orm, FOLDER)
}
