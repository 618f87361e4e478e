// Quarters of an hour: the rollup tables have counts of events for each.

import type { Instant } from '../instant.ts'
import { type SQL, sql } from './drizzle.ts'
import type { EventRange } from './event-range.ts'

/** In microseconds. */
export const QUARTER = 900_000_000

/** The number of the quarter of an instant, from 0 at 1970-01-01T00:00:00Z. */
export function quarterOf(instant: Instant): number {
  return Math.floor(instant / QUARTER)
}

/** `quarterOf` in SQL, where integer division truncates instead of rounding down. */
export function quarterIn(column: SQL): SQL {
  const quarter = sql.raw(`${QUARTER}`)
  return sql`(${column} - ((${column} % ${quarter}) + ${quarter}) % ${quarter}) / ${quarter}`
}

/** In `kind_times`, the number that stands for all kinds together. */
export const ALL_KINDS = 0

/** Complete quarters between two neighbouring edges: `from` included, `until` excluded. */
export interface Span {
  readonly from: number
  readonly until: number
}

/**
 * Splits the part of the range that lies between the first and the last edge: into complete quarters (`spans`), and
 * the rest (`cuts`), which edges and the ends of the range cut off other quarters. Both in order.
 */
export function parted(
  edges: readonly Instant[],
  { low, high }: EventRange,
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
    const [from, until] = [Math.ceil(begin / QUARTER), quarterOf(end)]
    if (from < until) {
      spans.push({ from, until })
      cut(begin, from * QUARTER)
      cut(until * QUARTER, end)
    } else {
      cut(begin, end)
    }
  }
  return { spans, cuts }
}

/** The range extended to complete quarters. */
export function wholeQuarters({ low, high }: EventRange): EventRange {
  return { low: quarterOf(low) * QUARTER, high: (quarterOf(high) + 1) * QUARTER - 1 }
}

/**
 * The index of the last of `starts` that is not greater than the value. They ascend, and the first never is greater.
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
