// The directory in SQLite: what Scaleway lists of users, applications, groups and policies, and nothing
// of those it no longer lists. What goes is erased from the file, not only from the answers.

import type { Instant } from '../../instant.ts'
import type {
  DirectoryEntry,
  DirectoryKey,
  DirectoryKind,
  NamedEntry,
  Principal,
  ScalewayIds,
} from '../../principal.ts'
import { principalFor } from '../../principal.ts'
import type { Described, DirectoryListing, PrincipalPage, PrincipalQuery } from '../../store.ts'
import { type Sight, shows } from '../../visibility.ts'
import { asText, decodeId, encodeId, idOfText, lowestPosition, type StoredId } from '../codec.ts'
import type { SqliteDatabase } from './database.ts'
import { containsText, join, oneOf, oneOfIds, type Sql } from './event-query.ts'
import { entriesAt, forgetNames, type Moment, noteName } from './names.ts'
import { SHORT_WAIT } from './waiting.ts'

interface Row {
  readonly organization: number
  readonly id: StoredId
  readonly kind: DirectoryKind
  readonly name: string
  readonly createdAt: number | null
  /** The entry's other fields, as JSON. */
  readonly details: string
}

const DELETED_SINCE = `SELECT 1 FROM resources r
  CROSS JOIN events e INDEXED BY events_by_resource ON e.resource = r.key AND e.position >= ?
  JOIN trails t ON t.key = e.trail
  WHERE r.organization = ? AND r.id = ? AND t.action = 'deleted' AND t.category = ? LIMIT 1`

const WRITE_ENTRY = `INSERT INTO directory (organization, id, kind, name, created_at, details)
  VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET kind = excluded.kind, name = excluded.name,
    created_at = excluded.created_at, details = excluded.details
  WHERE (kind, name, created_at, details) IS NOT
    (excluded.kind, excluded.name, excluded.created_at, excluded.details)`

/** Within a transaction. Where anything was `erased`, `rewriteDirectory` is due. */
export function describeDirectory(
  db: SqliteDatabase,
  organization: number,
  { kind, entries, complete }: DirectoryListing,
  takenInAt: Instant,
): Described & { readonly erased: boolean } {
  let written = 0
  let removed = 0
  let erased = false
  const listed = new Set<string>()
  // Of an entry that is listed twice, the last.
  for (const entry of new Map(entries.map(entry => [entry.id, entry])).values()) {
    const createdAt = 'createdAt' in entry ? entry.createdAt : null
    const since = createdAt === null ? -(2n ** 63n) : lowestPosition(createdAt)
    const deleted = db.row({
      text: DELETED_SINCE,
      values: [since, organization, encodeId(entry.id), kind],
    })
    if (deleted !== null) continue
    listed.add(entry.id)
    if (noteName(db, organization, entry, takenInAt)) erased = true
    const row = rowOf(organization, withKnownRules(db, organization, entry))
    written += db.run(
      WRITE_ENTRY,
      row.organization,
      row.id,
      row.kind,
      row.name,
      row.createdAt,
      row.details,
    )
  }
  if (complete) {
    const ours = { text: 'organization = ? AND kind = ?', values: [organization, kind] }
    for (const [id] of db.rows<[StoredId]>({
      text: `SELECT id FROM directory WHERE ${ours.text}`,
      values: ours.values,
    })) {
      if (listed.has(decodeId(id))) continue
      removed += db.run(`DELETE FROM directory WHERE ${ours.text} AND id = ?`, ...ours.values, id)
      forgetNames(db, organization, id)
    }
  }
  return { written, removed, erased: erased || removed > 0 }
}

/** A policy whose rules were not read, with the permission sets it had. */
function withKnownRules(
  db: SqliteDatabase,
  organization: number,
  entry: DirectoryEntry,
): DirectoryEntry {
  if (entry.kind !== 'policy' || entry.permissionSets !== null) return entry
  const [before] = readEntries(db, organization, entry.organizationId, { id: entry.id })
  return before?.kind === 'policy' ? { ...entry, permissionSets: before.permissionSets } : entry
}

