// Figures over events, by PostgreSQL's own aggregates: exact, over all that match, up to a million events; where
// more may match, over the newest million.

import type { EventFilter } from '../../event.ts'
import type { EventCounts, KindCount } from '../../store.ts'
import type { Readable, Reads } from './database.ts'
import { firstRow } from './database.ts'
import { matchingEvents } from './events.ts'
import { type Sql, sql } from './sql.ts'

/** Of an Organization that is hidden. */
export const NO_COUNTS: EventCounts = {
  since: null,
  kinds: () => [],
  principals: () => [],
  times: edges => edges.slice(1).map(() => 0),
}

/** So many are counted in a second or two. */
const MOST_COUNTED = 1_000_000

export async function readCounts(
  db: Readable,
  organization: string,
  filter: EventFilter,
): Promise<EventCounts> {
  const since = await db.snapshot(reads => firstCounted(reads, organization, filter))
  const counted =
    since === null
      ? filter
      : { ...filter, createdAfter: Math.max(since, filter.createdAfter ?? since) }

  /** The rows of a statement over the events that match; none where none does. */
  const figure = <Row extends unknown[]>(statement: (condition: Sql) => Sql) =>
    db.snapshot(async (reads): Promise<Row[]> => {
      const matching = await matchingEvents(reads, organization, counted)
      return matching === null ? [] : reads.rows<Row>(statement(matching.condition))
    })

  return {
    since,
    async kinds() {
      const rows = await figure<[action: string, category: string, events: number]>(
        condition => sql`SELECT k.action, k.category, x.events
          FROM (SELECT e.kind, count(*) AS events FROM events e WHERE ${condition} GROUP BY 1) x
          JOIN kinds k ON k.organization = ${organization}::uuid AND k.number = x.kind`,
      )
      return rows.map(([action, category, events]): KindCount => ({ action, category, events }))
    },
    async principals(first) {
      const rows = await figure<[principalId: string, events: number]>(
        condition => sql`SELECT p.id, x.events
          FROM (SELECT e.principal, count(*) AS events FROM events e WHERE ${condition} GROUP BY 1) x
          JOIN principals p ON p.organization = ${organization}::uuid AND p.number = x.principal
          ORDER BY x.events DESC, p.id LIMIT ${first}`,
      )
      return rows.map(([principalId, events]) => ({ principalId, events }))
    },
    async times(edges) {
      const counts = edges.slice(1).map(() => 0)
      const [start, end] = [edges[0], edges.at(-1)]
      if (start === undefined || end === undefined || counts.length === 0) return counts
      const rows = await figure<[place: number, events: number]>(
        condition => sql`SELECT width_bucket(e.created_at, ${edges}::bigint[]), count(*)
          FROM events e WHERE ${condition}
            AND e.created_at >= ${start}::bigint AND e.created_at < ${end}::bigint
          GROUP BY 1`,
      )
      for (const [place, events] of rows) counts[place - 1] = events
      return counts
    },
  }
}

/** The date from which on no more match than are counted; `null`: all are counted. */
async function firstCounted(
  db: Reads,
  organization: string,
  filter: EventFilter,
): Promise<number | null> {
  const matching = await matchingEvents(db, organization, filter)
  if (matching === null || matching.most <= MOST_COUNTED) return null
  const row = await firstRow<[createdAt: number]>(
    db,
    sql`SELECT e.created_at FROM events e WHERE ${matching.condition}
      ORDER BY e.created_at DESC OFFSET ${MOST_COUNTED} LIMIT 1`,
  )
  return row === null ? null : row[0] + 1
}
