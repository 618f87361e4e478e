// The rights of a Scaleway principal in an Organization, from its directory: whether it is the Owner or locked, its
// groups, and the policies whose holder is the principal or one of its groups.

import type { DirectoryEntry, DirectoryKey } from '../principal.ts'
import { isKeepable } from '../text.ts'
import type { Membership } from '../viewer.ts'
import type { Log } from './database.ts'
import { ENTRY_COLUMNS, type EntryRow, entryOf } from './directory.ts'
import { sql } from './drizzle.ts'

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
  const entries = rows.map(row => entryOf(dialect, principal.organizationId, row))
  return membershipIn(entries, principal)
}

/**
 * `entries` must contain the principal's own entry, if it has one, and all groups and policies of the Organization.
 */
function membershipIn(
  entries: readonly DirectoryEntry[],
  { organizationId, id }: DirectoryKey,
): Membership | null {
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
