// Access tokens in PostgreSQL: a hash, an expiry and grants; never a secret.

import type { DirectoryKey } from '../../principal.ts'
import type { TokenStore } from '../../store.ts'
import { isKeepable } from '../../text.ts'
import type { AccessToken, Membership } from '../../viewer.ts'
import { firstRow, type PostgresDatabase } from './database.ts'
import { constant, sql } from './sql.ts'

type Row = [
  id: string,
  name: string | null,
  createdAt: number,
  expiresAt: number | null,
  grants: string,
]

const SELECT = constant('SELECT id, name, created_at, expires_at, grants FROM tokens')

/** `membershipOf` is what a Scaleway principal may do now. */
export function createPostgresTokens(
  db: PostgresDatabase,
  membershipOf: (principal: DirectoryKey) => Promise<Membership | null>,
): TokenStore {
  return {
    async create({ id, name, createdAt, expiresAt, grants }, hash) {
      await db.run(
        sql`INSERT INTO tokens (id, hash, name, created_at, expires_at, grants) VALUES
          (${id}, ${hash}, ${name}, ${createdAt}, ${expiresAt}, ${JSON.stringify(grants)})`,
      )
    },
    async find(hash) {
      const row = await firstRow<Row>(db, sql`${SELECT} WHERE hash = ${hash}`)
      if (row === null) return null
      const { id, name, grants, expiresAt } = tokenFrom(row)
      const memberships: Membership[] = []
      for (const grant of grants) {
        const membership =
          'principalId' in grant
            ? await membershipOf({ organizationId: grant.organizationId, id: grant.principalId })
            : grant
        if (membership !== null) memberships.push(membership)
      }
      return { viewer: { id, name, memberships }, expiresAt }
    },
    async list() {
      const rows = await db.rows<Row>(sql`${SELECT} ORDER BY created_at, id`)
      return rows.map(tokenFrom)
    },
    async revoke(id) {
      return isKeepable(id) && (await db.run(sql`DELETE FROM tokens WHERE id = ${id}`)) > 0
    },
  }
}

function tokenFrom([id, name, createdAt, expiresAt, grants]: Row): AccessToken {
  return { id, name, createdAt, expiresAt, grants: JSON.parse(grants) }
}
