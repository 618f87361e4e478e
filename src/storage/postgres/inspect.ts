// Looks whether a PostgreSQL server works as a database for logs: that it is reached, is a primary of this version,
// may be written, keeps what it acknowledged, and that its replicas follow.

import { bytes, clockFinding, type Finding, fault, ok, warning } from '../../finding.ts'
import { shownAddress } from '../address.ts'
import { firstRow, type PostgresDatabase, type Reads } from './database.ts'
import { migrationState } from './migrate.ts'
import { connectPostgres, faultOf } from './server.ts'
import { sql } from './sql.ts'

/** Seconds a replica may be behind. */
const FAR_BEHIND = 60

export async function inspectPostgres(
  address: string,
  replicas: readonly string[],
): Promise<Finding[]> {
  const found = await inspecting(address, 'database', inspectPrimary)
  for (const replica of replicas) {
    found.push(...(await inspecting(replica, 'replica', inspectReplica)))
  }
  return found
}

async function inspecting(
  address: string,
  check: string,
  look: (db: PostgresDatabase, shown: string) => Promise<Finding[]>,
): Promise<Finding[]> {
  const shown = shownAddress(address)
  const wrong = faultOf(address)
  if (wrong !== null) {
    return [fault(check, `${shown} ${wrong}`, 'give one like postgres://user@host:5432/name')]
  }
  const db = connectPostgres(address, [])
  try {
    return await look(db, shown)
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    return [
      fault(
        check,
        `${shown}: ${words.replace(/\s*\n\s*/g, ' ')}`,
        'does it run, is the address right, and may this user connect? The password: PGPASSWORD',
      ),
    ]
  } finally {
    await db.close()
  }
}

async function inspectPrimary(db: PostgresDatabase, shown: string): Promise<Finding[]> {
  const [version = '', encoding = '', isReplica = false, size = 0] =
    (await firstRow<[string, string, boolean, number]>(
      db,
      sql`SELECT current_setting('server_version'), current_setting('server_encoding'),
        pg_is_in_recovery(), pg_database_size(current_database())`,
    )) ?? []
  const found = [ok('database', `${shown}, ${bytes(size)}, PostgreSQL ${version}`)]
  if (encoding !== 'UTF8') {
    const remedy = 'make one with: createdb --encoding=UTF8 NAME'
    return [...found, fault('encoding', encoding, remedy)]
  }
  if (isReplica) {
    const remedy = 'give the address of the primary, and this one as IAM_LOGS_REPLICAS'
    return [...found, fault('writable', 'it is a replica', remedy)]
  }
  const state = await migrationState(db)
  if (state === 'newer') {
    const remedy = 'use the version that made it, or a newer one'
    return [...found, fault('migrations', 'made by a newer version of iam-logs-gateway', remedy)]
  }
  if (state === 'behind') {
    return [...found, fault('migrations', 'not up to date', 'run: iam-logs migrate')]
  }
  return [
    ...found,
    ok('migrations', 'up to date'),
    await contents(db),
    await writable(db),
    await durable(db),
    await clock(db),
  ]
}

async function contents(db: Reads): Promise<Finding> {
  const [organizations = 0] =
    (await firstRow<[number]>(db, sql`SELECT count(*) FROM organizations`)) ?? []
  const many = `${organizations.toLocaleString('en')} Organizations`
  return ok('contents', `${many}; iam-logs verify reads all`)
}

async function writable(db: Reads): Promise<Finding> {
  const [readOnly, may] =
    (await firstRow<[string, boolean]>(
      db,
      sql`SELECT current_setting('transaction_read_only'), has_table_privilege('events', 'INSERT')
        AND has_table_privilege('directory', 'DELETE') AND has_table_privilege('tokens', 'UPDATE')`,
    )) ?? []
  if (readOnly === 'on') {
    const remedy = 'set default_transaction_read_only = off for this user'
    return fault('writable', 'transactions are read-only', remedy)
  }
  return may === true
    ? ok('writable', 'yes')
    : fault('writable', 'this user may not write the tables', 'make it their owner')
}

async function durable(db: Reads): Promise<Finding> {
  const settings = ['fsync', 'full_page_writes', 'synchronous_commit']
  const off = (
    await db.rows<[string]>(
      sql`SELECT name FROM pg_settings WHERE name = ANY(${settings}::text[]) AND setting = 'off'`,
    )
  ).map(([name]) => name)
  return off.length === 0
    ? ok('durable', 'what is acknowledged survives a power cut')
    : fault('durable', `${off.join(' and ')} is off`, 'turn it on in postgresql.conf')
}

async function clock(db: Reads): Promise<Finding> {
  const before = Date.now()
  const [seconds = 0] =
    (await firstRow<[number]>(db, sql`SELECT extract(epoch FROM clock_timestamp())::float8`)) ?? []
  return clockFinding('PostgreSQL', seconds * 1000, before, Date.now())
}

async function inspectReplica(db: PostgresDatabase, shown: string): Promise<Finding[]> {
  const [isReplica, behind] =
    (await firstRow<[boolean, number | null]>(
      db,
      sql`SELECT pg_is_in_recovery(), CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
        ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8 END`,
    )) ?? []
  if (isReplica !== true) {
    const remedy = 'leave it out of IAM_LOGS_REPLICAS'
    return [warning('replica', `${shown} is no replica`, remedy)]
  }
  const seconds = behind ?? 0
  const found = `${shown}, ${seconds.toFixed(1)} s behind`
  const remedy = 'look at its network and its load; while it is slow, leave it out'
  return [seconds > FAR_BEHIND ? warning('replica', found, remedy) : ok('replica', found)]
}
