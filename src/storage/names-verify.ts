// Whether an Organization's names are kept alike wherever they are: with their entry, in its history, and to be sorted
// and found by.

import { type DirectoryKind, nameOf } from '../principal.ts'
import type { Log } from './database.ts'
import { ENTRY_COLUMNS, type EntryRow, entryOf, searchedOf } from './directory.ts'
import { sql } from './drizzle.ts'
import { fold } from './fold.ts'

type Row = [
  ...EntryRow,
  sortName: string,
  searched: string,
  lastName: string | null,
  since: number | null,
]

/** In words. */
export async function falseNames({ db, dialect, organization }: Log): Promise<string[]> {
  const rows = await db.rows<Row>(
    sql`SELECT ${ENTRY_COLUMNS}, d.sort_name, d.searched, n.name, n.since FROM directory d
      LEFT JOIN names n ON n.organization = d.organization AND n.id = d.id AND n.since =
        (SELECT max(m.since) FROM names m WHERE m.organization = ${organization} AND m.id = d.id)
      WHERE d.organization = ${organization}`,
  )
  const kinds = new Map<string, DirectoryKind>()
  let [wrong, hidden, strays] = [0, 0, 0]
  for (const [stored, kind, name, createdAt, details, sortName, searched, last, since] of rows) {
    const entry = entryOf(dialect, '', [stored, kind, name, createdAt, details])
    kinds.set(entry.id, kind)
    if (kind !== 'scaleway' && (since === null || last !== nameOf(entry))) wrong++
    if (sortName !== fold(name) || searched !== searchedOf(entry)) hidden++
  }
  const histories = await db.rows<[id: unknown, names: number]>(
    sql`SELECT n.id, count(*) FROM names n WHERE n.organization = ${organization} GROUP BY n.id`,
  )
  for (const [stored, names] of histories) {
    const kind = kinds.get(dialect.idFrom(stored))
    if (kind === undefined || kind === 'scaleway') strays += names
  }
  return [
    ...(wrong === 0 ? [] : [`${wrong} entries of the directory have another name than their last`]),
    ...(hidden === 0 ? [] : [`${hidden} entries of the directory are found by another name`]),
    ...(strays === 0 ? [] : [`${strays} names are of nothing in the directory`]),
  ]
}
