// Checks a PostgreSQL server for `iam-logs doctor`: that it can be reached, is a primary, is migrated to this
// version, can be written, is durable and has enough connections, that its clock agrees with ours, and that its
// replicas keep up.

import { bytes, clockDiagnostic, type Diagnostic, fault, ok, warning } from '../../diagnostic.ts'
import { Unavailable } from '../../errors.ts'
import type { Reads } from '../database.ts'
import { shownAddress } from '../database-address.ts'
import { sql } from '../drizzle.ts'
import { migrationState } from '../migrate.ts'
import { wordsOf } from './driver.ts'
import { openPostgresDatabase } from './postgres-database.ts'
import { findServerFaults } from './postgres-open.ts'
import { faultOf, USUAL_CONNECTIONS } from './server.ts'

/** The replication lag to warn of, in seconds. */
const FAR_BEHIND = 60

/** The number of server processes, and the connections that each may have. */
export interface Connections {
  readonly processes: number
  readonly poolSize?: number
}

export async function inspectPostgres(
  address: string,
  replicas: readonly string[],
  connections: Connections,
): Promise<Diagnostic[]> {
  const found = await inspecting(address, 'database', (reads, shown) =>
    inspectPrimary(reads, shown, connections),
  )
  for (const replica of replicas) {
    found.push(...(await inspecting(replica, 'replica', inspectReplica)))
  }
  return found
}

async function inspecting(
  address: string,
  check: string,
  inspect: (reads: Reads, shown: string) => Promise<Diagnostic[]>,
): Promise<Diagnostic[]> {
  const shown = shownAddress(address)
  const wrong = faultOf(address)
  if (wrong !== null) {
    return [fault(check, `${shown} ${wrong}`, 'give one like postgres://user@host:5432/name')]
  }
  const db = openPostgresDatabase(address, [], { poolSize: 1 })
  try {
    return await inspect(db, shown)
  } catch (error) {
    const remedy =
      'check that the server runs, that the address is right and that this user may connect; set the password in PGPASSWORD'
    return [fault(check, `${shown}: ${wordsOf(error)}`, remedy)]
  } finally {
    await db.close()
  }
}

async function inspectPrimary(
  reads: Reads,
  shown: string,
  connections: Connections,
): Promise<Diagnostic[]> {
  const [row] = await reads.rows<[version: string, size: number]>(
    sql`SELECT current_setting('server_version'), pg_database_size(current_database())`,
  )
  const [version = '', size = 0] = row ?? []
  const found = [ok('database', `${shown}, ${bytes(size)}, PostgreSQL ${version}`)]
  const faults = (await findServerFaults(reads)).map(({ check, words, remedy }) =>
    fault(check, `it ${words}`, remedy),
  )
  if (faults.some(({ check }) => check !== 'durable')) return [...found, ...faults]
  const state = await migrationState(reads)
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
    await contents(reads),
    await writable(reads),
    ...(faults.length > 0 ? faults : [ok('durable', 'committed data survives a power failure')]),
    await enough(reads, connections),
    await clock(reads),
  ]
}

async function contents(reads: Reads): Promise<Diagnostic> {
  try {
    const [row] = await reads.rows<[number]>(sql`SELECT count(*) FROM organizations`)
    const many = `${(row?.[0] ?? 0).toLocaleString('en')} Organizations`
    return ok('contents', `${many}; iam-logs verify checks all tables`)
  } catch (error) {
    // A worker of a distributed database does not respond.
    if (!(error instanceof Unavailable)) throw error
    const remedy = 'start that server again; Organizations on other servers remain available'
    return fault('contents', error.message, remedy)
  }
}

async function writable(reads: Reads): Promise<Diagnostic> {
  const [row] = await reads.rows<[boolean]>(
    sql`SELECT has_table_privilege('events', 'INSERT') AND has_table_privilege('directory', 'DELETE')
      AND has_table_privilege('tokens', 'UPDATE')`,
  )
  const remedy = 'make this user the owner of the tables'
  return row?.[0] === true
    ? ok('writable', 'yes')
    : fault('writable', 'this user may not write the tables', remedy)
}

/** Compares with the lowest of the limits of the server (without reserved connections), the user and the database. */
async function enough(
  reads: Reads,
  { processes, poolSize = USUAL_CONNECTIONS }: Connections,
): Promise<Diagnostic> {
  const [row] = await reads.rows<[number]>(
    sql`SELECT least(current_setting('max_connections')::int
          - current_setting('superuser_reserved_connections')::int
          - coalesce(current_setting('reserved_connections', true)::int, 0),
        (SELECT nullif(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user),
        (SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database()))`,
  )
  const most = row?.[0] ?? 0
  // Each process has one more connection, which listens.
  const wanted = processes * (poolSize + 1)
  const found = `up to ${wanted} for ${processes} ${processes === 1 ? 'process' : 'processes'}, of ${most}`
  if (wanted <= most) return ok('connections', found)
  const each = Math.floor(most / processes) - 1
  const remedy =
    each >= 1
      ? `set IAM_LOGS_POSTGRES_CONNECTIONS=${each} or less, or raise max_connections`
      : 'set fewer IAM_LOGS_WORKERS, or raise max_connections'
  return warning('connections', `${found}: queries wait for a connection`, remedy)
}

async function clock(reads: Reads): Promise<Diagnostic> {
  const before = Date.now()
  const [row] = await reads.rows<[number]>(
    sql`SELECT extract(epoch FROM clock_timestamp())::float8`,
  )
  return clockDiagnostic('PostgreSQL', (row?.[0] ?? 0) * 1000, before, Date.now())
}

async function inspectReplica(reads: Reads, shown: string): Promise<Diagnostic[]> {
  const [row] = await reads.rows<[boolean, number | null]>(
    sql`SELECT pg_is_in_recovery(), CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
      ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8 END`,
  )
  const [isReplica, behind] = row ?? []
  if (isReplica !== true) {
    const remedy = 'remove it from IAM_LOGS_REPLICAS'
    return [warning('replica', `${shown} is not a replica`, remedy)]
  }
  const seconds = behind ?? 0
  const found = `${shown}, ${seconds.toFixed(1)} s behind`
  const remedy = 'check its network and load; remove it from IAM_LOGS_REPLICAS while it is slow'
  return [seconds > FAR_BEHIND ? warning('replica', found, remedy) : ok('replica', found)]
}
