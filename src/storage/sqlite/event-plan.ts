// How to read a page. What there is of what a filter asks for is known beforehand; that decides by which index
// the page is read, so that it costs about the same however rare or common, recent or old its events are.

import type { EventFilter } from '../../event.ts'
import { lowestPosition } from '../codec.ts'
import type { SqliteDatabase } from './database.ts'
import {
  conditionsOf,
  gather,
  merge,
  type Range,
  type Sql,
  walk,
  walkFirst,
} from './event-query.ts'
import { type Simple, smallest, type Tally, tallyAll, tallySimple } from './event-tallies.ts'

/** Walking by date is the better way where at least one event in so many matches. */
const WALK_DENSITY = 40

/** So many events are looked at first where what is asked for looks common; that takes a few milliseconds. */
const FIRST_LOOK = 3000

/**
 * A function that reads the first so many events of the range, from its newest or its oldest end, of those up to
 * an arrival number unless it is null. `page` reads so many of the entries that a query finds.
 */
export function planRead<Found>(
  db: SqliteDatabase,
  organization: number,
  filter: EventFilter,
  range: Range,
  newestFirst: boolean,
  arrivedBy: number | null,
  page: (found: Sql, take: number) => Found[],
): (take: number) => Found[] {
  const conditions = conditionsOf(organization, filter, arrivedBy)
  if ((conditions.trail ?? conditions.address ?? conditions.resource) === null) {
    return take => page(walk(organization, conditions, range), take)
  }
  const simple = tallySimple(db, organization, filter)
  const exact = () => readLeast(tallyAll(db, conditions, simple), simple.whole.events)
  if (!looksCommon(filter, simple)) return exact()

  // Common as it looks, the page is most likely full after a few events; if not, all is counted after all.
  return take => {
    const rows = page(walkFirst(organization, conditions, range, newestFirst, FIRST_LOOK), take)
    return rows.length >= take ? rows : exact()(take)
  }

  /** By the thing that has the fewest events. */
  function readLeast(tallies: readonly Tally[], total: number): (take: number) => Found[] {
    const least = smallest(tallies)
    if (least === null) return () => []
    const within = tallies.reduce(
      (range, { firstAt, lastAt }) => ({
        low: max(range.low, lowestPosition(firstAt)),
        high: min(range.high, lowestPosition(lastAt + 1) - 1n),
      }),
      range,
    )
    if (within.low > within.high) return () => []
    const { thing, keys } = least
    if (thing === null || (keys === null && least.events * WALK_DENSITY >= total)) {
      return take => page(walk(organization, conditions, within), take)
    }
    if (keys !== null) return take => page(merge(thing, keys, conditions, within), take)

    return take => {
      // As wide as the page's events would need if they were spread evenly, four times over; wider and
      // wider when that was too little.
      const span = lowestPosition(least.lastAt) - lowestPosition(least.firstAt) + 1n
      let width = (span * BigInt(4 * take)) / BigInt(least.events) + 1n
      for (; ; width *= 8n) {
        const part = newestFirst
          ? { low: max(within.low, within.high - width), high: within.high }
          : { low: within.low, high: min(within.high, within.low + width) }
        const rows = page(gather(thing, conditions, part), take)
        if (rows.length >= take || (part.low === within.low && part.high === within.high))
          return rows
      }
    }
  }
}

/** Whether the principals, user agents and kinds asked for are each so common that all together may well be. */
function looksCommon(filter: EventFilter, { whole, parts }: Simple): boolean {
  if (filter.addresses !== undefined || filter.resourceIds !== undefined) return false
  return parts.every(part => part.events * WALK_DENSITY >= whole.events)
}

export function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}

export function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}
