// Whether there is a database at all, for who would only read one.

import { statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { JOURNAL } from './migrate.ts'

/**
 * Whether the file holds a database of this program, of whatever version; it is not changed. Also true where that
 * cannot be told: who opens it is told why.
 */
export function isPresent(file: string): boolean {
  const size = statSync(file, { throwIfNoEntry: false })?.size
  if (size === undefined || size === 0) return false
  try {
    const db = new Database(file, { readonly: true, fileMustExist: true })
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
