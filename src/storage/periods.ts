// Periods: the rollup tables have the number of events in each quarter of an hour, or on each day (UTC).

import type { Instant } from '../instant.ts'
import { type SQL, sql } from './drizzle.ts'
import type { EventRange } from './event-range.ts'

export type RollupName = 'quarter_counts' | 'day_counts'

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
export function periodIn(column: SQL, length: number): SQL {
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
