// A range of dates in stretches of a few months, for a statement each: PostgreSQL plans and locks every partition a
// statement may look into with all its indexes, and most pages lie in one or two.

import type { Instant } from '../../instant.ts'
import type { Range } from './conditions.ts'
import type { Partition } from './partitions.ts'

/** 100 connections that hold eight partitions each fit into the lock table of a server as it comes. */
const MOST_MONTHS = 8
const LEAST_MONTHS = 2

/**
 * One behind the other, in the direction they are read, without gap or overlap; at least one. The first reaches
 * `width` microseconds four times over, where that is known.
 */
export function stretches(
  whole: Range,
  partitions: readonly Partition[],
  newestFirst: boolean,
  width = Number.POSITIVE_INFINITY,
): Range[] {
  const inside = partitions.filter(
    ({ from, until }) =>
      (whole.high === null || from === null || from <= whole.high) &&
      (whole.low === null || until === null || until > whole.low),
  )
  const ordered = newestFirst ? inside.reverse() : inside
  const found: Range[] = []
  let { low, high } = whole
  for (let at = 0; ; ) {
    at += found.length === 0 ? firstMonths(ordered, whole, newestFirst, width) : MOST_MONTHS
    const next = ordered[at]
    const edge = next === undefined ? null : newestFirst ? next.until : next.from
    if (edge === null) return [...found, { low, high }]
    if (newestFirst) {
      found.push({ low: edge, high })
      high = edge - 1
    } else {
      found.push({ low, high: edge - 1 })
      low = edge
    }
  }
}

function firstMonths(
  ordered: readonly Partition[],
  { low, high }: Range,
  newestFirst: boolean,
  width: number,
): number {
  const [near] = ordered
  const edge: Instant | null = newestFirst ? least(high, near?.until) : most(low, near?.from)
  if (edge === null) return LEAST_MONTHS
  const reached = ordered.findIndex(({ from, until }) => {
    const bound = newestFirst ? from : until
    return bound === null || Math.abs(edge - bound) >= 4 * width
  })
  const months = reached < 0 ? MOST_MONTHS : reached + 1
  return Math.min(MOST_MONTHS, Math.max(LEAST_MONTHS, months))
}

function least(a: Instant | null, b: Instant | null | undefined): Instant | null {
  return a === null || b == null ? (a ?? b ?? null) : Math.min(a, b)
}

function most(a: Instant | null, b: Instant | null | undefined): Instant | null {
  return a === null || b == null ? (a ?? b ?? null) : Math.max(a, b)
}
