// What a search box offers beside principals: resources, addresses and user agents, of a part of what they are called.
// Each reads no more than it must to offer the first few.

import type { Resource } from '../principal.ts'
import type { ValueCount, ValueQuery } from '../store.ts'
import { isKeepable } from '../text.ts'
import { type AccessScope, shownKinds, shows } from '../visibility.ts'
import type { Dialect, Log } from './database.ts'
import { ENTRY_COLUMNS, type EntryRow, entryOf } from './directory.ts'
import { type SQL, sql } from './drizzle.ts'
import { fold } from './fold.ts'

/** A part of an ID has so many characters at least: any two letters are in most of them. */
const LEAST_OF_ID = 4

/** Whether a text that people typed is part of an ID. */
export function inId(dialect: Dialect, id: SQL, search: string): SQL {
  const part = search.trim()
  return part.length < LEAST_OF_ID ? sql`false` : dialect.contains(id, part)
}

/** Of the directory: by name, then ID. */
export async function searchResources(
  { db, dialect, organization, organizationId }: Log,
  scope: AccessScope,
  { search, limit }: ValueQuery,
): Promise<Resource[]> {
  const { user, application } = scope.details
  const kinds = shownKinds([scope]).filter(kind => kind !== 'scaleway')
  if (kinds.length === 0 || !isKeepable(search)) return []
  // Of keys, some may be hidden by whose they are.
  const most = user === application ? sql`LIMIT ${limit}` : sql``
  const rows = await db.rows<EntryRow>(
    sql`SELECT ${ENTRY_COLUMNS} FROM directory d
      WHERE d.organization = ${organization} AND ${dialect.textIn(sql`d.kind`, kinds)}
        AND (${dialect.contains(sql`d.searched`, fold(search))} OR ${inId(dialect, dialect.idText(sql`d.id`), search)})
      ORDER BY d.sort_name, d.id ${most}`,
  )
  return rows
    .map(row => entryOf(dialect, organizationId, row))
    .filter(entry => shows(scope, entry))
    .slice(0, limit)
    .map(({ id: resourceId, kind: category }) => ({ organizationId, resourceId, category }))
}

/** So many that match are looked at, and the rest of a longer list is not. */
const MOST_LOOKED_AT = sql.raw('10000')

/** Addresses that begin so. */
export function searchAddresses(log: Log, { search, limit }: ValueQuery): Promise<ValueCount[]> {
  const begin = search.trim().toLowerCase()
  const matches = sql`v.text >= ${begin} AND v.text < ${`${begin}\u{10ffff}`}`
  return mostCommon(log, sql`addresses`, begin, matches, limit)
}

/** User agents with this in them. */
export function searchUserAgents(log: Log, { search, limit }: ValueQuery): Promise<ValueCount[]> {
  const part = search.trim()
  const matches = log.dialect.contains(sql`v.text`, part)
  return mostCommon(log, sql`user_agents`, part, matches, limit)
}

/** Those with the most events first, equal ones by the newest of them, then by text. */
async function mostCommon(
  { db, organization }: Log,
  table: SQL,
  search: string,
  matches: SQL,
  limit: number,
): Promise<ValueCount[]> {
  if (!isKeepable(search)) return []
  const rows = await db.rows<[value: string, events: number, latest: number]>(
    sql`SELECT x.text, x.events, x.last_at FROM (SELECT v.text, v.events, v.last_at FROM ${table} v
        WHERE v.organization = ${organization} AND v.events > 0 AND ${matches} LIMIT ${MOST_LOOKED_AT}) x
      ORDER BY x.events DESC, x.last_at DESC, x.text LIMIT ${limit}`,
  )
  return rows.map(([value, events, latest]) => ({ value, events, latest }))
}
