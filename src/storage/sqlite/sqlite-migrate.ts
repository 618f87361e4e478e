// Applies the committed migrations to a SQLite file, all pending ones or none, and rejects a file that was written by a
// newer version. Uses Drizzle's own journal table, so that drizzle-kit can read the file, too.

import { statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import Client from 'better-sqlite3'
import { InputError } from '../../errors.ts'
import { loadMigrator } from '../drizzle.ts'
import { watched } from '../statement.ts'
import type { SqliteDatabase } from './sqlite-database.ts'

const FOLDER = fileURLToPath(new URL('../../../drizzle/sqlite', import.meta.url))

const JOURNAL = '__drizzle_migrations'

/** How long to wait for another process that migrates the file, in milliseconds. */
const PATIENCE = 60_000

export type State = 'up to date' | 'behind' | 'newer'

/** Does not change the file. */
export function migrationState(client: Client.Database, folder = FOLDER): State {
  const newest = migrationFiles(folder).at(-1)?.folderMillis ?? 0
  const at = appliedUntil(client)
  if (at === newest) return 'up to date'
  return at > newest ? 'newer' : 'behind'
}

export function migrateSqlite(
  { client, onStatement }: Pick<SqliteDatabase, 'client' | 'onStatement'>,
  folder = FOLDER,
): void {
  const state = migrationState(client, folder)
  if (state === 'up to date') return
  if (state === 'newer') {
    throw new InputError(
      'the database was made by a newer version of iam-logs-gateway; use that version',
    )
  }
  function run(text: string, ...values: unknown[]): void {
    const statement = () => client.prepare(text).run(values)
    if (onStatement === undefined) statement()
    else watched(onStatement, text, values, statement)
  }
  const usual = client.pragma('busy_timeout', { simple: true })
  client.pragma(`busy_timeout = ${PATIENCE}`)
  client
    .transaction(() => {
      run(`CREATE TABLE IF NOT EXISTS ${JOURNAL}
        (id INTEGER PRIMARY KEY, hash text NOT NULL, created_at numeric)`)
      // Another process may have migrated it meanwhile.
      const at = appliedUntil(client)
      for (const { sql, hash, folderMillis } of migrationFiles(folder)) {
        if (folderMillis <= at) continue
        for (const statement of sql) run(statement)
        run(`INSERT INTO ${JOURNAL} (hash, created_at) VALUES (?, ?)`, hash, folderMillis)
      }
    })
    .immediate()
  client.pragma(`busy_timeout = ${usual}`)
}

function migrationFiles(folder: string) {
  return loadMigrator().readMigrationFiles({ migrationsFolder: folder })
}

/** The date of the last applied migration; 0 for a new file. */
function appliedUntil(client: Client.Database): number {
  const one = (text: string, ...values: string[]) =>
    client
      .prepare(text)
      .pluck()
      .get(...values)
  if (one('SELECT name FROM sqlite_schema WHERE name = ?', JOURNAL) === undefined) return 0
  return (one(`SELECT max(created_at) FROM ${JOURNAL}`) as number | null) ?? 0
}

/**
 * Whether the file contains a database of this program, of any version; does not change it. Also true if that cannot be
 * determined: opening it will give the reason.
 */
export function isPresent(file: string): boolean {
  const size = statSync(file, { throwIfNoEntry: false })?.size
  if (size === undefined || size === 0) return false
  try {
    const db = new Client(file, { readonly: true, fileMustExist: true })
    try {
      const journal = db.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(JOURNAL)
      return journal !== undefined
    } finally {
      db.close()
    }
  } catch {
    return true
  }
}
