// Periods: the rollup tables have the number of events in each quarter of an hour, or on each day (UTC). Totals and
// rollups can be computed from events: to check the stored ones, and to subtract events that retention deletes.

import type { Instant } from '../instant.ts'
import type { Log } from './database.ts'
import { type SQL, sql } from './drizzle.ts'
import type { EventRange } from './event-range.ts'
import type { RollupName } from './tables.ts'

/** A rollup table. */
export interface Periods {
  readonly table: RollupName
  /** The length of a period, in microseconds. */
  readonly length: number
}

export const QUARTERS: Periods = { table: 'quarter_counts', length: 900_000_000 }
export const DAYS: Periods = { table: 'day_counts', length: 86_400_000_000 }

/** The number of the period of an instant, from 0 at 1970-01-01T00:00:00Z. */
export function periodOf(instant: Instant, { length }: Periods): number {
  return Math.floor(instant / length)
}

/** `periodOf` in SQL, where integer division truncates instead of rounding down. `length`: in units of the column. */
function periodIn(column: SQL, length: number): SQL {
  const divisor = sql.raw(`${length}`)
  return sql`(${column} - ((${column} % ${divisor}) + ${divisor}) % ${divisor}) / ${divisor}`
}

/** In `quarter_counts`, the number that stands for all events. */
export const ALL_EVENTS = 0

/** Complete periods between two neighbouring edges: `from` included, `until` excluded. */
export interface Span {
  readonly from: number
  readonly until: number
}

/**
 * Splits the part of the range between the first and the last edge into complete periods (`spans`), and the rest
 * (`cuts`): the parts of periods that contain an edge or an end of the range. Both in order.
 */
export function parted(
  edges: readonly Instant[],
  { low, high }: EventRange,
  { length }: Periods,
): { spans: readonly Span[]; cuts: readonly EventRange[] } {
  const spans: Span[] = []
  const cuts: EventRange[] = []
  const cut = (low: Instant, end: Instant) => {
    const before = cuts.at(-1)
    if (before?.high === low - 1) cuts[cuts.length - 1] = { low: before.low, high: end - 1 }
    else if (low < end) cuts.push({ low, high: end - 1 })
  }
  for (const [place, edge] of edges.entries()) {
    const begin = Math.max(edge, low)
    const end = Math.min(edges[place + 1] ?? edge, high + 1)
    if (begin >= end) continue
    const [from, until] = [Math.ceil(begin / length), Math.floor(end / length)]
    if (from < until) {
      spans.push({ from, until })
      cut(begin, from * length)
      cut(until * length, end)
    } else {
      cut(begin, end)
    }
  }
  return { spans, cuts }
}

/** The range extended to complete periods. */
export function wholePeriods({ low, high }: EventRange, { length }: Periods): EventRange {
  return {
    low: Math.floor(low / length) * length,
    high: (Math.floor(high / length) + 1) * length - 1,
  }
}

/**
 * The index of the last of `starts` that is not greater than the value. They ascend, and the first is never greater.
 */
export function placeOf(starts: readonly number[], value: number): number {
  let [low, high] = [0, starts.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((starts[middle] ?? value) <= value) low = middle
    else high = middle - 1
  }
  return low
}

/** The values with totals, and the columns of an event `e` or its series `s` that hold their numbers. */
const NUMBER = {
  series: 'e.series',
  address: 'e.address',
  kind: 's.kind',
  principal: 's.principal',
  userAgent: 's.user_agent',
} as const

export type Totalled = keyof typeof NUMBER
export const TOTALLED = Object.keys(NUMBER) as Totalled[]

/** Rows of (number, events, first_at, last_at), from the events `e` of a FROM. */
export function totalsOf({ organization }: Log, of: Totalled, events: SQL): SQL {
  const number = NUMBER[of]
  const own = sql`SELECT ${sql.raw(of === 'address' ? number : NUMBER.series)} AS number, count(*) AS events,
    min(e.created_at) AS first_at, max(e.created_at) AS last_at FROM ${events} GROUP BY 1`
  if (number.startsWith('e.')) return own
  return sql`SELECT ${sql.raw(number)} AS number, sum(x.events) AS events, min(x.first_at) AS first_at,
    max(x.last_at) AS last_at FROM (${own}) x JOIN series s ON s.organization = ${organization}
    AND s.number = x.number GROUP BY 1`
}

/** Rows of (number, period, events): the events `e` of a FROM by their series and quarter of an hour. */
export function seriesQuartersOf(events: SQL): SQL {
  return sql`SELECT e.series AS number, ${periodIn(sql`e.created_at`, QUARTERS.length)} AS period, count(*) AS events
    FROM ${events} GROUP BY 1, 2`
}

/** All rows of a rollup, computed from `seriesQuarters`. */
export function rollupOf({ organization }: Log, { table }: Periods, seriesQuarters: SQL): SQL {
  const quarter = sql`q.period`
  const day = periodIn(quarter, DAYS.length / QUARTERS.length)
  const by = (number: SQL, period: SQL) =>
    sql`SELECT ${number} AS number, ${period} AS period, sum(q.events) AS events FROM q
      JOIN series s ON s.organization = ${organization} AND s.number = q.number GROUP BY 1, 2`
  const rows =
    table === 'day_counts'
      ? [by(sql`s.kind`, day), by(sql`s.principal`, day)]
      : [
          sql`SELECT q.number, q.period, q.events FROM q`,
          by(sql`s.kind`, quarter),
          by(sql.raw(`${ALL_EVENTS}`), quarter),
        ]
  return sql`WITH q AS MATERIALIZED (${seriesQuarters}) ${sql.join(rows, sql` UNION ALL `)}`
}
