// The directory: only what Scaleway lists now. A removed entry disappears for every reader at once. No SQLite file
// keeps bytes of it; PostgreSQL keeps them in its write-ahead log and in backups for as long as its operator keeps
// those.

import type { Instant } from '../instant.ts'
import {
  type ApiKey,
  type DirectoryEntry,
  type DirectoryKey,
  type DirectoryKind,
  type DirectoryMoment,
  type NamedEntry,
  nameOf,
} from '../principal.ts'
import { isKeepable } from '../text.ts'
import type { Membership } from '../viewer.ts'
import { shownKinds, shows } from '../visibility.ts'
import type { Dialect, Log, OrganizationKey, Reads } from './database.ts'
import { type SQL, sql } from './drizzle.ts'
import { fold } from './fold.ts'
import { isOneOf, type VisibleOrganizations } from './organizations.ts'

type EntryColumns = [
  id: unknown,
  kind: DirectoryKind,
  name: string,
  createdAt: Instant | null,
  details: string,
]

/** A row of `ENTRY_COLUMNS`; other columns may follow. */
export type EntryRow = [...EntryColumns, ...unknown[]]
export type EntryWith<Others extends unknown[]> = [...EntryColumns, ...Others]

/** The columns of an entry `d`. */
export const ENTRY_COLUMNS: SQL = sql`d.id, d.kind, d.name, d.created_at, d.details`

export function entryOf(
  dialect: Dialect,
  organizationId: string,
  [stored, kind, name, createdAt, details]: EntryRow,
): DirectoryEntry {
  const id = dialect.idFrom(stored)
  if (kind === 'scaleway') return { kind, id, organizationId, name }
  return Object.assign(JSON.parse(details), { kind, id, organizationId, name, createdAt })
}

/** The text that a search for an entry matches, besides its ID. Line breaks are separators: folded text has none. */
export function searchedOf(entry: DirectoryEntry): string {
  const also = entry.kind === 'user' ? [entry.email, entry.username] : []
  return [nameOf(entry), ...also].map(text => fold(text ?? '')).join('\n')
}

/** The visible entries with these IDs, in no particular order. One statement. */
export async function readDirectory(
  reads: Reads,
  visible: VisibleOrganizations,
  ids: readonly string[],
): Promise<DirectoryEntry[]> {
  const { dialect } = reads
  if (visible.size === 0 || ids.length === 0) return []
  const rows = await reads.rows<EntryWith<[organization: OrganizationKey]>>(
    sql`SELECT ${ENTRY_COLUMNS}, d.organization FROM directory d
      WHERE ${mayBeSeen(dialect, visible)} AND ${dialect.isIn('id', sql`d.id`, ids)}`,
  )
  return rows
    .map(row => visibleEntry(dialect, visible, row[5], row))
    .filter(entry => entry !== null)
}

/**
 * The visible API keys of these bearers, newest first within an Organization. Reads all keys, because there are few.
 */
export async function readApiKeys(
  reads: Reads,
  visible: VisibleOrganizations,
  bearers: ReadonlySet<string>,
): Promise<ApiKey[]> {
  const found: ApiKey[] = []
  for (const key of visible.keys()) {
    const rows = await reads.rows<EntryRow>(
      sql`SELECT ${ENTRY_COLUMNS} FROM directory d WHERE d.organization = ${key} AND d.kind = 'api_key'
        ORDER BY d.created_at IS NULL, d.created_at DESC, d.id`,
    )
    for (const row of rows) {
      const entry = visibleEntry(reads.dialect, visible, key, row)
      if (entry?.kind === 'api_key' && bearers.has(entry.bearer?.id ?? '')) found.push(entry)
    }
  }
  return found
}

