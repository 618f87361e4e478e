// The known Organizations, the key by which rows refer to each, and the lock of each.

import type { Instant } from '../instant.ts'
import type { Organization } from '../log-reader.ts'
import type { AccessScope, Visibility } from '../visibility.ts'
import { encodeId, isStoredAsBytes } from './codec.ts'
import {
  type Dialect,
  type Log,
  logOf,
  type OrganizationKey,
  type Reads,
  type Session,
} from './database.ts'
import { type SQL, sql } from './drizzle.ts'

/** The Organizations a viewer may see, by key. */
export type VisibleOrganizations = ReadonlyMap<
  OrganizationKey,
  { readonly id: string; readonly scope: AccessScope }
>

/** The keys of these Organizations, by ID; Organizations that cannot have rows are missing. */
export type FindKeys = (
  reads: Reads,
  ids: Iterable<string>,
) => Promise<Map<string, OrganizationKey>>

/** An Organization's log, and what one viewer may see of it. */
export interface VisibleLog extends Log {
  readonly scope: AccessScope
}

export interface VisibleLogParts {
  readonly db: Reads
  readonly findKeys: FindKeys
  readonly visibility: Visibility
}

/** The log is read through `reads`; `null` for an Organization that is hidden or has no key. */
export async function visibleLog(
  { db, findKeys, visibility }: VisibleLogParts,
  id: string,
  reads: Reads = db,
): Promise<VisibleLog | null> {
  const scope = visibility.organizations.get(id)
  if (scope === undefined) return null
  const key = (await findKeys(db, [id])).get(id)
  return key === undefined ? null : { ...logOf(reads, key, id), scope }
}

/** Caches the keys it has found, because keys never change. */
export function createFindKeys(): FindKeys {
  const known = new Map<string, OrganizationKey>()
  return async (reads, ids) => {
    const { dialect } = reads
    const wanted = [...new Set(ids)].filter(isStoredAsBytes)
    if (dialect.keyIsId) return new Map(wanted.map(id => [id, id]))
    const missing = wanted.filter(id => !known.has(id))
    if (missing.length > 0) {
      const { organizations } = dialect.tables
      const { key, id } = organizations
      const which = dialect.isIn('id', sql`${id}`, missing)
      const rows = await reads.build(b => b.select({ key, id }).from(organizations).where(which))
      for (const row of rows) known.set(row.id, row.key)
    }
    const found = new Map<string, OrganizationKey>()
    for (const id of wanted) {
      const key = known.get(id)
      if (key !== undefined) found.set(id, key)
    }
    return found
  }
}

/**
 * A single Organization, the usual case, is compared by `=`, so that a distributed PostgreSQL queries only its shard.
 */
export function isOneOf(
  { isIn }: Pick<Dialect, 'isIn'>,
  column: SQL,
  keys: readonly OrganizationKey[],
): SQL {
  return keys.length === 1 ? sql`${column} = ${keys[0]}` : isIn('organization', column, keys)
}

/** The Organizations that exist, with their names, by ID. */
export async function readOrganizations(
  reads: Reads,
  keys: readonly OrganizationKey[],
): Promise<Organization[]> {
  if (keys.length === 0) return []
  const { dialect } = reads
  const rows = await reads.rows<[id: unknown, name: string | null]>(
    sql`SELECT o.id, o.name FROM organizations o WHERE ${isOneOf(dialect, sql`o.key`, keys)} ORDER BY o.id`,
  )
  return rows.map(([id, name]) => ({ id: dialect.idFrom(id), name }))
}

/** All Organizations, by ID, regardless of visibility. */
export async function allOrganizations(
  reads: Reads,
): Promise<{ readonly key: OrganizationKey; readonly id: string }[]> {
  const { organizations } = reads.dialect.tables
  const { key, id } = organizations
  return reads.build(b => b.select({ key, id }).from(organizations).orderBy(id))
}

export interface Locked extends Log<Session> {
  /** The highest sequence number ever assigned to an event. */
  readonly lastSequence: number
  /** The highest number ever assigned to a value. */
  readonly lastNumber: number
  readonly keptFrom: Instant | null
  readonly epoch: number
}

/**
 * Locks the row of an Organization until the transaction ends, so that its writers take turns: the holder of the lock
 * sees everything that was written before, and its own writes become visible before those of the next. Creates a
 * missing Organization. To avoid deadlocks, lock several in order of ID.
 */
export async function lockOrganization(session: Session, id: string): Promise<Locked> {
  const { keyIsId, intake } = session.dialect
  const [column, value] = keyIsId ? [sql`o.key`, id] : [sql`o.id`, encodeId(id)]
  for (let isMade = false; ; isMade = true) {
    const [row] = await session.rows<[OrganizationKey, number, number, Instant | null, number]>(
      sql`SELECT o.key, o.last_sequence, o.last_number, o.kept_from, o.epoch FROM organizations o
        WHERE ${column} = ${value} ${intake.forUpdate}`,
    )
    if (row !== undefined) {
      const [key, lastSequence, lastNumber, keptFrom, epoch] = row
      return { ...logOf(session, key, id), lastSequence, lastNumber, keptFrom, epoch }
    }
    if (isMade) throw new Error(`Organization ${id} is not there`)
    // SQLite replaces an INTEGER PRIMARY KEY that is null by the next number.
    await session.run(
      sql`INSERT INTO organizations (key, id) VALUES (${keyIsId ? id : null}, ${value}) ON CONFLICT DO NOTHING`,
    )
  }
}
