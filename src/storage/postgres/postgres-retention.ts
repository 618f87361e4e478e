// Deletes old events from PostgreSQL, one month of all Organizations at a time: first the IDs, then the partition.
// During that time, writes are blocked; reads only while the partition is dropped.

import type { RetentionDialect } from '../database.ts'
import { sql } from '../drizzle.ts'
import { lockTables, partitionOf, readPartitions } from './partitions.ts'

export const retention: RetentionDialect = {
  // Every writer first locks the row of its Organization, and waits there.
  async stopIntake(session) {
    await lockTables(session)
    await session.run(sql`LOCK TABLE organizations IN EXCLUSIVE MODE`)
  },

  async monthsBefore(reads, before) {
    const partitions = await readPartitions(reads)
    return partitions.filter(({ high }) => high < before)
  },

  async dropMonth(session, { low }) {
    const { name } = partitionOf(low)
    const [there] = await session.rows(sql`SELECT 1 WHERE to_regclass(${name}) IS NOT NULL`)
    if (there === undefined) return
    const table = sql.raw(name)
    const organizations = await session.rows<[key: string]>(sql`SELECT o.key FROM organizations o`)
    for (const [key] of organizations) {
      await session.run(
        sql`DELETE FROM event_ids i USING ${table} e WHERE i.organization = ${key}
          AND e.organization = ${key} AND i.id = e.id`,
      )
    }
    await session.run(sql`DROP TABLE ${table}`)
  },
}
