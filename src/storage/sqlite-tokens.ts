// Access tokens in SQLite: a hash, an expiry and memberships; never a secret.

import type { TokenStore } from '../store.ts'
import type { AccessToken } from '../viewer.ts'
import type { SqliteDatabase } from './sqlite-database.ts'

type Row = [
  id: string,
  name: string | null,
  createdAt: number,
  expiresAt: number | null,
  memberships: string,
]

const SELECT = 'SELECT id, name, created_at, expires_at, memberships FROM tokens'

export function createSqliteTokens(db: SqliteDatabase): TokenStore {
  return {
    create({ id, name, createdAt, expiresAt, memberships }, hash) {
      db.run(
        `INSERT INTO tokens (id, hash, name, created_at, expires_at, memberships)
          VALUES (?, ?, ?, ?, ?, ?)`,
        ...[id, Buffer.from(hash), name, createdAt, expiresAt, JSON.stringify(memberships)],
      )
    },
    find(hash) {
      const row = db.row<Row>({ text: `${SELECT} WHERE hash = ?`, values: [Buffer.from(hash)] })
      return row === null ? null : tokenFrom(row)
    },
    list() {
      return db.rows<Row>({ text: `${SELECT} ORDER BY created_at, id`, values: [] }).map(tokenFrom)
    },
    revoke(id) {
      return db.run('DELETE FROM tokens WHERE id = ?', id) > 0
    },
  }
}

function tokenFrom([id, name, createdAt, expiresAt, memberships]: Row): AccessToken {
  return { id, name, createdAt, expiresAt, memberships: JSON.parse(memberships) }
}
