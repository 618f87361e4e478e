// The directory in PostgreSQL: what Scaleway lists, and nothing of what it no longer lists. A removed row is
// gone for every reader at once, and its bytes from the table as the store writes that anew after each removal;
// they stay in the write-ahead log and in backups for as long as PostgreSQL and its operator keep those.

import type { Instant } from '../../instant.ts'
import {
  type DirectoryEntry,
  type DirectoryKey,
  type DirectoryKind,
  type DirectoryMoment,
  type NamedEntry,
  type Principal,
  principalFor,
  type ScalewayIds,
} from '../../principal.ts'
import type { Described, DirectoryListing, PrincipalPage, PrincipalQuery } from '../../store.ts'
import type { Membership } from '../../viewer.ts'
import { type Sight, shows } from '../../visibility.ts'
import { keepable } from '../keepable.ts'
import { membershipIn } from '../rights.ts'
import { isPlainId } from './codec.ts'
import { containsText, within } from './conditions.ts'
import { firstRow, type Reads, type Session } from './database.ts'
import { calledAt, deleteNames, noteNames } from './names.ts'
import type { Partition } from './partitions.ts'
import { and, constant, join, type Sql, sql } from './sql.ts'
import { stretches } from './stretches.ts'
import { lockOrganization } from './values.ts'

type Row = [
  organization: string,
  id: string,
  kind: DirectoryKind,
  name: string,
  createdAt: number | null,
  details: string,
]

const COLUMNS = constant('organization, id, kind, name, created_at, details')

/** Within a transaction. Where anything was `erased`, the tables are to be written anew. */
export async function describeDirectory(
  session: Session,
  partitions: readonly Partition[],
  listing: DirectoryListing,
  takenInAt: Instant,
): Promise<Described & { readonly erased: boolean }> {
  const { organizationId, kind, complete } = listing
  await lockOrganization(session, organizationId)
  // Of an entry that is listed twice, the last; a statement cannot write a row twice.
  const last = new Map(listing.entries.map(entry => [entry.id, entry]))
  const deleted = await deletedSince(session, partitions, organizationId, kind, [...last.values()])
  const entries = [...last.values()].filter(({ id }) => !deleted.has(id))
  const erased = await noteNames(session, organizationId, entries, takenInAt)
  const written = await writeEntries(
    session,
    organizationId,
    await withKnownRules(session, organizationId, entries),
  )
  if (!complete) return { written, removed: 0, erased }
  const gone = constant('gone')
  const row = await firstRow<[removed: number]>(
    session,
    sql`WITH gone AS (
        DELETE FROM directory WHERE organization = ${organizationId}::uuid AND kind = ${kind}
          AND NOT (id = ANY(${entries.map(({ id }) => id)}::text[])) RETURNING id),
      nameless AS (${deleteNames(organizationId, gone)})
      SELECT count(*) FROM gone`,
  )
  const removed = row?.[0] ?? 0
  return { written, removed, erased: erased || removed > 0 }
}

/** Those that an event says were deleted, after they were created. */
async function deletedSince(
  session: Session,
  partitions: readonly Partition[],
  organization: string,
  kind: string,
  entries: readonly DirectoryEntry[],
): Promise<Set<string>> {
  if (entries.length === 0) return new Set()
  const since = entries.map(entry => createdAtOf(entry) ?? Number.MIN_SAFE_INTEGER)
  const deleted = new Set<string>()
  for (const part of stretches({ low: least(since), high: null }, partitions, true)) {
    const rows = await session.passing<[string]>(
      sql`SELECT x.id FROM unnest(${entries.map(({ id }) => id)}::text[], ${since}::bigint[])
          AS x (id, since)
        WHERE EXISTS (SELECT 1 FROM events e WHERE e.organization = ${organization}::uuid
          AND ${and([...within(part), sql`e.resource = x.id`])} AND e.created_at >= x.since
          AND e.kind = (SELECT number FROM kinds WHERE organization = ${organization}::uuid
            AND action = 'deleted' AND category = ${kind}))`,
    )
    for (const [id] of rows) deleted.add(id)
  }
  return deleted
}

function least(instants: readonly Instant[]): Instant | null {
  return instants.reduce<Instant | null>((a, b) => (a === null || b < a ? b : a), null)
}

