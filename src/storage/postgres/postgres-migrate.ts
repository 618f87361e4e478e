// Migrates a PostgreSQL database: runs all pending migrations in one transaction. Also detects a database that is not
// up to date, or was migrated by a newer version. The journal is Drizzle's own.

import { fileURLToPath } from 'node:url'
import type { Database, Reads } from '../database.ts'
import { loadMigrator, sql } from '../drizzle.ts'

const FOLDER = fileURLToPath(new URL('../../../drizzle/postgres', import.meta.url))

export type State = 'up to date' | 'behind' | 'newer'

export async function migrationState(reads: Reads, folder = FOLDER): Promise<State> {
  const newest = migrationFiles(folder).at(-1)?.folderMillis ?? 0
  const at = await appliedUntil(reads)
  if (at === newest) return 'up to date'
  return at > newest ? 'newer' : 'behind'
}

/** Safe to run concurrently. Does not change a newer database. */
export function migratePostgres(db: Pick<Database, 'transaction'>, folder = FOLDER): Promise<void> {
  return db.transaction(
    async session => {
      await session.run(
        sql`SELECT pg_advisory_xact_lock(hashtext('iam-logs migrations'), hashtext(current_schema()))`,
      )
      const at = await appliedUntil(session)
      await session.run(
        sql`CREATE TABLE IF NOT EXISTS __drizzle_migrations
          (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint)`,
      )
      for (const migration of migrationFiles(folder)) {
        if (migration.folderMillis <= at) continue
        for (const statement of migration.sql) await session.run(sql.raw(statement))
        await session.run(
          sql`INSERT INTO __drizzle_migrations (hash, created_at)
            VALUES (${migration.hash}, ${migration.folderMillis})`,
        )
      }
    },
    { patient: true },
  )
}

function migrationFiles(folder: string) {
  return loadMigrator().readMigrationFiles({ migrationsFolder: folder })
}

/** The date of the last applied migration, in milliseconds; 0 for an empty database. */
async function appliedUntil(reads: Reads): Promise<number> {
  const [journal] = await reads.rows<[boolean]>(
    sql`SELECT to_regclass('__drizzle_migrations') IS NOT NULL`,
  )
  if (journal?.[0] !== true) return 0
  const [last] = await reads.rows<[number | null]>(
    sql`SELECT max(created_at) FROM __drizzle_migrations`,
  )
  return last?.[0] ?? 0
}