/** All entries of one kind, or the one with an ID, whoever may see them: not for answers. */
export function readEntries(
  db: SqliteDatabase,
  organization: number,
  organizationId: string,
  wanted: { readonly kind: DirectoryKind } | { readonly id: string },
): DirectoryEntry[] {
  const [column, value] = 'kind' in wanted ? ['kind', wanted.kind] : ['id', encodeId(wanted.id)]
  return db
    .rows<[StoredId, DirectoryKind, string, number | null, string]>({
      text: `SELECT id, kind, name, created_at, details FROM directory
        WHERE organization = ? AND ${column} = ? ORDER BY id`,
      values: [organization, value],
    })
    .map(([id, kind, name, createdAt, details]) =>
      entryOf({ id: decodeId(id), kind, name, createdAt, details }, organizationId),
    )
}

/** Whether the directory has any entry of an Organization. */
export function lists(db: SqliteDatabase, organization: number): boolean {
  const values = [organization]
  return db.row({ text: 'SELECT 1 FROM directory WHERE organization = ? LIMIT 1', values }) !== null
}

/** Within a transaction: forgets what an event says was deleted. How many entries went. */
export function forget(
  db: SqliteDatabase,
  organization: number,
  kind: string,
  id: string,
  deletedAt: number,
): number {
  const stored = encodeId(id)
  const forgotten = db.run(
    `DELETE FROM directory WHERE organization = ? AND id = ? AND kind = ?
      AND (created_at IS NULL OR created_at <= ?)`,
    organization,
    stored,
    kind,
    deletedAt,
  )
  if (forgotten > 0) forgetNames(db, organization, stored)
  return forgotten
}

/**
 * Within the transaction that removed entries: writes those that remain anew. A deleted row's own bytes are
 * zeroed by `secure_delete`, but copies that page splits left behind are only gone with their pages.
 */
export function rewriteDirectory(db: SqliteDatabase): void {
  for (const table of ['directory', 'names']) {
    db.run(`CREATE TEMP TABLE remaining AS SELECT * FROM main.${table}`)
    db.run(`DELETE FROM main.${table}`)
    db.run(`INSERT INTO main.${table} SELECT * FROM temp.remaining ORDER BY organization, id`)
    db.run('DROP TABLE temp.remaining')
  }
}

/** So long is waited for those who read from the log, in milliseconds. */
const FOR_READERS = 5_000

/**
 * After the transaction that removed entries: no copy stays in the write-ahead log either. False where
 * another process read from the log for longer than one waits: then it is to be tried again.
 */
export function emptyLog(db: SqliteDatabase): boolean {
  const { client } = db
  client.pragma(`busy_timeout = ${FOR_READERS}`)
  try {
    const text = 'PRAGMA wal_checkpoint(TRUNCATE)'
    return db.row<[busy: number]>({ text, values: [] })?.[0] === 0
  } finally {
    client.pragma(`busy_timeout = ${SHORT_WAIT}`)
  }
}

/** The Organizations a viewer may see, by key. */
export type InSight = ReadonlyMap<number, { readonly id: string; readonly sight: Sight }>

/** The visible entries with these IDs, in no order. One statement. */
export function readDirectory(
  db: SqliteDatabase,
  inSight: InSight,
  ids: readonly string[],
): DirectoryEntry[] {
  if (inSight.size === 0 || ids.length === 0) return []
  const found = oneOfIds('id', ids)
  const within = oneOf('organization', [...inSight.keys()])
  // Of what nobody may see here nothing need be read; what remains is looked at one by one.
  const kinds = oneOf('kind', kindsIn(inSight))
  const rows = db.rows<[number, string, DirectoryKind, string, number | null, string]>({
    text: `SELECT organization, ${asText('id')}, kind, name, created_at, details FROM directory
      WHERE ${within.text} AND ${found.text} AND ${kinds.text}`,
    values: [...within.values, ...found.values, ...kinds.values],
  })
  const entries: DirectoryEntry[] = []
  for (const [organization, id, kind, name, createdAt, details] of rows) {
    const seen = inSight.get(organization)
    if (seen === undefined) continue
    const entry = entryOf({ id: idOfText(id), kind, name, createdAt, details }, seen.id)
    if (shows(seen.sight, entry)) entries.push(entry)
  }
  return entries
}

