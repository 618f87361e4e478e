// A range of dates in stretches of a few months, for a statement each: PostgreSQL plans and locks every partition a
// statement may look into with all its indexes, and most pages lie in one or two.

import { type EventRange, isEmpty } from '../range.ts'
import { MONTHS_AHEAD } from './partitions.ts'

/** 100 connections that hold eight partitions each fit into the lock table of a server as it comes. */
const MOST_MONTHS = 8
const LEAST_MONTHS = 2

/**
 * One behind the other, in the direction they are read, without gap or overlap. The first reaches `width` microseconds
 * four times over.
 */
export function* stretchesOf(
  range: EventRange,
  partitions: readonly EventRange[],
  newestFirst: boolean,
  width = Number.POSITIVE_INFINITY,
): Generator<EventRange> {
  if (isEmpty(range)) return
  const inside = partitions.filter(({ low, high }) => low <= range.high && high >= range.low)
  if (newestFirst) inside.reverse()
  let { low, high } = range
  const ahead = newestFirst ? monthsToCome(inside) : 0
  const months = firstMonths(inside.slice(ahead), range, newestFirst, width)
  for (let at = Math.min(MOST_MONTHS, ahead + months); ; at += MOST_MONTHS) {
    const next = inside[at]
    if (next === undefined) {
      yield { low, high }
      return
    }
    if (newestFirst) {
      yield { low: next.high + 1, high }
      high = next.high
    } else {
      yield { low, high: next.low - 1 }
      low = next.low
    }
  }
}

/** Made ahead and probably empty: alone they would make a stretch for nothing. */
function monthsToCome(newestFirst: readonly EventRange[]): number {
  const now = Date.now() * 1000
  return newestFirst.slice(0, MONTHS_AHEAD).filter(({ low }) => low > now).length
}

function firstMonths(
  inside: readonly EventRange[],
  { low, high }: EventRange,
  newestFirst: boolean,
  width: number,
): number {
  const [near = { low, high }] = inside
  const edge = newestFirst ? Math.min(high, near.high) : Math.max(low, near.low)
  const last = inside.findIndex(
    month => Math.abs(edge - (newestFirst ? month.low : month.high)) >= 4 * width,
  )
  const months = last < 0 ? MOST_MONTHS : last + 1
  return Math.min(MOST_MONTHS, Math.max(LEAST_MONTHS, months))
}
