// From the address of a PostgreSQL server to the store behind it. Refuses, in one line without the password,
// what cannot be reached, is no primary, is not up to date, or is too new.

import { quoted, Refusal } from '../../errors.ts'
import type { AuditStore } from '../../store.ts'
import type { StatementHook } from '../statement.ts'
import { firstRow, type PostgresDatabase } from './database.ts'
import { migratePostgres, migrationState } from './migrate.ts'
import { connectPostgres, DatabaseUnavailable, isAddress } from './server.ts'
import { sql } from './sql.ts'
import { createPostgresStore, type PostgresStoreOptions } from './store.ts'
import { watchedDatabase } from './watched.ts'

export interface PostgresOptions extends PostgresStoreOptions {
  /** Addresses of replicas that may answer what people wait for. */
  readonly replicas?: readonly string[]
  /** Bring the database up to date, instead of refusing one that is not. */
  readonly migrate?: boolean
  readonly onStatement?: StatementHook
}

const OLDEST_VERSION = 14

/** `shown` is the address as it may be told. */
export async function openPostgresStore(
  address: string,
  shown: string,
  options: PostgresOptions,
): Promise<AuditStore> {
  const refuse = (words: string) =>
    new Refusal('BAD_USER_INPUT', `database ${quoted(shown)} ${words}`)
  const { replicas = [] } = options
  if (!isAddress(address)) {
    throw refuse(
      'is no address of a PostgreSQL server; give one like postgres://user@host:5432/name',
    )
  }
  if (!replicas.every(isAddress)) {
    throw refuse(
      'has a replica whose address is none; give IAM_LOGS_REPLICAS like postgres://user@host:5432/name',
    )
  }
  const db = connectPostgres(address, replicas)
  try {
    await checkServer(db, refuse)
    if (options.migrate === true) await migratePostgres(db)
    const state = await migrationState(db)
    if (state === 'newer') {
      throw refuse('was made by a newer version of iam-logs-gateway; use that version')
    }
    if (state === 'behind') throw refuse('is not up to date; run: iam-logs migrate')
    const { onStatement } = options
    return await createPostgresStore(onStatement ? watchedDatabase(db, onStatement) : db, options)
  } catch (error) {
    await db.close()
    if (error instanceof DatabaseUnavailable) {
      throw refuse(`cannot be opened: ${error.message}; is the address right, and does it run?`)
    }
    if (error instanceof Error && 'severity' in error) {
      throw refuse(`cannot be opened: PostgreSQL says: ${error.message}`)
    }
    throw error
  }
}

async function checkServer(
  db: PostgresDatabase,
  refuse: (words: string) => Refusal,
): Promise<void> {
  const row = await firstRow<
    [version: number, encoding: string, schema: string | null, isReplica: boolean]
  >(
    db,
    sql`SELECT current_setting('server_version_num')::int, current_setting('server_encoding'),
      current_schema(), pg_is_in_recovery()`,
  )
  const [version = 0, encoding = '', schema = null, isReplica = false] = row ?? []
  const major = Math.floor(version / 10_000)
  if (major < OLDEST_VERSION) {
    throw refuse(`is PostgreSQL ${major}; use PostgreSQL ${OLDEST_VERSION} or newer`)
  }
  if (encoding !== 'UTF8') {
    throw refuse(`keeps text as ${encoding}; make one with: createdb --encoding=UTF8 NAME`)
  }
  if (schema === null) throw refuse('has none of the schemas in its search_path; make one first')
  if (isReplica) {
    throw refuse('is a replica; give the address of the primary, and this one as IAM_LOGS_REPLICAS')
  }
}
