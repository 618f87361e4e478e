// Stored access tokens: hash, expiry and grants, never the secret.

import type { DirectoryKey } from '../principal.ts'
import type { TokenStore } from '../store.ts'
import { isKeepable } from '../text.ts'
import type { AccessToken, Grant, Membership } from '../viewer.ts'
import type { Database } from './database.ts'
import { asc, eq, sql } from './drizzle.ts'

/** `membershipOf` returns the current rights of a Scaleway principal. */
export function createTokens(
  db: Database,
  membershipOf: (principal: DirectoryKey) => Promise<Membership | null>,
): TokenStore {
  const { tokens } = db.dialect.tables
  const { id, name, createdAt, expiresAt, grants } = tokens
  const columns = { id, name, createdAt, expiresAt, grants }

  async function membership(grant: Grant): Promise<Membership | null> {
    if (!('principalId' in grant)) return grant
    return membershipOf({ organizationId: grant.organizationId, id: grant.principalId })
  }

  return {
    async create(token, hash) {
      const row = { ...token, grants: JSON.stringify(token.grants), hash: Buffer.from(hash) }
      await db.transaction(({ build }) => build(b => b.insert(tokens).values(row)))
    },

    async find(hash) {
      // Runs for each request, so it is compiled once.
      const [row] = await db.prepared<
        [id: string, name: string | null, expiresAt: number | null, grants: string]
      >(
        'token by hash',
        () => sql`SELECT t.id, t.name, t.expires_at, t.grants FROM tokens t
          WHERE t.hash = ${sql.placeholder('hash')}`,
        { hash: Buffer.from(hash) },
      )
      if (row === undefined) return null
      const [id, name, expiresAt, grants] = row
      const memberships: Membership[] = []
      for (const grant of JSON.parse(grants) as Grant[]) {
        const one = await membership(grant)
        if (one !== null) memberships.push(one)
      }
      const account = Buffer.from(hash).toString('hex')
      return { viewer: { id, name, account, memberships }, expiresAt }
    },

    async list() {
      const order = [asc(createdAt), asc(id)]
      const rows = await db.build(b =>
        b
          .select(columns)
          .from(tokens)
          .orderBy(...order),
      )
      return rows.map(tokenFrom)
    },

    async revoke(given) {
      if (!isKeepable(given)) return false
      const gone = await db.transaction(({ build }) =>
        build(b => b.delete(tokens).where(eq(id, given)).returning({ id })),
      )
      return gone.length > 0
    },
  }
}

function tokenFrom(row: Omit<AccessToken, 'grants'> & { readonly grants: string }): AccessToken {
  return { ...row, grants: JSON.parse(row.grants) }
}
