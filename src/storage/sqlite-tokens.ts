// Access tokens in SQLite: a hash, an expiry and memberships; never a secret.

import { eq, sql } from 'drizzle-orm'
import type { TokenStore } from '../store.ts'
import type { AccessToken } from '../viewer.ts'
import type { SqliteDatabase } from './sqlite-database.ts'
import { tokens } from './sqlite-tables.ts'

export function createSqliteTokens(db: SqliteDatabase): TokenStore {
  const byHash = db.orm
    .select()
    .from(tokens)
    .where(eq(tokens.hash, sql.placeholder('hash')))
    .prepare()

  return {
    create({ memberships, ...token }, hash) {
      db.orm
        .insert(tokens)
        .values({ ...token, hash: Buffer.from(hash), memberships: JSON.stringify(memberships) })
        .run()
    },
    find(hash) {
      const row = byHash.get({ hash: Buffer.from(hash) })
      return row === undefined ? null : tokenFrom(row)
    },
    list() {
      return db.orm.select().from(tokens).orderBy(tokens.createdAt, tokens.id).all().map(tokenFrom)
    },
    revoke(id) {
      return db.orm.delete(tokens).where(eq(tokens.id, id)).run().changes > 0
    },
  }
}

function tokenFrom(row: typeof tokens.$inferSelect): AccessToken {
  const { id, name, createdAt, expiresAt, memberships } = row
  return { id, name, createdAt, expiresAt, memberships: JSON.parse(memberships) }
}