/** Policies whose rules were not read keep the permission sets they had. */
async function withKnownRules(
  session: Session,
  organization: string,
  entries: readonly DirectoryEntry[],
): Promise<DirectoryEntry[]> {
  const unread = entries.filter(entry => entry.kind === 'policy' && entry.permissionSets === null)
  if (unread.length === 0) return [...entries]
  const rows = await session.rows<Row>(
    sql`SELECT ${COLUMNS} FROM directory WHERE organization = ${organization}::uuid
      AND id = ANY(${unread.map(({ id }) => id)}::text[])`,
  )
  const before = new Map(rows.map(row => [row[1], entryOf(row)]))
  return entries.map(entry => {
    const known = before.get(entry.id)
    return entry.kind === 'policy' && entry.permissionSets === null && known?.kind === 'policy'
      ? { ...entry, permissionSets: known.permissionSets }
      : entry
  })
}

function writeEntries(
  session: Session,
  organization: string,
  entries: readonly DirectoryEntry[],
): Promise<number> {
  const texts = (pick: (entry: DirectoryEntry) => string | null) => entries.map(pick)
  const ofUser = (field: 'email' | 'username') =>
    texts(entry => (entry.kind === 'user' ? entry[field] : null))
  return session.run(
    sql`INSERT INTO directory (organization, id, kind, name, created_at, email, username, details)
      SELECT ${organization}::uuid, x.* FROM unnest(${texts(({ id }) => id)}::text[],
        ${texts(({ kind }) => kind)}::text[], ${texts(({ name }) => name)}::text[],
        ${entries.map(createdAtOf)}::bigint[], ${ofUser('email')}::text[],
        ${ofUser('username')}::text[], ${texts(detailsOf)}::text[])
        AS x (id, kind, name, created_at, email, username, details)
      ON CONFLICT (organization, id) DO UPDATE SET kind = excluded.kind, name = excluded.name,
        created_at = excluded.created_at, email = excluded.email, username = excluded.username,
        details = excluded.details
      WHERE (directory.kind, directory.name, directory.created_at, directory.details)
        IS DISTINCT FROM (excluded.kind, excluded.name, excluded.created_at, excluded.details)`,
  )
}

function createdAtOf(entry: DirectoryEntry): number | null {
  return 'createdAt' in entry ? entry.createdAt : null
}

function detailsOf(entry: DirectoryEntry): string {
  const { kind, id, name, organizationId, ...others } = entry
  const { createdAt, ...details } = { createdAt: null, ...others }
  return JSON.stringify(details)
}

function entryOf([organizationId, id, kind, name, createdAt, details]: Row): DirectoryEntry {
  if (kind === 'scaleway') return { kind, id, organizationId, name }
  return { ...JSON.parse(details), kind, id, organizationId, name, createdAt }
}

/** The visible entries with these IDs, in no order. One statement. */
export async function readDirectory(
  db: Reads,
  inSight: ReadonlyMap<string, Sight>,
  ids: readonly string[],
): Promise<DirectoryEntry[]> {
  if (inSight.size === 0 || ids.length === 0) return []
  const rows = await db.rows<Row>(
    sql`SELECT ${COLUMNS} FROM directory WHERE organization = ANY(${[...inSight.keys()]}::uuid[])
      AND id = ANY(${keepable(ids)}::text[])`,
  )
  return rows.flatMap(row => {
    const entry = entryOf(row)
    const sight = inSight.get(entry.organizationId)
    return sight !== undefined && shows(sight, entry) ? [entry] : []
  })
}

/** What is visible at each moment, by its place among them; nothing for the others. One statement. */
export async function readEntriesAt(
  db: Reads,
  inSight: ReadonlyMap<string, Sight>,
  moments: readonly DirectoryMoment[],
): Promise<Map<number, NamedEntry>> {
  const found = new Map<number, NamedEntry>()
  const asked = [...moments.entries()].filter(([, { organizationId }]) =>
    inSight.has(organizationId),
  )
  if (asked.length === 0) return found
  const rows = await db.rows<[...Row, place: number, called: string | null]>(
    sql`SELECT d.organization, d.id, d.kind, d.name, d.created_at, d.details, asked.place,
        ${calledAt(constant('asked.at'))}
      FROM unnest(${asked.map(([place]) => place)}::int[],
          ${asked.map(([, { organizationId }]) => organizationId)}::uuid[],
          ${asked.map(([, { id }]) => id)}::text[], ${asked.map(([, { at }]) => at)}::bigint[])
        AS asked (place, organization, id, at)
      JOIN directory d ON d.organization = asked.organization AND d.id = asked.id`,
  )
  for (const [organizationId, id, kind, name, createdAt, details, place, called] of rows) {
    const entry = entryOf([organizationId, id, kind, name, createdAt, details])
    const sight = inSight.get(organizationId)
    if (sight === undefined || !shows(sight, entry)) continue
    found.set(place, { entry, name: kind === 'scaleway' ? name : called })
  }
  return found
}

