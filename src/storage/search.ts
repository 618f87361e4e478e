// Searches: the principals of an Organization; and suggestions for a search box, which are resources, addresses and user
// agents. Each reads only as much as it needs for the first few.

import type { PrincipalPage, PrincipalQuery, ValueCount, ValueQuery } from '../log-reader.ts'
import { type Principal, principalFor, type Resource, type ScalewayIds } from '../principal.ts'
import { isKeepable } from '../text.ts'
import { shownKinds, shows } from '../visibility.ts'
import type { Dialect, Log } from './database.ts'
import { ENTRY_COLUMNS, type EntryRow, entryOf } from './directory.ts'
import { type SQL, sql } from './drizzle.ts'
import { both } from './filter.ts'
import { fold } from './fold.ts'
import type { VisibleLog } from './organizations.ts'

/** The minimum number of characters to search IDs by: most IDs contain any two hexadecimal digits. */
const LEAST_OF_ID = 4

/** The condition that the ID contains the text. */
function inId(dialect: Dialect, id: SQL, search: string): SQL {
  const part = search.trim()
  return part.length < LEAST_OF_ID ? sql`false` : dialect.contains(id, part)
}

/** From the directory, by name, then ID. */
export async function searchResources(
  { db, dialect, organization, organizationId, scope }: VisibleLog,
  { search, limit }: ValueQuery,
): Promise<Resource[]> {
  const kinds = shownKinds([scope]).filter(kind => kind !== 'scaleway')
  if (kinds.length === 0) return []
  // With only one of these rights, API keys of the other kind of bearer are hidden, so SQL cannot limit the rows.
  const most = scope.has('user') === scope.has('application') ? sql`LIMIT ${limit}` : sql``
  const rows = await db.rows<EntryRow>(
    sql`SELECT ${ENTRY_COLUMNS} FROM directory d
      WHERE d.organization = ${organization} AND ${dialect.isIn('text', sql`d.kind`, kinds)}
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

/** A FROM under the alias `p`, with sort name and searched text. Only visible users and applications have details. */
function people(
  { dialect, organization, scope }: VisibleLog,
  { always, never }: ScalewayIds,
  search: string | null,
): SQL {
  const kinds = (['user', 'application'] as const).filter(kind => scope.has(kind))
  const isVisible = dialect.isIn('text', sql`d.kind`, kinds)
  const learned = sql`SELECT l.id FROM directory l WHERE l.organization = ${organization}
    AND l.kind = 'scaleway' AND NOT (${dialect.isIn('id', sql`l.id`, [...never])})`
  const isScaleway = (id: SQL) =>
    sql`(${dialect.isIn('id', id, [...always])} OR ${id} IN (${learned}))`
  const all = sql`SELECT ${dialect.idText(sql`d.id`)} AS id, d.sort_name, d.searched, d.name, d.kind, d.created_at, d.details
      FROM directory d WHERE d.organization = ${organization} AND ${isVisible} AND NOT ${isScaleway(sql`d.id`)}
    UNION ALL
    SELECT ${dialect.idText(sql`a.id`)}, lower(a.name), lower(a.name), a.name, lower(a.name), NULL, NULL
      FROM (SELECT p.id, CASE WHEN ${isScaleway(sql`p.id`)} THEN 'Scaleway' ELSE 'Unknown' END AS name
        FROM principals p WHERE p.organization = ${organization} AND p.events > 0) a
      WHERE a.name = 'Scaleway' OR NOT EXISTS (SELECT 1 FROM directory d
        WHERE d.organization = ${organization} AND d.id = a.id AND ${isVisible})`
  if (search === null) return sql`(${all}) p`
  return sql`(SELECT * FROM (${all}) p WHERE ${dialect.contains(sql`p.searched`, fold(search))}
    OR ${inId(dialect, sql`p.id`, search)}) p`
}

/** By (folded name, ID). */
export async function readPrincipals(
  log: VisibleLog,
  scaleway: ScalewayIds,
  { organizationId, search, after, before, limit, fromEnd }: PrincipalQuery,
): Promise<PrincipalPage> {
  const bounds = both([
    after === null ? undefined : sql`(p.sort_name, p.id) > (${fold(after.name)}, ${after.id})`,
    before === null ? undefined : sql`(p.sort_name, p.id) < (${fold(before.name)}, ${before.id})`,
  ])
  const direction = sql.raw(fromEnd ? 'DESC' : 'ASC')
  const rows = await log.db.rows<[string, string, string, number | null, string | null]>(
    sql`SELECT p.id, p.kind, p.name, p.created_at, p.details
      FROM ${people(log, scaleway, search)} WHERE ${bounds ?? sql`true`}
      ORDER BY p.sort_name ${direction}, p.id ${direction} LIMIT ${limit + 1}`,
  )
  const principals = rows.slice(0, limit).map(([id, kind, name, createdAt, details]): Principal => {
    const key = { organizationId, id }
    if (kind === 'unknown') return principalFor(key, null, scaleway)
    if (kind === 'scaleway') return { ...key, kind, name }
    return principalFor(
      key,
      entryOf(log.dialect, organizationId, [id, kind, name, createdAt, details] as EntryRow),
      scaleway,
    )
  })
  return {
    principals: fromEnd ? principals.reverse() : principals,
    hasMore: rows.length > limit,
  }
}

export async function countPrincipals(
  log: VisibleLog,
  scaleway: ScalewayIds,
  search: string | null,
): Promise<number> {
  const found = people(log, scaleway, search)
  const [row] = await log.db.rows<[number]>(sql`SELECT count(*) FROM ${found}`)
  return row?.[0] ?? 0
}
