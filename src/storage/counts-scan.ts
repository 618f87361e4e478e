// Statistics from the totals of values and of series, over all dates; and by scanning events, if neither totals nor
// rollups can answer, or few events match.

import type { EventFilter } from '../event.ts'
import type { Instant } from '../instant.ts'
import type { Log } from './database.ts'
import { type SQL, sql } from './drizzle.ts'
import type { EventRange } from './event-range.ts'
import { matchesNothing, type ResolvedFilter } from './filter.ts'
import {
  conditionOnSeries,
  FULL_SCAN_RATIO,
  type Plan,
  partsOf,
  planFor,
  seriesOf,
} from './plan.ts'
import { tableOf } from './values.ts'

export interface CountQuery extends Log {
  readonly filter: EventFilter
}

/** `key`: the number of a value, 0 for none; or, by time, a date within the unit. A key may occur several times. */
export type Counted = [key: number, events: number, latest: Instant]

export type CountedBy = 'kind' | 'principal' | 'userAgent' | 'address'

/** The number of a value, in a series `s`. */
const IN_SERIES = { kind: sql`s.kind`, principal: sql`s.principal`, userAgent: sql`s.user_agent` }

/** The same, in an event `e` or its series `s`. */
const NUMBER: Record<CountedBy, SQL> = {
  ...IN_SERIES,
  kind: sql`e.kind`,
  address: sql`e.address`,
}

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
    by === 'principal' || by === 'userAgent'
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
  const [first = 0] = edges
  let unit = 0
  let before = first
  for (const edge of edges) {
    let rest = Math.abs(edge - before)
    // Not exact: then each value is a group of its own, which is never wrong.
    if (!Number.isSafeInteger(rest)) rest = 1
    while (rest !== 0) [unit, rest] = [rest, unit % rest]
    before = edge
  }
  return sql`(${column} - CAST(${first} AS bigint)) / CAST(${unit || 1} AS bigint)`
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
  return dialect.stretches({ ...plan, newestFirst: true, wanted: plan.mostMatches, reads: db })
}

export function isUndated({ createdAfter, createdBefore }: EventFilter): boolean {
  return createdAfter === undefined && createdBefore === undefined
}

/** For filters without a condition on resources; a condition on addresses must be the only one. */
export async function* totalsBy(
  query: CountQuery,
  resolved: ResolvedFilter,
  by: CountedBy,
): AsyncGenerator<Counted[]> {
  const { db, organization } = query
  const part = resolved[by]
  const isAlone = partsOf(resolved).every(one => one === part)
  const own = part?.is(sql`s.number`) ?? sql`true`
  const [of, counted, condition] =
    by === 'address' || (isAlone && by !== 'userAgent')
      ? // IS TRUE keeps SQLite from turning a subquery into a join, which it would order badly.
        [by, sql`s.number`, part?.numbers ? own : sql`(${own}) IS TRUE`]
      : [null, IN_SERIES[by], conditionOnSeries(resolved) ?? sql`true`]
  for await (const { from, numbers } of inParts(query, resolved, of)) {
    yield db.rows<Counted>(
      sql`SELECT ${counted}, sum(s.events), max(s.last_at) FROM ${from} WHERE s.organization = ${organization}
        AND ${numbers} AND s.events > 0 AND ${condition} GROUP BY 1`,
    )
  }
  if (by !== 'address') return
  if (resolved.address !== undefined && !matchesNothing(query.filter).includes('address')) return
  // Events without an address have no totals: one statement subtracts those with an address from all events.
  const ours = sql`x.organization = ${organization}`
  const [none] = await db.rows<[events: number, latest: Instant | null]>(
    sql`SELECT o.events - coalesce((SELECT sum(x.events) FROM addresses x WHERE ${ours}), 0),
      (SELECT max(x.created_at) FROM events x WHERE ${ours} AND x.address = 0)
      FROM organizations o WHERE o.key = ${organization}`,
  )
  const [events = 0, latest = null] = none ?? []
  if (events > 0 && latest !== null) yield [[0, events, latest]]
}

/**
 * The rows `s` of values, or (`null`) of series, in parts of at most `atOnce` rows: `numbers` is the condition of a part.
 */
export async function* inParts(
  { db, dialect, organization }: CountQuery,
  resolved: ResolvedFilter,
  of: CountedBy | null,
): AsyncGenerator<{ from: SQL; numbers: SQL }> {
  const { atOnce } = dialect
  const { from: series, leading } = seriesOf(dialect, resolved)
  const values = of && sql`${tableOf(of)} s`
  const isListed = of !== null && resolved[of]?.numbers != null
  let areFew = isListed || partsOf(resolved).some(({ events }) => events <= atOnce)
  if (!areFew && values === null && leading !== null) {
    const [row] = await db.rows<[number]>(
      sql`SELECT count(*) FROM (SELECT 1 FROM ${series}
        WHERE s.organization = ${organization} AND ${leading} LIMIT ${atOnce + 1}) x`,
    )
    areFew = (row?.[0] ?? 0) <= atOnce
  }
  if (areFew) {
    yield { from: values ?? series, numbers: sql`true` }
    return
  }
  const from = values ?? dialect.series(null)
  const [row] = await db.rows<[number | null]>(
    sql`SELECT max(s.number) FROM ${from} WHERE s.organization = ${organization}`,
  )
  const [last, turn] = [row?.[0] ?? 0, dialect.turns()]
  for (let low = 1; low <= last; low += atOnce) {
    const high = Math.min(last, low + atOnce - 1)
    yield { from, numbers: sql`s.number >= ${low} AND s.number <= ${high}` }
    await turn()
  }
}
