// Applies the committed migrations to a database, all pending ones or none, and recognizes one that was written by a
// newer version. Uses Drizzle's own journal table, so that drizzle-kit can read the database, too.

import type { UserError } from '../errors.ts'
import type { Database, Reads } from './database.ts'
import { loadMigrator, sql } from './drizzle.ts'

const JOURNAL = sql.raw('__drizzle_migrations')

/** Does not change the database. */
export async function migrationState(
  reads: Reads,
  folder?: string,
): Promise<'up to date' | 'behind' | 'newer'> {
  const newest = migrationsIn(reads, folder).at(-1)?.folderMillis ?? 0
  const at = await appliedUntil(reads)
  if (at === newest) return 'up to date'
  return at > newest ? 'newer' : 'behind'
}

/** Safe to run concurrently. Does not change a newer database. */
export async function migrate(db: Database, folder?: string): Promise<void> {
  if ((await migrationState(db, folder)) !== 'behind') return
  await db.transaction(
    async session => {
      await session.dialect.lockTables(session)
      // Another process may have migrated it meanwhile.
      const at = await appliedUntil(session)
      await session.run(
        sql`CREATE TABLE IF NOT EXISTS ${JOURNAL} (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint)`,
      )
      for (const { sql: statements, hash, folderMillis } of migrationsIn(session, folder)) {
        if (folderMillis <= at) continue
        for (const statement of statements) await session.run(sql.raw(statement))
        await session.run(
          sql`INSERT INTO ${JOURNAL} (hash, created_at) VALUES (${hash}, ${folderMillis})`,
        )
      }
    },
    { patient: true },
  )
}

/** Migrates the database if `mayMigrate`; throws if it is not up to date then. */
export async function bringUpToDate(
  db: Database,
  mayMigrate: boolean,
  refuse: (words: string) => UserError,
): Promise<void> {
  if (mayMigrate) await migrate(db)
  const state = await migrationState(db)
  if (state === 'behind') throw refuse('is not up to date; run: iam-logs migrate')
  if (state === 'newer') {
    throw refuse('was made by a newer version of iam-logs-gateway; use that version')
  }
}

function migrationsIn({ dialect }: Reads, folder = dialect.migrations) {
  return loadMigrator().readMigrationFiles({ migrationsFolder: folder })
}

/** The date of the last applied migration, in milliseconds; 0 for an empty database. */
async function appliedUntil(reads: Reads): Promise<number> {
  const isThere = reads.dialect.hasTable('__drizzle_migrations')
  const [journal] = await reads.rows<[boolean | number]>(sql`SELECT ${isThere}`)
  if (!journal?.[0]) return 0
  const [last] = await reads.rows<[number | null]>(sql`SELECT max(created_at) FROM ${JOURNAL}`)
  return last?.[0] ?? 0
}
