// Splits a range of dates into stretches of a few months, each read by its own statement: PostgreSQL plans and locks
// every partition that a statement may read, with all its indexes, and most pages need only one or two.

import { type EventRange, isEmpty } from '../event-range.ts'
import { MONTHS_AHEAD } from './partitions.ts'

/**
 * The locks of 100 connections on eight partitions each fit into the lock table of a server with default settings.
 */
const MOST_MONTHS = 8
const LEAST_MONTHS = 2

/**
 * In reading direction, without gaps or overlaps. `width`, in microseconds, is the estimated time range that is needed;
 * the first stretch covers four times that, within the limits of months above.
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

/**
 * The number of months created in advance. They are probably empty, so they do not count as months of the first
 * stretch.
 */
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
