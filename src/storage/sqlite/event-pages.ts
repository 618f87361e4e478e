// Reads pages of events: the place of a page in the order, and events of one microsecond, which the database
// keeps in no order of their own.

import {
  comparePositions,
  type EventFilter,
  type EventPage,
  type EventQuery,
  type Position,
  type RecordedEvent,
} from '../../event.ts'
import type { Awaitable } from '../../store.ts'
import { encodePosition, samePosition } from '../codec.ts'
import { arrivalOf } from './arrivals.ts'
import { countListed, isListed } from './counts.ts'
import type { SqliteDatabase } from './database.ts'
import { planRead } from './event-plan.ts'
import { conditionsOf, type Entries, gather, type Range, rangeOf, walk } from './event-query.ts'
import { readEventPage } from './event-rows.ts'
import { countInTurns } from './event-search.ts'
import { max, min, smallest, tallyAll, tallySimple, tallyTrails } from './event-tallies.ts'

export function readEvents(
  db: SqliteDatabase,
  organization: number,
  organizationId: string,
  query: EventQuery,
): Awaitable<EventPage> {
  const { filter, limit, after, before } = query
  const newestFirst = (query.order === 'newest-first') !== query.fromEnd
  const [start, end] = query.fromEnd ? [before, after] : [after, before]
  const [older, newer] = newestFirst ? [end, start] : [start, end]
  const range = rangeBetween(rangeOf(filter), older, newer)
  const page = (found: Entries, take: number) =>
    readEventPage(db, organization, organizationId, found, newestFirst, take)
  const arrivedBy =
    query.arrivedBy === undefined ? null : arrivalOf(db, organization, query.arrivedBy)
  if (query.arrivedBy !== undefined && arrivedBy === null) return { events: [], hasMore: false }
  const read = planRead(db, organization, filter, range, newestFirst, arrivedBy, page)
  return readFrom(limit + 3)

  // Entries with one position come in no order, and a cursor may lie between them: read a few more than
  // asked, order by the whole ID, and leave out those at the far edge, of which some may still be unread.
  function readFrom(take: number): Awaitable<EventPage> {
    const events = read(take)
    return events instanceof Promise
      ? events.then(events => pageOf(events, take))
      : pageOf(events, take)
  }

  function pageOf(events: RecordedEvent[], take: number): Awaitable<EventPage> {
    const all = events.length < take
    events.sort((a, b) => (newestFirst ? comparePositions(b, a) : comparePositions(a, b)))
    const edge = all ? undefined : events.at(-1)
    const found = events.filter(
      event =>
        (edge === undefined || !samePosition(event, edge)) &&
        (older === null || comparePositions(event, older) > 0) &&
        (newer === null || comparePositions(event, newer) < 0),
    )
    if (!all && found.length <= limit) return readFrom(take * 2)
    const page = found.slice(0, limit)
    return { events: query.fromEnd ? page.reverse() : page, hasMore: found.length > limit }
  }
}

/** So many events are looked at while others wait; that takes some milliseconds. */
const AT_ONCE = 3000

export function countEvents(
  db: SqliteDatabase,
  organization: number,
  filter: EventFilter,
): Awaitable<number> {
  const isDated = filter.createdAfter !== undefined || filter.createdBefore !== undefined
  const conditions = conditionsOf(organization, filter)
  const simple = tallySimple(db, organization, filter)
  if (isListed(filter)) {
    if (isDated) return countListed(db, organization, filter)
    if (conditions.trail === null) return simple.whole.events
    const exact = tallyTrails(db, conditions.trail, simple.parts)
    return exact === null ? countListed(db, organization, filter) : exact.events
  }
  const tallies = tallyAll(db, conditions, simple)
  const least = smallest(tallies)
  if (least === null) return 0
  if (!isDated && tallies.length <= 2 && least.thing !== 'resource') return least.events
  const range = rangeOf(filter)
  if (least.events > AT_ONCE) return countInTurns(db, organization, filter, range)
  const found =
    least.thing === null
      ? walk(organization, conditions, range)
      : gather(least.thing, conditions, range)
  const count = db.row<[number]>({
    text: `SELECT count(*) FROM (${found.text})`,
    values: found.values,
  })
  return count?.[0] ?? 0
}

function rangeBetween(range: Range, older: Position | null, newer: Position | null): Range {
  return {
    low: older === null ? range.low : max(range.low, encodePosition(older)),
    high: newer === null ? range.high : min(range.high, encodePosition(newer)),
  }
}
