// Suggestions for a search box, except principals: resources, addresses and user agents whose name or text contains the
// typed text. Each reads only as much as it needs for the first few.

import type { ValueCount, ValueQuery } from '../log-reader.ts'
import type { Resource } from '../principal.ts'
import { isKeepable } from '../text.ts'
import { type AccessScope, shownKinds, shows } from '../visibility.ts'
import type { Dialect, Log } from './database.ts'
import { ENTRY_COLUMNS, type EntryRow, entryOf } from './directory.ts'
import { type SQL, sql } from './drizzle.ts'
import { fold } from './fold.ts'

/** The minimum number of characters to search IDs by: most IDs contain any two hexadecimal digits. */
const LEAST_OF_ID = 4

/** The condition that the ID contains the text. */
export function inId(dialect: Dialect, id: SQL, search: string): SQL {
  const part = search.trim()
  return part.length < LEAST_OF_ID ? sql`false` : dialect.contains(id, part)
}

/** From the directory, by name, then ID. */
export async function searchResources(
  { db, dialect, organization, organizationId }: Log,
  scope: AccessScope,
  { search, limit }: ValueQuery,
): Promise<Resource[]> {
  const { user, application } = scope.details
  const kinds = shownKinds([scope]).filter(kind => kind !== 'scaleway')
  if (kinds.length === 0 || !isKeepable(search)) return []
  // With only one of these rights, API keys of the other kind of bearer are hidden, so SQL cannot limit the rows.
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

/** At most this many matching values are compared; further ones are ignored. */
const MOST_LOOKED_AT = sql.raw('10000')

/** Addresses that begin with the text. */
export function searchAddresses(log: Log, { search, limit }: ValueQuery): Promise<ValueCount[]> {
  const begin = search.trim().toLowerCase()
  const matches = sql`v.text >= ${begin} AND v.text < ${`${begin}\u{10ffff}`}`
  return mostCommon(log, sql`addresses`, begin, matches, limit)
}

/** User agents that contain the text. */
export function searchUserAgents(log: Log, { search, limit }: ValueQuery): Promise<ValueCount[]> {
  const part = search.trim()
  const matches = log.dialect.contains(sql`v.text`, part)
  return mostCommon(log, sql`user_agents`, part, matches, limit)
}

/** The values with the most events first; values with the same number by their newest event, then by text. */
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
