// What the entries of the directory were called, in SQLite. The directory decides what there is and who sees it:
// a history is read only beside its entry, and goes with it.

import type { Instant } from '../../instant.ts'
import type { DirectoryEntry, DirectoryKind } from '../../principal.ts'
import { encodeId, isStoredAsBytes, type StoredId } from '../codec.ts'
import { type Known, renaming } from '../names.ts'
import type { SqliteDatabase } from './database.ts'

const KNOWN = `SELECT d.kind, d.created_at, n.since, n.name FROM directory d
  LEFT JOIN names n ON n.organization = d.organization AND n.id = d.id
  WHERE d.organization = ? AND d.id = ? ORDER BY n.since DESC LIMIT 1`

/** Within a transaction, before the entry is written. Whether a history that was another's is gone. */
export function noteName(
  db: SqliteDatabase,
  organization: number,
  entry: DirectoryEntry,
  takenInAt: Instant,
): boolean {
  const id = encodeId(entry.id)
  const { anew, naming } = renaming(knownOf(db, organization, id), entry, takenInAt)
  const erased = anew && forgetNames(db, organization, id) > 0
  if (naming !== null) {
    db.run(
      'INSERT INTO names (organization, id, since, name) VALUES (?, ?, ?, ?)',
      ...[organization, id, naming.since, naming.name],
    )
  }
  return erased
}

function knownOf(db: SqliteDatabase, organization: number, id: StoredId): Known | null {
  const row = db.row<
    [kind: DirectoryKind, createdAt: number | null, since: number | null, name: string | null]
  >({ text: KNOWN, values: [organization, id] })
  if (row === null) return null
  const [kind, createdAt, since, name] = row
  return { kind, createdAt, last: since === null ? null : { since, name } }
}

/** Within a transaction; how many names went. */
export function forgetNames(db: SqliteDatabase, organization: number, id: StoredId): number {
  return db.run('DELETE FROM names WHERE organization = ? AND id = ?', organization, id)
}

/** An ID in the Organization with this key, at an instant. */
export interface Moment {
  readonly organization: number
  readonly id: string
  readonly at: Instant
}

/**
 * A table for a FROM: the entries with these IDs and, as `called`, what each was called at its instant; `place`
 * says which moment a row answers.
 */
export function entriesAt(moments: readonly Moment[]): { text: string; values: [string] } {
  const asked = moments.map(({ organization, id, at }) => {
    return [organization, id, isStoredAsBytes(id), at]
  })
  const borne = 'FROM names n WHERE n.organization = d.organization AND n.id = d.id'
  return {
    text: `(SELECT asked.key AS place, d.*, (SELECT n.name ${borne} AND n.since =
        coalesce((SELECT max(n.since) ${borne} AND n.since <= asked.value ->> 3),
          (SELECT min(n.since) ${borne}))) AS called
      FROM json_each(?) asked CROSS JOIN directory d ON d.organization = asked.value ->> 0
        AND d.id = iif(asked.value ->> 2, unhex(asked.value ->> 1, '-'), asked.value ->> 1))`,
    values: [JSON.stringify(asked)],
  }
}

/** Histories that do not end with what their entry is called, or are of no entry; in words. */
export function untrueNames(db: SqliteDatabase): string[] {
  const count = (text: string) => db.row<[number]>({ text, values: [] })?.[0] ?? 0
  const wrong = count(`SELECT count(*) FROM directory d WHERE kind <> 'scaleway' AND
    iif(kind = 'api_key', details ->> '$.description', name) IS NOT (SELECT n.name FROM names n
      WHERE n.organization = d.organization AND n.id = d.id ORDER BY n.since DESC LIMIT 1)`)
  const strays = count(`SELECT count(*) FROM names n WHERE NOT EXISTS (SELECT 1 FROM directory d
    WHERE d.organization = n.organization AND d.id = n.id AND d.kind <> 'scaleway')`)
  return [
    ...(wrong === 0 ? [] : [`${wrong} entries of the directory have another name than their last`]),
    ...(strays === 0 ? [] : [`${strays} names are of nothing in the directory`]),
  ]
}
