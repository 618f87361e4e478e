// What a Scaleway principal may do in an Organization, from its directory: its own standing, its groups, and the policies
// that name it or one of them.

import type { DirectoryEntry, DirectoryKey } from '../principal.ts'
import { isKeepable } from '../text.ts'
import type { Membership } from '../viewer.ts'
import type { Log } from './database.ts'
import { ENTRY_COLUMNS, type EntryRow, entryOf } from './directory.ts'
import { sql } from './drizzle.ts'

/** `null` for what is neither a user nor an application of the Organization, and for a locked user. */
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

/** `entries` hold at least the principal's own and all groups and policies of the Organization. */
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