/** Those of the principals with these IDs that ever acted. */
export async function readActed(
  db: Reads,
  organizations: readonly string[],
  ids: readonly string[],
): Promise<DirectoryKey[]> {
  if (organizations.length === 0 || ids.length === 0) return []
  const rows = await db.rows<[organization: string, id: string]>(
    sql`SELECT organization, id FROM principals WHERE organization = ANY(${organizations}::uuid[])
      AND id = ANY(${keepable(ids)}::text[]) AND events > 0`,
  )
  return rows.map(([organizationId, id]) => ({ organizationId, id }))
}

export async function readMembership(
  db: Reads,
  principal: DirectoryKey,
): Promise<Membership | null> {
  const { organizationId, id } = principal
  if (!isPlainId(organizationId)) return null
  const rows = await db.rows<Row>(
    sql`SELECT ${COLUMNS} FROM directory WHERE organization = ${organizationId}::uuid
      AND (id = ${id} OR kind IN ('group', 'policy'))`,
  )
  return membershipIn(rows.map(entryOf), principal)
}

/** Visible users and applications, and whoever acted, under the name the viewer knows them by. */
function people(
  organization: string,
  { details }: Sight,
  { always, never }: ScalewayIds,
  search: string | null,
): Sql {
  const visible = (['user', 'application'] as const).filter(kind => details[kind])
  const ours = sql`organization = ${organization}::uuid`
  const scaleway = (id: Sql) => sql`(${id} = ANY(${[...always]}::text[]) OR ${id} IN
    (SELECT id FROM directory WHERE ${ours} AND kind = 'scaleway'
      AND NOT (id = ANY(${[...never]}::text[]))))`
  const all = sql`SELECT id, name, kind, created_at, details, email, username, false AS scaleway
      FROM directory WHERE ${ours} AND kind = ANY(${visible}::text[]) AND NOT ${scaleway(constant('directory.id'))}
    UNION ALL
    SELECT p.id, CASE WHEN p.scaleway THEN 'Scaleway' ELSE 'Unknown' END, NULL, NULL, NULL, NULL,
        NULL, p.scaleway
      FROM (SELECT id, ${scaleway(constant('principals.id'))} AS scaleway FROM principals
        WHERE ${ours} AND events > 0) p
      WHERE p.scaleway OR NOT EXISTS (SELECT 1 FROM directory d
        WHERE d.${ours} AND d.id = p.id AND d.kind = ANY(${visible}::text[]))`
  if (search === null) return all
  const columns = ['name', 'id', "coalesce(email, '')", "coalesce(username, '')"]
  const contained = columns.map(column => containsText(constant(column), search))
  return sql`SELECT * FROM (${all}) people WHERE ${join(contained, ' OR ')}`
}

const BY_NAME = [constant('name COLLATE "C"'), constant('id COLLATE "C"')] as const

export async function readPrincipals(
  db: Reads,
  sight: Sight,
  scaleway: ScalewayIds,
  query: PrincipalQuery,
): Promise<PrincipalPage> {
  const { organizationId, after, before, limit, fromEnd, search } = query
  const [name, id] = BY_NAME
  const bounds = [
    ...(after === null ? [] : [sql`(${name}, ${id}) > (${after.name}, ${after.id})`]),
    ...(before === null ? [] : [sql`(${name}, ${id}) < (${before.name}, ${before.id})`]),
  ]
  const direction = constant(fromEnd ? 'DESC' : 'ASC')
  const rows = await db.rows<
    [
      id: string,
      name: string,
      kind: DirectoryKind | null,
      createdAt: number | null,
      details: string,
      scaleway: boolean,
    ]
  >(
    sql`SELECT id, name, kind, created_at, details, scaleway
      FROM (${people(organizationId, sight, scaleway, search)}) people WHERE ${and(bounds)}
      ORDER BY ${name} ${direction}, ${id} ${direction} LIMIT ${limit + 1}`,
  )
  const principals = rows
    .slice(0, limit)
    .map(([id, name, kind, createdAt, details, isScaleway]): Principal => {
      const key = { organizationId, id }
      const entry: DirectoryEntry | null = isScaleway
        ? { ...key, kind: 'scaleway', name }
        : kind && entryOf([organizationId, id, kind, name, createdAt, details])
      return principalFor(key, entry, scaleway)
    })
  return {
    principals: fromEnd ? principals.reverse() : principals,
    hasMore: rows.length > limit,
  }
}

export async function countPrincipals(
  db: Reads,
  organization: string,
  sight: Sight,
  scaleway: ScalewayIds,
  search: string | null,
): Promise<number> {
  const found = people(organization, sight, scaleway, search)
  const row = await firstRow<[number]>(db, sql`SELECT count(*) FROM (${found}) people`)
  return row?.[0] ?? 0
}
