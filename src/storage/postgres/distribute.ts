// Distributes a database over the workers of a Citus cluster. All rows of an Organization are on one worker, which runs
// every statement that binds this Organization. Tokens, access grants, sessions and the migrations' journal stay on the
// coordinator. See docs/scale.md.

import type { Database, Reads } from '../database.ts'
import { sql } from '../drizzle.ts'
import { tablesByOrganization } from '../tables.ts'
import { retention } from './partitions.ts'
import { postgresTables } from './postgres-tables.ts'

/** The column by which each table is sharded. The monthly partitions of `events` are distributed with it. */
const KEYS: Readonly<Record<string, string>> = {
  organizations: 'key',
  event_ids: 'organization',
  ...Object.fromEntries(tablesByOrganization(postgresTables).map(table => [table, 'organization'])),
}

/** `impossible`: the server has no Citus. `otherwise`: tables are distributed, but not all of them, or differently. */
export type Distribution = 'impossible' | 'none' | 'distributed' | 'otherwise'

/** Reads only the coordinator's own tables, so it works while a worker does not respond. */
export async function distributionOf(reads: Reads): Promise<Distribution> {
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
export function distribute(db: Pick<Database, 'transaction'>, shards: number): Promise<void> {
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
