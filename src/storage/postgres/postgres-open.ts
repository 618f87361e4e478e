// Opens a PostgreSQL database. Throws a `UserError` of one line, without the password, if the database cannot be
// reached, is not a primary, is not up to date, was made by a newer version, or is otherwise unsuitable.

import type { UserError } from '../../errors.ts'
import { now } from '../../instant.ts'
import type { Reads } from '../database.ts'
import { sql } from '../drizzle.ts'
import { bringUpToDate } from '../migrate.ts'
import { distribute, distributionOf } from './distribute.ts'
import { MONTHS_AHEAD } from './partitions.ts'
import {
  openPostgresDatabase,
  type PostgresConnection,
  type PostgresDatabase,
} from './postgres-database.ts'
import { DatabaseUnavailable } from './postgres-failures.ts'
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
): Promise<PostgresDatabase> {
  const { replicas = [] } = options
  const fault = faultOf(address)
  if (fault !== null) throw refuse(fault)
  const replicaFault = replicas.map(faultOf).find(fault => fault !== null)
  if (replicaFault != null) throw refuse(`has an address in IAM_LOGS_REPLICAS that ${replicaFault}`)
  const db = openPostgresDatabase(address, replicas, options)
  try {
    await checkServer(db, options.unsafe === true, refuse)
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
    if (options.migrate === true) await db.makeAhead(now(), MONTHS_AHEAD)
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

async function checkServer(
  reads: Reads,
  unsafe: boolean,
  refuse: (words: string) => UserError,
): Promise<void> {
  const [row] = await reads.rows<
    [
      version: number,
      encoding: string,
      schema: string | null,
      isReplica: boolean,
      readOnly: string,
      isOff: string[],
    ]
  >(
    sql`SELECT current_setting('server_version_num')::int, current_setting('server_encoding'),
      current_schema(), pg_is_in_recovery(), current_setting('transaction_read_only'),
      ARRAY(SELECT name FROM unnest(${sql.param(UNSAFE_OFF)}::text[]) AS name
        WHERE current_setting(name) = 'off')`,
  )
  const [version = 0, encoding = '', schema = null, isReplica = false, readOnly, isOff = []] =
    row ?? []
  const major = Math.floor(version / 10_000)
  if (major < OLDEST_VERSION) {
    throw refuse(`is PostgreSQL ${major}; use PostgreSQL ${OLDEST_VERSION} or newer`)
  }
  if (encoding !== 'UTF8') {
    throw refuse(`has the encoding ${encoding}; create one with: createdb --encoding=UTF8 NAME`)
  }
  if (schema === null) throw refuse('has none of the schemas in its search_path; create one first')
  if (isReplica) {
    throw refuse('is a replica; give the address of the primary, and this one as IAM_LOGS_REPLICAS')
  }
  if (readOnly === 'on') {
    throw refuse(
      'is read-only (default_transaction_read_only is on); use a user and a database that can be written',
    )
  }
  if (isOff.length > 0 && !unsafe) {
    throw refuse(
      `may lose committed data: ${isOff.join(' and ')} ${isOff.length > 1 ? 'are' : 'is'} off; turn it on, or set IAM_LOGS_UNSAFE_DATABASE=yes`,
    )
  }
}
