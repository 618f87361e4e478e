// Whether names are kept alike wherever they are kept: with their entry, in its history, and to be sorted and found by.

import { type DirectoryKind, nameOf } from '../principal.ts'
import type { Dialect, Reads } from './database.ts'
import { ENTRY_COLUMNS, type EntryRow, entryOf, searchedOf } from './directory.ts'
import { sql } from './drizzle.ts'
import { fold } from './fold.ts'
import { allOrganizations } from './organizations.ts'

/** In words. */
export async function falseNames(reads: Reads, dialect: Dialect): Promise<string[]> {
  let [wrong, unsorted, strays] = [0, 0, 0]
  for (const { key, id } of await allOrganizations(reads, dialect)) {
    const entries = await reads.rows<
      [...EntryRow, sortName: string, searched: string, last: string | null, isNamed: number | null]
    >(
      sql`SELECT ${ENTRY_COLUMNS}, d.sort_name, d.searched, n.name, n.since FROM directory d
        LEFT JOIN names n ON n.organization = d.organization AND n.id = d.id AND n.since =
          (SELECT max(m.since) FROM names m WHERE m.organization = ${key} AND m.id = d.id)
        WHERE d.organization = ${key}`,
    )
    const named = new Map<string, DirectoryKind>()
    for (const [
      stored,
      kind,
      name,
      createdAt,
      details,
      sortName,
      searched,
      last,
      since,
    ] of entries) {
      const entry = entryOf(dialect, id, [stored, kind, name, createdAt, details])
      named.set(entry.id, kind)
      if (kind !== 'scaleway' && (since === null || last !== nameOf(entry))) wrong++
      if (sortName !== fold(name) || searched !== searchedOf(entry)) unsorted++
    }
    const histories = await reads.rows<[id: unknown, names: number]>(
      sql`SELECT id, count(*) FROM names WHERE organization = ${key} GROUP BY id`,
    )
    for (const [stored, names] of histories) {
      const kind = named.get(dialect.idFrom(stored))
      if (kind === undefined || kind === 'scaleway') strays += names
    }
  }
  return [
    ...(wrong === 0 ? [] : [`${wrong} entries of the directory have another name than their last`]),
    ...(unsorted === 0 ? [] : [`${unsorted} entries of the directory are found by another name`]),
    ...(strays === 0 ? [] : [`${strays} names are of nothing in the directory`]),
  ]
}
