// Opens a PostgreSQL database. Throws a `UserError` of one line, without the password, if the database cannot be
// reached, is not a primary, is not up to date, was made by a newer version, or is otherwise unsuitable.

import type { UserError } from '../../errors.ts'
import { now } from '../../instant.ts'
import type { Database, Reads } from '../database.ts'
import { sql } from '../drizzle.ts'
import { bringUpToDate } from '../migrate.ts'
import { tablesByOrganization } from '../tables.ts'
import { DatabaseUnavailable } from './driver.ts'
import { retention } from './partitions.ts'
import { openPostgresDatabase, type PostgresConnection } from './postgres-database.ts'
import { postgresTables } from './postgres-tables.ts'
import { faultOf } from './server.ts'

export interface PostgresOptions extends PostgresConnection {
  /** Addresses of replicas that may answer reads; see `Database.recent`. */
  readonly replicas?: readonly string[]
  /** Accept a server that may lose acknowledged writes in a crash. */
  readonly unsafe?: boolean
  /** Migrate the database, instead of refusing one that is not up to date. */
  readonly migrate?: boolean
  /**
   * With `migrate`: the number of shards to distribute the database over in a Citus cluster, if it is not distributed
   * yet.
   */
  readonly distribute?: number | null
}

const OLDEST_VERSION = 14

const USUAL_ADVICE = 'check the address, and that the server runs'

const NAME_ROOT = 'name the root certificate to trust: ?sslmode=verify-full&sslrootcert=FILE'

/** By SQLSTATE, or by the error code of Node's TLS. */
const ADVICE: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: NAME_ROOT,
  SELF_SIGNED_CERT_IN_CHAIN: NAME_ROOT,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: NAME_ROOT,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: NAME_ROOT,
  ERR_TLS_CERT_ALTNAME_INVALID: 'use the host name of its certificate',
  '28P01': 'check the password',
  '28000': 'check that pg_hba.conf allows this user to connect from here',
  '3D000': 'create it first: createdb --encoding=UTF8 NAME',
  '53300':
    'wait until other connections are closed, raise max_connections, or lower IAM_LOGS_POSTGRES_CONNECTIONS',
}

/** Settings without which a crash loses or corrupts committed data. */
const UNSAFE_OFF = ['fsync', 'full_page_writes', 'synchronous_commit']

/** `refuse` makes an error of what is wrong with the database. */
export async function openPostgres(
  address: string,
  options: PostgresOptions,
  refuse: (words: string) => UserError,
): Promise<Database> {
  const { replicas = [] } = options
  const fault = faultOf(address)
  if (fault !== null) throw refuse(fault)
  const replicaFault = replicas.map(faultOf).find(fault => fault !== null)
  if (replicaFault != null) throw refuse(`has an address in IAM_LOGS_REPLICAS that ${replicaFault}`)
  const db = openPostgresDatabase(address, replicas, options)
  try {
    const faults = await findServerFaults(db)
    const [wrong] = faults.filter(({ check }) => check !== 'durable' || options.unsafe !== true)
    if (wrong !== undefined) throw refuse(`${wrong.words}; ${wrong.remedy}`)
    await bringUpToDate(db, options.migrate === true, refuse)
    const distribution = await distributionOf(db)
    if (distribution === 'otherwise') {
      throw refuse(
        'is distributed, but not by: iam-logs migrate --distributed; undo that, or give another database',
      )
    }
    if (options.distribute != null) {
      if (distribution === 'impossible') {
        throw refuse(
          'cannot be distributed: Citus is not installed; run there: CREATE EXTENSION citus',
        )
      }
      await distribute(db, options.distribute)
    }
    // Creates the partitions of the coming months.
    if (options.migrate === true) await db.transaction(() => db.dialect.intake.prepareFor([now()]))
    return db
  } catch (error) {
    await db.close()
    if (error instanceof DatabaseUnavailable) {
      throw refuse(`cannot be opened: ${error.message}; ${ADVICE[error.code] ?? USUAL_ADVICE}`)
    }
    if (error instanceof Error && 'severity' in error) {
      throw refuse(`cannot be opened: PostgreSQL says: ${error.message}`)
    }
    throw error
  }
}

/** What makes a server unsuitable, and what to do instead. */
export interface ServerFault {
  /** The name of the check for `iam-logs doctor`. */
  readonly check: 'version' | 'encoding' | 'schema' | 'writable' | 'durable'
  readonly words: string
  readonly remedy: string
}

