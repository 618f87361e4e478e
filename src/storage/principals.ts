// The principals of an Organization: the users and applications that the viewer may see, and every principal that
// acted.

import type { PrincipalPage, PrincipalQuery } from '../log-reader.ts'
import { type Principal, principalFor, type ScalewayIds } from '../principal.ts'
import { isKeepable } from '../text.ts'
import type { AccessScope } from '../visibility.ts'
import type { Log } from './database.ts'
import { type EntryRow, entryOf } from './directory.ts'
import { type SQL, sql } from './drizzle.ts'
import { fold } from './fold.ts'
import { inId } from './search.ts'

/** A FROM under the alias `p`, with sort name and searched text. Only visible users and applications have details. */
function people(
  { dialect, organization }: Log,
  { details }: AccessScope,
  { always, never }: ScalewayIds,
  search: string | null,
): SQL {
  const kinds = (['user', 'application'] as const).filter(kind => details[kind])
  const isVisible = dialect.textIn(sql`d.kind`, kinds)
  const learned = sql`SELECT l.id FROM directory l WHERE l.organization = ${organization}
    AND l.kind = 'scaleway' AND NOT (${dialect.idIn(sql`l.id`, [...never])})`
  const isScaleway = (id: SQL) => sql`(${dialect.idIn(id, [...always])} OR ${id} IN (${learned}))`
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
  log: Log,
  scope: AccessScope,
  scaleway: ScalewayIds,
  { organizationId, search, after, before, limit, fromEnd }: PrincipalQuery,
): Promise<PrincipalPage> {
  if (search !== null && !isKeepable(search)) return { principals: [], hasMore: false }
  const bounds = [
    ...(after === null ? [] : [sql`(p.sort_name, p.id) > (${fold(after.name)}, ${after.id})`]),
    ...(before === null ? [] : [sql`(p.sort_name, p.id) < (${fold(before.name)}, ${before.id})`]),
  ]
  const where = bounds.length === 0 ? sql`` : sql`WHERE ${sql.join(bounds, sql` AND `)}`
  const direction = sql.raw(fromEnd ? 'DESC' : 'ASC')
  const rows = await log.db.rows<[string, string, string, number | null, string | null]>(
    sql`SELECT p.id, p.kind, p.name, p.created_at, p.details
      FROM ${people(log, scope, scaleway, search)} ${where}
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
  log: Log,
  scope: AccessScope,
  scaleway: ScalewayIds,
  search: string | null,
): Promise<number> {
  if (search !== null && !isKeepable(search)) return 0
  const found = people(log, scope, scaleway, search)
  const [row] = await log.db.rows<[number]>(sql`SELECT count(*) FROM ${found}`)
  return row?.[0] ?? 0
}
