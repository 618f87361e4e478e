// How to read a page. What there is of what a filter asks for is known beforehand; that decides by which index
// the page is read, so that it costs about the same however rare or common, recent or old its events are. What a
// first look does not find is searched for in turns (event-search.ts).

import type { EventFilter } from '../../event.ts'
import type { Awaitable } from '../../store.ts'
import { lowestPosition } from '../codec.ts'
import type { SqliteDatabase } from './database.ts'
import {
  conditionsOf,
  type Entries,
  first,
  gather,
  merge,
  NO_CONDITIONS,
  type Range,
  type Sql,
  THINGS,
  walk,
  withArrivals,
} from './event-query.ts'
import { findInTurns } from './event-search.ts'
import {
  max,
  min,
  narrowed,
  type Simple,
  smallest,
  type Tally,
  tallyAll,
  tallySimple,
} from './event-tallies.ts'

/** Walking by date is the better way where at least one event in so many matches. */
const WALK_DENSITY = 40

/** So many events are looked at first; that takes a few milliseconds. */
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
  page: (found: Entries, take: number) => Found[],
): (take: number) => Awaitable<Found[]> {
  const conditions = conditionsOf(organization, filter, arrivedBy)
  const asked = THINGS.filter(thing => conditions[thing] !== null)
  const walkFirst = (within: Range) =>
    first(walk(organization, NO_CONDITIONS, within), conditions, null, newestFirst, FIRST_LOOK)
  if (asked.length === 0) {
    // Any number may have come later.
    if (arrivedBy !== null) return orSearched(walkFirst(range))
    return take => page(walk(organization, conditions, range), take)
  }

  const simple = tallySimple(db, organization, filter)
  const exact = (walked: boolean) =>
    readLeast(tallyAll(db, conditions, simple), simple.whole.events, walked)
  if (!looksCommon(filter, simple)) return exact(false)

  // Common as it looks, the page is most likely full after a few events; if not, all is counted after all.
  return take => {
    const rows = page(walkFirst(range), take)
    return rows.length >= take ? rows : exact(true)(take)
  }

  async function searched(take: number): Promise<Found[]> {
    const found = await findInTurns(db, organization, filter, range, newestFirst, arrivedBy, take)
    return page(withArrivals(found), take)
  }

  /** By the thing that has the fewest events. */
  function readLeast(
    tallies: readonly Tally[],
    total: number,
    walked: boolean,
  ): (take: number) => Awaitable<Found[]> {
    const least = smallest(tallies)
    if (least === null) return () => []
    const within = narrowed(range, tallies)
    if (within.low > within.high) return () => []
    const { thing, keys, events } = least
    const isTested = asked.some(other => other !== thing)
    if (thing !== null && events <= FIRST_LOOK) {
      return take =>
        page(
          keys === null
            ? gather(thing, conditions, within)
            : merge(thing, keys, conditions, within),
          take,
        )
    }
    if (thing !== null && keys !== null) {
      if (!isTested) return take => page(merge(thing, keys, conditions, within), take)
      const merged = merge(thing, keys, NO_CONDITIONS, within)
      return orSearched(first(merged, conditions, thing, newestFirst, FIRST_LOOK))
    }
    if (thing === null || events * WALK_DENSITY >= total) {
      return walked ? searched : orSearched(walkFirst(within))
    }

    return take => {
      // As wide as the page's events would need if they were spread evenly, four times over; wider and
      // wider when that was too little.
      const span = lowestPosition(least.lastAt) - lowestPosition(least.firstAt) + 1n
      for (let expected = 4 * take; expected <= FIRST_LOOK; expected *= 8) {
        const width = (span * BigInt(expected)) / BigInt(events) + 1n
        const part = newestFirst
          ? { low: max(within.low, within.high - width), high: within.high }
          : { low: within.low, high: min(within.high, within.low + width) }
        const rows = page(gather(thing, conditions, part), take)
        if (rows.length >= take || (part.low === within.low && part.high === within.high))
          return rows
      }
      return searched(take)
    }
  }

  function orSearched(firstLook: Sql): (take: number) => Awaitable<Found[]> {
    return take => {
      const rows = page(firstLook, take)
      return rows.length >= take ? rows : searched(take)
    }
  }
}

/** Whether the principals, user agents and kinds asked for are each so common that all together may well be. */
function looksCommon(filter: EventFilter, { whole, parts }: Simple): boolean {
  if (filter.addresses !== undefined || filter.resourceIds !== undefined) return false
  return parts.every(part => part.events * WALK_DENSITY >= whole.events)
}
