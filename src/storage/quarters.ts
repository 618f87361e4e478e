// Quarters of an hour, by which events are counted beside their tables.

import type { Instant } from '../instant.ts'
import { type SQL, sql } from './drizzle.ts'
import type { EventRange } from './range.ts'

/** In microseconds. */
export const QUARTER = 900_000_000

/** Counted from 1970 on. */
export function quarterOf(instant: Instant): number {
  return Math.floor(instant / QUARTER)
}

/** The same in SQL, whose division cuts off instead. */
export function quarterIn(column: SQL): SQL {
  const quarter = sql.raw(`${QUARTER}`)
  return sql`(${column} - ((${column} % ${quarter}) + ${quarter}) % ${quarter}) / ${quarter}`
}

/** In `kind_times`, the number of all kinds together. */
export const ALL_KINDS = 0

/** Whole quarters between the same two edges; `until` is behind the last. */
export interface Span {
  readonly from: number
  readonly until: number
}

/** What lies in the range: whole quarters, and what edges and the ends of the range cut off others, in order. */
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

/** The quarters that have any of it. */
export function wholeQuarters({ low, high }: EventRange): EventRange {
  return { low: quarterOf(low) * QUARTER, high: (quarterOf(high) + 1) * QUARTER - 1 }
}

/** Of the last of these, which ascend, that is not behind the value; the first is not. */
export function placeOf(starts: readonly number[], value: number): number {
  let [low, high] = [0, starts.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((starts[middle] ?? value) <= value) low = middle
    else high = middle - 1
  }
  return low
}
