// Access tokens in SQLite: a hash, an expiry and memberships; never a secret.

import type { DirectoryKey } from '../../principal.ts'
import type { TokenStore } from '../../store.ts'
import type { AccessToken, Grant, Membership } from '../../viewer.ts'
import type { SqliteDatabase } from './database.ts'
import { keepSum } from './sums.ts'

type Row = [
  id: string,
  name: string | null,
  createdAt: number,
  expiresAt: number | null,
  grants: string,
]

const SELECT = 'SELECT id, name, created_at, expires_at, memberships FROM tokens'

/** `membershipOf` is what a Scaleway principal may do now. */
export function createSqliteTokens(
  db: SqliteDatabase,
  membershipOf: (principal: DirectoryKey) => Membership | null,
): TokenStore {
  function membership(grant: Grant): Membership | null {
    if (!('principalId' in grant)) return grant
    return membershipOf({ organizationId: grant.organizationId, id: grant.principalId })
  }

  return {
    create({ id, name, createdAt, expiresAt, grants }, hash) {
      const values = [id, Buffer.from(hash), name, createdAt, expiresAt, JSON.stringify(grants)]
      const text = `INSERT INTO tokens (id, hash, name, created_at, expires_at, memberships)
          VALUES (?, ?, ?, ?, ?, ?)`
      db.transaction(() => {
        db.run(text, ...values)
        keepSum(db, 'tokens')
      })
    },
    find(hash) {
      const row = db.row<Row>({ text: `${SELECT} WHERE hash = ?`, values: [Buffer.from(hash)] })
      if (row === null) return null
      const { id, name, grants, expiresAt } = tokenFrom(row)
      const memberships = grants.map(membership).filter(one => one !== null)
      return { viewer: { id, name, memberships }, expiresAt }
    },
    list() {
      return db.rows<Row>({ text: `${SELECT} ORDER BY created_at, id`, values: [] }).map(tokenFrom)
    },
    revoke(id) {
      return db.transaction(() => {
        const gone = db.run('DELETE FROM tokens WHERE id = ?', id) > 0
        if (gone) keepSum(db, 'tokens')
        return gone
      })
    },
  }
}

function tokenFrom([id, name, createdAt, expiresAt, grants]: Row): AccessToken {
  return { id, name, createdAt, expiresAt, grants: JSON.parse(grants) }
}