export async function findServerFaults(reads: Reads): Promise<ServerFault[]> {
  const [row] = await reads.rows<
    [version: number, encoding: string, schema: string | null, boolean, string, off: string[]]
  >(
    sql`SELECT current_setting('server_version_num')::int, current_setting('server_encoding'),
      current_schema(), pg_is_in_recovery(), current_setting('transaction_read_only'),
      ARRAY(SELECT name FROM unnest(${sql.param(UNSAFE_OFF)}::text[]) AS name
        WHERE current_setting(name) = 'off')`,
  )
  const [version = 0, encoding = '', schema = null, isReplica = false, readOnly, off = []] =
    row ?? []
  const major = Math.floor(version / 10_000)
  const faults: ServerFault[] = []
  const add = (check: ServerFault['check'], words: string, remedy: string) => {
    faults.push({ check, words, remedy })
  }
  if (major < OLDEST_VERSION) {
    add('version', `is PostgreSQL ${major}`, `use PostgreSQL ${OLDEST_VERSION} or newer`)
  }
  if (encoding !== 'UTF8') {
    add(
      'encoding',
      `has the encoding ${encoding}`,
      'create one with: createdb --encoding=UTF8 NAME',
    )
  }
  if (schema === null) {
    add('schema', 'has none of the schemas in its search_path', 'create one first')
  }
  if (isReplica) {
    const remedy = 'give the address of the primary, and this one as IAM_LOGS_REPLICAS'
    add('writable', 'is a replica', remedy)
  } else if (readOnly === 'on') {
    const remedy = 'use a user and a database that can be written'
    add('writable', 'is read-only (default_transaction_read_only is on)', remedy)
  }
  if (off.length > 0) {
    const words = `may lose committed data: ${off.join(' and ')} ${off.length > 1 ? 'are' : 'is'} off`
    add('durable', words, 'turn it on, or set IAM_LOGS_UNSAFE_DATABASE=yes')
  }
  return faults
}

/** The column by which each table is sharded. The monthly partitions of `events` are distributed with it. */
const KEYS: Readonly<Record<string, string>> = {
  organizations: 'key',
  event_ids: 'organization',
  ...Object.fromEntries(tablesByOrganization(postgresTables).map(table => [table, 'organization'])),
}

/** `impossible`: the server has no Citus. `otherwise`: tables are distributed, but not all of them, or differently. */
type Distribution = 'impossible' | 'none' | 'distributed' | 'otherwise'

/** Reads only the coordinator's own tables, so it works while a worker does not respond. */
async function distributionOf(reads: Reads): Promise<Distribution> {
  const [there] = await reads.rows<[boolean]>(
    sql`SELECT to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL`,
  )
  if (there?.[0] !== true) return 'impossible'
  const rows = await reads.rows<[table: string, method: string, key: string | null, group: number]>(
    sql`SELECT c.relname::text, p.partmethod::text, column_to_column_name(p.logicalrelid, p.partkey), p.colocationid
      FROM pg_dist_partition p JOIN pg_class c ON c.oid = p.logicalrelid
      WHERE c.relnamespace = current_schema()::regnamespace AND NOT c.relispartition AND p.partkey IS NOT NULL`,
  )
  if (rows.length === 0) return 'none'
  const groups = new Set(rows.map(([, , , group]) => group))
  const isOurs =
    rows.length === Object.keys(KEYS).length &&
    groups.size === 1 &&
    rows.every(([table, method, key]) => method === 'h' && KEYS[table] === key)
  return isOurs ? 'distributed' : 'otherwise'
}

/**
 * Distributes a migrated database in one transaction, which blocks writes while it copies all rows. Does nothing if
 * it is already distributed.
 */
function distribute(db: Pick<Database, 'transaction'>, shards: number): Promise<void> {
  return db.transaction(
    async session => {
      await retention.stopIntake(session)
      if ((await distributionOf(session)) !== 'none') return
      // Sequentially, because a transaction that has locked a table cannot write to it over several connections.
      await session.run(sql`SET LOCAL citus.multi_shard_modify_mode = 'sequential'`)
      for (const [table, key] of Object.entries(KEYS)) {
        await session.rows(
          table === 'organizations'
            ? sql`SELECT create_distributed_table(${table}::regclass, ${key}, shard_count => ${shards}::int, colocate_with => 'none')`
            : sql`SELECT create_distributed_table(${table}::regclass, ${key}, colocate_with => 'organizations')`,
        )
      }
      for (const table of Object.keys(KEYS)) {
        await session.rows(
          sql`SELECT truncate_local_data_after_distributing_table(${table}::regclass)`,
        )
      }
    },
    { patient: true },
  )
}
