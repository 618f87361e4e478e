// What `membershipIn` needs of the directory over SQLite.

import type { DirectoryKey } from '../../principal.ts'
import type { Membership } from '../../viewer.ts'
import { membershipIn } from '../rights.ts'
import type { SqliteDatabase } from './database.ts'
import { readEntries } from './directory.ts'

/** `null` for what is neither a user nor an application of the Organization, and for a locked user. */
export function readMembership(
  db: SqliteDatabase,
  organization: number,
  principal: DirectoryKey,
): Membership | null {
  const { organizationId, id } = principal
  const read = (wanted: Parameters<typeof readEntries>[3]) =>
    readEntries(db, organization, organizationId, wanted)
  const self = read({ id })
  if (self.length === 0) return null
  return membershipIn([...self, ...read({ kind: 'group' }), ...read({ kind: 'policy' })], principal)
}