/** What is visible at each moment, by its place among them; nothing for the others. One statement. */
export function readEntriesAt(
  db: SqliteDatabase,
  inSight: InSight,
  moments: readonly Moment[],
): Map<number, NamedEntry> {
  const found = new Map<number, NamedEntry>()
  if (inSight.size === 0 || moments.length === 0) return found
  const entries = entriesAt(moments)
  const kinds = oneOf('kind', kindsIn(inSight))
  const rows = db.rows<
    [number, number, string, DirectoryKind, string, number | null, string, string | null]
  >({
    text: `SELECT place, organization, ${asText('id')}, kind, name, created_at, details, called
      FROM ${entries.text} WHERE ${kinds.text}`,
    values: [...entries.values, ...kinds.values],
  })
  for (const [place, organization, id, kind, name, createdAt, details, called] of rows) {
    const seen = inSight.get(organization)
    if (seen === undefined) continue
    const entry = entryOf({ id: idOfText(id), kind, name, createdAt, details }, seen.id)
    if (shows(seen.sight, entry)) {
      found.set(place, { entry, name: kind === 'scaleway' ? name : called })
    }
  }
  return found
}

/** The kinds of which any of the Organizations may show an entry. */
function kindsIn(inSight: InSight): DirectoryKind[] {
  const kinds: DirectoryKind[] = ['scaleway', 'api_key']
  for (const kind of ['user', 'application', 'group', 'policy'] as const) {
    for (const { sight } of inSight.values()) {
      if (!sight.details[kind]) continue
      kinds.push(kind)
      break
    }
  }
  return kinds
}

function entryOf(
  { id, kind, name, createdAt, details }: Omit<Row, 'organization'> & { readonly id: string },
  organizationId: string,
): DirectoryEntry {
  if (kind === 'scaleway') return { kind, id, organizationId, name }
  return Object.assign(JSON.parse(details), { kind, id, organizationId, name, createdAt })
}

function rowOf(organization: number, entry: DirectoryEntry): Row {
  const { kind, id, name, organizationId: _, ...others } = entry
  const { createdAt = null, ...details } = { createdAt: null, ...others }
  return { organization, id: encodeId(id), kind, name, createdAt, details: JSON.stringify(details) }
}

/** Those that stand for Scaleway itself in one Organization, also by what was learned there. */
export function scalewayIdsIn(
  db: SqliteDatabase,
  organization: number,
  { always, never }: ScalewayIds,
): ScalewayIds {
  const learned = db
    .rows<[StoredId]>({
      text: "SELECT id FROM directory WHERE organization = ? AND kind = 'scaleway'",
      values: [organization],
    })
    .map(([id]) => decodeId(id))
  return { always: new Set([...always, ...learned.filter(id => !never.has(id))]), never }
}

/** Visible users and applications, and whoever acted, under the name the viewer knows them by. */
function people(organization: number, sight: Sight, scaleway: ScalewayIds): Sql {
  const kinds = (['user', 'application'] as const).filter(kind => sight.details[kind])
  const visible = oneOf('kind', kinds)
  const scalewayItself = oneOf('p.id', [...scaleway.always].map(encodeId))
  return {
    text: `SELECT id, name, kind, created_at, details FROM directory
        WHERE organization = ? AND ${visible.text} AND NOT ${scalewayItself.text.replace('p.id', 'id')}
      UNION ALL
      SELECT p.id, iif(${scalewayItself.text}, 'Scaleway', 'Unknown'), NULL, NULL, NULL
        FROM principals p WHERE p.organization = ? AND (${scalewayItself.text} OR NOT EXISTS
          (SELECT 1 FROM directory WHERE organization = ? AND id = p.id AND ${visible.text}))`,
    values: [
      organization,
      ...visible.values,
      ...scalewayItself.values,
      ...scalewayItself.values,
      organization,
      ...scalewayItself.values,
      organization,
      ...visible.values,
    ],
  }
}

