// What was read of Scaleway's logs, over SQLite.

import { type Coverage, coverageOf, type ReadWindow } from '../../coverage.ts'
import { decodeId, type StoredId } from '../codec.ts'
import type { SqliteDatabase } from './database.ts'
import { changeSum } from './sums.ts'

/** Within a transaction: notes a window as read, in place of those it overlaps. */
export function noteRead(db: SqliteDatabase, organization: number, window: ReadWindow): void {
  const { from, until, events, readAt } = window
  const gone = db.rows<number[]>({
    text: `DELETE FROM read_windows WHERE organization = ? AND "from" < ? AND until > ?
      RETURNING organization, "from", until, events, read_at`,
    values: [organization, until, from],
  })
  db.run(
    'INSERT INTO read_windows (organization, "from", until, events, read_at) VALUES (?, ?, ?, ?, ?)',
    ...[organization, from, until, events, readAt],
  )
  changeSum(db, 'read_windows', gone, [[organization, from, until, events, readAt]])
}

/** In order. */
export function readWindows(
  db: SqliteDatabase,
  organization: number,
  organizationId: string,
): ReadWindow[] {
  return db
    .rows<[from: number, until: number, events: number, readAt: number]>({
      text: `SELECT "from", until, events, read_at FROM read_windows WHERE organization = ? ORDER BY "from"`,
      values: [organization],
    })
    .map(([from, until, events, readAt]) => ({ organizationId, from, until, events, readAt }))
}

export function readCoverage(
  db: SqliteDatabase,
  organization: number,
  organizationId: string,
): Coverage {
  const dates = db.row<[earliest: number, latest: number]>({
    text: 'SELECT first_at, last_at FROM organizations WHERE key = ? AND events > 0',
    values: [organization],
  })
  const [earliest = null, latest = null] = dates ?? []
  return coverageOf(readWindows(db, organization, organizationId), {
    organizationId,
    earliest,
    latest,
  })
}

/** Of all Organizations, by ID. */
export function readCoverages(db: SqliteDatabase): Coverage[] {
  return db
    .rows<[number, StoredId]>({ text: 'SELECT key, id FROM organizations ORDER BY id', values: [] })
    .map(([key, id]) => readCoverage(db, key, decodeId(id)))
}
