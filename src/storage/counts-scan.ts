// Statistics by scanning events: if rollups cannot answer, or few events match.

import type { EventFilter } from '../event.ts'
import type { Instant } from '../instant.ts'
import type { Log } from './database.ts'
import { type SQL, sql } from './drizzle.ts'
import type { EventRange } from './event-range.ts'
import { FULL_SCAN_RATIO, type Plan, planFor } from './plan.ts'

export interface CountQuery extends Log {
  readonly filter: EventFilter
}

/** `key`: the number of a value, 0 for none; or, by time, a date within the unit. A key may occur several times. */
export type Counted = [key: number, events: number, latest: Instant]

export type CountedBy = 'kind' | 'principal' | 'userAgent' | 'address'

const NUMBER = {
  kind: sql`s.kind`,
  principal: sql`s.principal`,
  userAgent: sql`s.user_agent`,
  address: sql`e.address`,
} as const satisfies Record<CountedBy, SQL>

/** Counts events by a value, by a unit of time (see `unitOf`), or (`null`) all events of a stretch together. */
export async function* scanCounts(
  query: CountQuery,
  plan: Plan,
  by: CountedBy | SQL | null,
): AsyncGenerator<Counted[]> {
  const { db, organization } = query
  const group = typeof by === 'string' ? NUMBER[by] : by
  const key = typeof by === 'string' ? group : sql`min(e.created_at)`
  const joined =
    typeof by === 'string' && by !== 'address'
      ? sql` CROSS JOIN series s WHERE s.organization = ${organization} AND s.number = e.series`
      : sql``
  for await (const stretch of stretchesOf(query, plan)) {
    const rows = await db.rows<Counted>(
      sql`SELECT ${key}, count(*), max(e.created_at) FROM ${plan.matching(stretch)}${joined}
        ${group === null ? sql`` : sql`GROUP BY ${group}`}`,
    )
    yield rows.filter(([, events]) => events > 0)
  }
}

/** An expression to group by, for values at or after the first edge: no group spans an edge. */
export function unitOf(edges: readonly number[], column: SQL): SQL {
  const [first = 0, ...others] = edges
  // The difference between two instants may exceed a safe integer.
  let unit = 0n
  for (const edge of others) {
    let rest = BigInt(edge) - BigInt(first)
    while (rest !== 0n) [unit, rest] = [rest, unit % rest]
  }
  return sql`(${column} - CAST(${first} AS bigint)) / CAST(${Number(unit) || 1} AS bigint)`
}

/** The instant after which there are at most `mostCounted` events to scan; `null`: there are no more in total. */
export async function startOfScan(query: CountQuery): Promise<Instant | null> {
  const { db, dialect, filter } = query
  let remaining = dialect.mostCounted
  const plan = await planFor(query, filter, { scanRatio: FULL_SCAN_RATIO })
  if (plan === null || plan.mostCandidates <= remaining) return null
  for await (const stretch of stretchesOf(query, plan)) {
    const [row] = await db.rows<[events: number, oldest: Instant | null]>(
      sql`SELECT count(*), min(x.created_at) FROM (${plan.candidates(stretch)}
        ORDER BY e.created_at DESC LIMIT ${remaining + 1}) x`,
    )
    const [events = 0, oldest = null] = row ?? []
    if (events > remaining && oldest !== null) return oldest + 1
    remaining -= events
  }
  return null
}

function stretchesOf({ db, dialect }: CountQuery, plan: Plan): AsyncIterable<EventRange> {
  const { range, density, mostMatches, candidates } = plan
  return dialect.stretches({
    range,
    newestFirst: true,
    density,
    wanted: mostMatches,
    candidates,
    reads: db,
  })
}