/** The ID of an entry as the text a viewer reads and sorts by. */
const ID_TEXT = `CASE typeof(id) WHEN 'blob' THEN lower(substr(hex(id), 1, 8) || '-' ||
  substr(hex(id), 9, 4) || '-' || substr(hex(id), 13, 4) || '-' || substr(hex(id), 17, 4) || '-' ||
  substr(hex(id), 21)) ELSE id END`

function matching(
  organization: number,
  sight: Sight,
  scaleway: ScalewayIds,
  search: string | null,
): Sql {
  const all = people(organization, sight, scaleway)
  const listed: Sql = {
    text: `SELECT ${ID_TEXT} AS id, name, kind, created_at, details FROM (${all.text})`,
    values: all.values,
  }
  if (search === null) return listed
  const email = "coalesce(details ->> '$.email', '')"
  const username = "coalesce(details ->> '$.username', '')"
  const parts = ['name', 'id', email, username].map(column => containsText(column, search))
  const condition = join(parts, ' OR ')
  return {
    text: `SELECT * FROM (${listed.text}) WHERE ${condition.text}`,
    values: [...listed.values, ...condition.values],
  }
}

export function readPrincipals(
  db: SqliteDatabase,
  organization: number,
  sight: Sight,
  scaleway: ScalewayIds,
  query: PrincipalQuery,
): PrincipalPage {
  const { organizationId, after, before, limit, fromEnd } = query
  const found = matching(organization, sight, scaleway, query.search)
  const direction = fromEnd ? 'DESC' : 'ASC'
  const bounds: Sql[] = [{ text: '1', values: [] }]
  if (after !== null) bounds.push({ text: '(name, id) > (?, ?)', values: [after.name, after.id] })
  if (before !== null) {
    bounds.push({ text: '(name, id) < (?, ?)', values: [before.name, before.id] })
  }
  const within = join(bounds, ' AND ')
  const rows = db.rows<[string, string, DirectoryKind | null, number | null, string]>({
    text: `SELECT id, name, kind, created_at, details FROM (${found.text}) WHERE ${within.text}
      ORDER BY name ${direction}, id ${direction} LIMIT ?`,
    values: [...found.values, ...within.values, limit + 1],
  })
  const principals = rows.slice(0, limit).map(([id, name, kind, createdAt, details]): Principal => {
    const key: DirectoryKey = { organizationId, id }
    if (kind === null) return principalFor(key, null, scaleway)
    const row = { id, kind, name, createdAt, details }
    return principalFor(key, entryOf(row, organizationId), scaleway)
  })
  return {
    principals: fromEnd ? principals.reverse() : principals,
    hasMore: rows.length > limit,
  }
}

export function countPrincipals(
  db: SqliteDatabase,
  organization: number,
  sight: Sight,
  scaleway: ScalewayIds,
  search: string | null,
): number {
  const found = matching(organization, sight, scaleway, search)
  return (
    db.row<[number]>({
      text: `SELECT count(*) FROM (${found.text})`,
      values: found.values,
    })?.[0] ?? 0
  )
}

/** Those of the principals with these IDs that ever acted: only who did is in the table. */
export function readActed(
  db: SqliteDatabase,
  inSight: InSight,
  ids: readonly string[],
): DirectoryKey[] {
  if (inSight.size === 0) return []
  const organizations = oneOf('organization', [...inSight.keys()])
  const within = join([organizations, oneOf('id', [...new Set(ids)].map(encodeId))], ' AND ')
  return db
    .rows<[number, StoredId]>({
      text: `SELECT organization, id FROM principals WHERE ${within.text}`,
      values: within.values,
    })
    .map(([organization, id]) => ({
      organizationId: inSight.get(organization)?.id ?? '',
      id: decodeId(id),
    }))
}
