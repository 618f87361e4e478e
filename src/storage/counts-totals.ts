// Statistics from the totals of values and of series, over all dates.

import type { EventFilter } from '../event.ts'
import type { Instant } from '../instant.ts'
import type { Counted, CountedBy, CountQuery } from './counts-scan.ts'
import { type SQL, sql } from './drizzle.ts'
import { matchesNothing, type ResolvedFilter } from './filter.ts'
import { conditionOnSeries, partsOf, seriesOf } from './plan.ts'
import { tableOf } from './values.ts'

export function isUndated({ createdAfter, createdBefore }: EventFilter): boolean {
  return createdAfter === undefined && createdBefore === undefined
}

const IN_SERIES = { kind: sql`s.kind`, principal: sql`s.principal`, userAgent: sql`s.user_agent` }

/** For filters without a condition on resources; a condition on addresses must be the only one. */
export async function* totalsBy(
  query: CountQuery,
  resolved: ResolvedFilter,
  by: CountedBy,
): AsyncGenerator<Counted[]> {
  const { db, organization } = query
  const isAlone = partsOf(resolved).every(part => part === resolved[by])
  const own = resolved[by]?.is(sql`s.number`) ?? sql`true`
  const [table, counted, condition] =
    by === 'address' || (isAlone && by !== 'userAgent')
      ? // IS TRUE keeps SQLite from turning the subquery into a join, which it would order badly.
        [tableOf(by), sql`s.number`, sql`(${own}) IS TRUE`]
      : [null, IN_SERIES[by], conditionOnSeries(resolved) ?? sql`true`]
  for await (const { from, numbers } of inParts(query, resolved, table)) {
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

/** The rows `s` of a table, or of series, in parts of at most `atOnce` rows: `numbers` is the condition of a part. */
export async function* inParts(
  { db, dialect, organization }: CountQuery,
  resolved: ResolvedFilter,
  table: SQL | null,
): AsyncGenerator<{ from: SQL; numbers: SQL }> {
  if (partsOf(resolved).some(({ events }) => events <= dialect.atOnce)) {
    yield {
      from: table === null ? seriesOf(dialect, resolved) : sql`${table} s`,
      numbers: sql`true`,
    }
    return
  }
  const from = table === null ? dialect.series(null) : sql`${table} s`
  const [row] = await db.rows<[number | null]>(
    sql`SELECT max(s.number) FROM ${from} WHERE s.organization = ${organization}`,
  )
  const [last, turn] = [row?.[0] ?? 0, dialect.turns()]
  for (let low = 1; low <= last; low += dialect.atOnce) {
    const high = Math.min(last, low + dialect.atOnce - 1)
    yield { from, numbers: sql`s.number >= ${low} AND s.number <= ${high}` }
    await turn()
  }
}