/** The visible entry at each instant, by index in `moments`; others are absent. One statement per Organization. */
export async function readEntriesAt(
  reads: Reads,
  visible: VisibleOrganizations,
  moments: readonly DirectoryMoment[],
): Promise<Map<number, NamedEntry>> {
  const { dialect } = reads
  const found = new Map<number, NamedEntry>()
  for (const [key, own] of visible) {
    const requested = [...moments.entries()].filter(
      ([, { organizationId, id }]) => organizationId === own.id && isKeepable(id),
    )
    if (requested.length === 0) continue
    const given = dialect.given('x', [
      { name: 'id', as: 'id', values: requested.map(([, { id }]) => id) },
      { name: 'instant', as: 'number', values: requested.map(([, { at }]) => at) },
    ])
    const one = new Map([[key, own]])
    const rows = await reads.rows<EntryWith<[at: number, called: string | null]>>(
      sql`SELECT ${ENTRY_COLUMNS}, x.place, ${nameAt(key, sql`x.instant`)} FROM ${given}
        CROSS JOIN directory d WHERE ${mayBeSeen(dialect, one)} AND d.id = x.id`,
    )
    for (const row of rows) {
      const entry = visibleEntry(dialect, one, key, row)
      const [, kind, name, , , at, called] = row
      const place = requested[at]?.[0]
      if (entry === null || place === undefined) continue
      found.set(place, { entry, name: kind === 'scaleway' ? name : called })
    }
  }
  return found
}

/** A column with the name of the entry `d` at an instant, or its first known name if that is later. */
function nameAt(organization: OrganizationKey, instant: SQL): SQL {
  const borne = sql`FROM names m WHERE m.organization = ${organization} AND m.id = d.id`
  return sql`(SELECT n.name FROM names n WHERE n.organization = ${organization} AND n.id = d.id
    AND n.since = coalesce((SELECT max(m.since) ${borne} AND m.since <= ${instant}),
      (SELECT min(m.since) ${borne})))`
}

/** Whether `d` is in a visible Organization, and of a kind that some scope shows. `visibleEntry` checks the rest. */
function mayBeSeen(dialect: Dialect, visible: VisibleOrganizations): SQL {
  const kinds = shownKinds(visible.values().map(({ scope }) => scope))
  return sql`${isOneOf(dialect, sql`d.organization`, [...visible.keys()])} AND ${dialect.isIn('text', sql`d.kind`, kinds)}`
}

/** `null` if the entry is hidden. */
function visibleEntry(
  dialect: Dialect,
  visible: VisibleOrganizations,
  organization: OrganizationKey,
  row: EntryRow,
): DirectoryEntry | null {
  const where = visible.get(organization)
  if (where === undefined) return null
  const entry = entryOf(dialect, where.id, row)
  return shows(where.scope, entry) ? entry : null
}

/** The principals with these IDs that have events. */
export async function readActors(
  reads: Reads,
  visible: VisibleOrganizations,
  ids: readonly string[],
): Promise<DirectoryKey[]> {
  const { dialect } = reads
  if (visible.size === 0 || ids.length === 0) return []
  const rows = await reads.rows<[organization: OrganizationKey, id: unknown]>(
    sql`SELECT p.organization, p.id FROM principals p
      WHERE ${isOneOf(dialect, sql`p.organization`, [...visible.keys()])} AND ${dialect.isIn('id', sql`p.id`, ids)} AND p.events > 0`,
  )
  return rows.map(([organization, id]) => ({
    organizationId: visible.get(organization)?.id ?? '',
    id: dialect.idFrom(id),
  }))
}

/** `null` for a locked user, and for an ID that is neither a user nor an application of the Organization. */
export async function readMembership(
  { db, dialect, organization }: Log,
  principal: DirectoryKey,
): Promise<Membership | null> {
  if (!isKeepable(principal.id)) return null
  const rows = await db.rows<EntryRow>(
    sql`SELECT ${ENTRY_COLUMNS} FROM directory d WHERE d.organization = ${organization}
      AND (d.id = ${dialect.id(principal.id)} OR d.kind IN ('group', 'policy'))`,
  )
  const { organizationId, id } = principal
  const entries = rows.map(row => entryOf(dialect, organizationId, row))
  const self = entries.find(entry => entry.id === id)
  if (self?.kind !== 'user' && self?.kind !== 'application') return null
  if (self.kind === 'user' && self.locked === true) return null
  const groups = entries
    .filter(entry => entry.kind === 'group')
    .filter(group =>
      self.kind === 'user'
        ? group.allUsers || group.userIds.includes(id)
        : group.allApplications || group.applicationIds.includes(id),
    )
  const holders = new Set([id, ...groups.map(group => group.id)])
  const granted = entries
    .filter(entry => entry.kind === 'policy')
    .filter(({ holder }) => holder !== null && holders.has(holder.id))
    .flatMap(({ permissionSets }) => permissionSets ?? [])
  return {
    organizationId,
    owner: self.kind === 'user' && self.type === 'owner',
    permissionSets: [...new Set(granted)].sort(),
  }
}
