// What a Scaleway principal may do in an Organization, from the directory over SQLite: its own standing, its
// groups, and the policies that name it or one of them.

import type { DirectoryKey, Group, Policy } from '../principal.ts'
import type { Membership } from '../viewer.ts'
import type { SqliteDatabase } from './sqlite-database.ts'
import { readEntries } from './sqlite-directory.ts'

/** `null` for what is neither a user nor an application of the Organization, and for a locked user. */
export function readMembership(
  db: SqliteDatabase,
  organization: number,
  { organizationId, id }: DirectoryKey,
): Membership | null {
  const [self] = readEntries(db, organization, organizationId, { id })
  if (self?.kind !== 'user' && self?.kind !== 'application') return null
  if (self.kind === 'user' && self.locked === true) return null
  const groups = readEntries(db, organization, organizationId, { kind: 'group' })
    .filter((entry): entry is Group => entry.kind === 'group')
    .filter(group =>
      self.kind === 'user'
        ? group.allUsers || group.userIds.includes(id)
        : group.allApplications || group.applicationIds.includes(id),
    )
  const holders = new Set([id, ...groups.map(group => group.id)])
  const granted = readEntries(db, organization, organizationId, { kind: 'policy' })
    .filter((entry): entry is Policy => entry.kind === 'policy')
    .filter(({ holder }) => holder !== null && holders.has(holder.id))
    .flatMap(({ permissionSets }) => permissionSets ?? [])
  return {
    organizationId,
    owner: self.kind === 'user' && self.type === 'owner',
    permissionSets: [...new Set(granted)].sort(),
  }
}
