// Figures over events, by PostgreSQL's own aggregates: exact, over all that match, up to a million events; where
// more may match, over the newest million.

import type { EventFilter } from '../../event.ts'
import type { EventCounts, KindCount, ValueCounts } from '../../store.ts'
import { addEvents, mostCommon, type ValueSum } from '../value-counts.ts'
import { VALUE_COLUMN } from './conditions.ts'
import type { Readable, Snapshot } from './database.ts'
import { matchingEvents } from './events.ts'
import type { Partition, Partitions } from './partitions.ts'
import { type Sql, sql } from './sql.ts'
import { VALUE_TABLE } from './values.ts'

/** Of an Organization that is hidden. */
export const NO_COUNTS: EventCounts = {
  since: null,
  kinds: () => [],
  principals: () => [],
  times: edges => edges.slice(1).map(() => 0),
  addresses: () => ({ since: null, values: [] }),
  userAgents: () => ({ since: null, values: [] }),
}

/** So many are counted in a second or two. */
const MOST_COUNTED = 1_000_000

export async function readCounts(
  db: Readable,
  partitions: Partitions,
  organization: string,
  filter: EventFilter,
): Promise<EventCounts> {
  const known = await partitions.known()
  const since = await db.snapshot(reads => firstCounted(reads, known, organization, filter))
  const counted =
    since === null
      ? filter
      : { ...filter, createdAfter: Math.max(since, filter.createdAfter ?? since) }

  /** All that `work` reads is of one state; the stretches hold the events that match. */
  async function look<T>(
    work: (reads: Snapshot, stretches: readonly Sql[]) => Promise<T>,
  ): Promise<T> {
    const known = await partitions.known()
    return db.snapshot(async reads => {
      const matching = await matchingEvents(reads, known, organization, counted)
      return work(reads, matching?.stretches ?? [])
    })
  }

  /** By key, the sums of what a statement tells of each stretch of the events that match. */
  function sums(statement: (condition: Sql) => Sql): Promise<Map<number, number>> {
    return look(async (reads, stretches) => {
      const found = new Map<number, number>()
      for (const condition of stretches) {
        const rows = await reads.passing<[key: number, events: number]>(statement(condition))
        for (const [key, events] of rows) found.set(key, (found.get(key) ?? 0) + events)
      }
      return found
    })
  }

  /** Texts are looked up in the state that the events are counted in: retention may give a value up. */
  async function values(of: 'address' | 'userAgent', first: number): Promise<ValueCounts> {
    const column = VALUE_COLUMN[of]
    const values = await look(async (reads, stretches) => {
      const found = new Map<number | null, ValueSum>()
      for (const condition of stretches) {
        const rows = await reads.passing<[key: number | null, events: number, latest: number]>(
          sql`SELECT ${column}, count(*), max(e.created_at) FROM events e WHERE ${condition} GROUP BY 1`,
        )
        for (const [key, events, latest] of rows) addEvents(found, key, { events, latest })
      }
      return mostCommon(found, first, async keys => {
        const texts = await reads.rows<[number: number, text: string]>(
          sql`SELECT v.number, v.text FROM ${VALUE_TABLE[of]} v
            WHERE v.organization = ${organization}::uuid AND v.number = ANY(${keys}::int[])`,
        )
        return new Map(texts)
      })
    })
    return { since, values }
  }

  return {
    since,
    async kinds() {
      const found = await sums(
        condition => sql`SELECT e.kind, count(*) FROM events e WHERE ${condition} GROUP BY 1`,
      )
      const rows = await db.rows<[action: string, category: string, events: number]>(
        sql`SELECT k.action, k.category, x.events FROM ${given(found)} x
          JOIN kinds k ON k.organization = ${organization}::uuid AND k.number = x.number`,
      )
      return rows.map(([action, category, events]): KindCount => ({ action, category, events }))
    },
    async principals(first) {
      const found = await sums(
        condition => sql`SELECT e.principal, count(*) FROM events e WHERE ${condition} GROUP BY 1`,
      )
      const rows = await db.rows<[principalId: string, events: number]>(
        sql`SELECT p.id, x.events FROM ${given(found)} x
          JOIN principals p ON p.organization = ${organization}::uuid AND p.number = x.number
          ORDER BY x.events DESC, p.id LIMIT ${first}`,
      )
      return rows.map(([principalId, events]) => ({ principalId, events }))
    },
    async times(edges) {
      const [start, end] = [edges[0], edges.at(-1)]
      if (start === undefined || end === undefined) return []
      const found = await sums(
        condition => sql`SELECT width_bucket(e.created_at, ${edges}::bigint[]), count(*)
          FROM events e WHERE ${condition}
            AND e.created_at >= ${start}::bigint AND e.created_at < ${end}::bigint
          GROUP BY 1`,
      )
      return edges.slice(1).map((_, at) => found.get(at + 1) ?? 0)
    },
    addresses: first => values('address', first),
    userAgents: first => values('userAgent', first),
  }
}

function given(sums: ReadonlyMap<number, number>): Sql {
  return sql`(SELECT unnest(${[...sums.keys()]}::int[]) AS number,
    unnest(${[...sums.values()]}::bigint[]) AS events)`
}

/** The date from which on no more match than are counted; `null`: all are counted. */
async function firstCounted(
  db: Snapshot,
  partitions: readonly Partition[],
  organization: string,
  filter: EventFilter,
): Promise<number | null> {
  const matching = await matchingEvents(db, partitions, organization, filter)
  if (matching === null || matching.most <= MOST_COUNTED) return null
  let left = MOST_COUNTED
  for (const condition of matching.stretches) {
    const [row] = await db.passing<[createdAt: number | null, events: number]>(
      sql`SELECT (SELECT e.created_at FROM events e WHERE ${condition}
          ORDER BY e.created_at DESC OFFSET ${left} LIMIT 1),
        (SELECT count(*) FROM (SELECT 1 FROM events e WHERE ${condition} LIMIT ${left}) x)`,
    )
    const [createdAt = null, events = 0] = row ?? []
    if (createdAt !== null) return createdAt + 1
    left -= events
  }
  return null
}
