// The IDs of events: each once, which no index over partitions can promise.

import type { Dialect } from '../database.ts'
import { sql } from '../drizzle.ts'

export const knownIds: Dialect['knownIds'] = async (session, organization, ids) => {
  const rows = await session.rows<[id: string]>(
    sql`SELECT i.id FROM event_ids i
      WHERE i.organization = ${organization} AND i.id = ANY(${sql.param(ids)}::uuid[])`,
  )
  return new Set(rows.map(([id]) => id))
}

/** In the order of the IDs: what goes into one page of the index goes together. */
export const noteIds: Dialect['noteIds'] = async (session, organization, events, first) => {
  const added = await session.run(
    sql`INSERT INTO event_ids (organization, id, sequence, created_at)
      SELECT o.key, x.id, ${first}::bigint + x.place, x.created_at FROM organizations o CROSS JOIN (
        SELECT generate_series(0, ${events.length - 1}::int) AS place,
          unnest(${sql.param(events.map(({ id }) => id))}::uuid[]) AS id,
          unnest(${sql.param(events.map(({ createdAt }) => createdAt))}::bigint[]) AS created_at) x
      WHERE o.key = ${organization} ORDER BY x.id ON CONFLICT DO NOTHING`,
  )
  if (added === events.length) return true
  await session.run(
    sql`DELETE FROM event_ids WHERE organization = ${organization} AND sequence >= ${first}`,
  )
  return false
}
