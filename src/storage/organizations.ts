// The known Organizations, and the key by which rows refer to each.

import type { Organization } from '../organization.ts'
import type { AccessScope, Visibility } from '../visibility.ts'
import { isStoredAsBytes } from './codec.ts'
import {
  type Database,
  type Dialect,
  type Log,
  logOf,
  type OrganizationKey,
  type Reads,
} from './database.ts'
import { type SQL, sql } from './drizzle.ts'

/** The Organizations a viewer may see, by key. */
export type VisibleOrganizations = ReadonlyMap<
  OrganizationKey,
  { readonly id: string; readonly scope: AccessScope }
>

export interface Organizations {
  /** The keys of these Organizations, by ID; Organizations that cannot have rows are missing. */
  find(reads: Reads, ids: Iterable<string>): Promise<Map<string, OrganizationKey>>
}

/** An Organization's log, and what one viewer may see of it. */
export interface VisibleLog extends Log {
  readonly scope: AccessScope
}

export interface VisibleLogParts {
  readonly db: Reads
  readonly organizations: Organizations
  readonly visibility: Visibility
}

/** The log is read through `reads`; `null` for an Organization that is hidden or has no key. */
export async function visibleLog(
  { db, organizations, visibility }: VisibleLogParts,
  id: string,
  reads: Reads = db,
): Promise<VisibleLog | null> {
  const scope = visibility.organizations.get(id)
  if (scope === undefined) return null
  const key = (await organizations.find(db, [id])).get(id)
  return key === undefined ? null : { ...logOf(reads, key, id), scope }
}

/** Caches the keys it has found, because keys never change. */
export function createOrganizations({ dialect }: Pick<Database, 'dialect'>): Organizations {
  const known = new Map<string, OrganizationKey>()
  return {
    async find(reads, ids) {
      const wanted = [...new Set(ids)].filter(isStoredAsBytes)
      if (dialect.keyIsId) return new Map(wanted.map(id => [id, id]))
      const missing = wanted.filter(id => !known.has(id))
      if (missing.length > 0) {
        const { organizations } = dialect.tables
        const { key, id } = organizations
        const which = dialect.idIn(sql`${id}`, missing)
        const rows = await reads.build(b => b.select({ key, id }).from(organizations).where(which))
        for (const row of rows) known.set(row.id, row.key)
      }
      const found = new Map<string, OrganizationKey>()
      for (const id of wanted) {
        const key = known.get(id)
        if (key !== undefined) found.set(id, key)
      }
      return found
    },
  }
}

/**
 * A single Organization, the usual case, is compared by `=`, so that a distributed PostgreSQL queries only its shard.
 */
export function isOneOf(
  { organizationIn }: Pick<Dialect, 'organizationIn'>,
  column: SQL,
  keys: readonly OrganizationKey[],
): SQL {
  return keys.length === 1 ? sql`${column} = ${keys[0]}` : organizationIn(column, keys)
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
