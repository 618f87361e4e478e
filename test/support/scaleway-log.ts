// The log of an Organization in the fake Scaleway: by date, and for equal dates in the order in which events were added.
// Each page is computed from the current log, without state between two requests.

import { type Instant, parseInstant } from '../../src/instant.ts'

/** A JSON object as it is sent; not necessarily a valid item. */
export type WireItem = Readonly<Record<string, unknown>>

export interface LogQuery {
  /** `from` included, `until` excluded. An event without a date is only in the complete log. */
  readonly from: Instant | null
  readonly until: Instant | null
  readonly action: string | null
  readonly resourceType: string | null
  /** The complete ID of a bearer or of a resource. */
  readonly search: string | null
  readonly newestFirst: boolean
  readonly offset: number
  readonly limit: number
}

interface LogPage {
  readonly items: readonly WireItem[]
  /** The number of matching events on all pages. */
  readonly total: number
}

/** A random integer from 0 up to `limit`, excluded. */
export type Chance = (limit: number) => number

export interface FakeLog {
  readonly size: number
  /** Adds events with any dates, in any order. */
  add(events: readonly WireItem[]): void
  /** Removes events dated before. */
  drop(before: Instant): void
  find(id: string): WireItem | null
  /** Events with equal dates are in order of arrival in both directions; with `shuffle`, in random order. */
  page(query: LogQuery, shuffle: Chance | null): LogPage
}

/** The date of events without one: they are last, as NULL is. */
const UNDATED = Infinity

export function createLog(): FakeLog {
  const events: WireItem[] = []
  const dates: number[] = []

  /** The first place with this date or a later one. */
  function placeOf(instant: number): number {
    let [low, high] = [0, dates.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((dates[middle] as number) < instant) low = middle + 1
      else high = middle
    }
    return low
  }

  /** The places of matching events, in order: as a range, or as a list if there is a filter. */
  function matching(query: LogQuery): { count: number; placeAt(rank: number): number } {
    const { from, until, action, resourceType, search } = query
    const low = from === null ? 0 : placeOf(from)
    const bounded = from !== null || until !== null
    const high = Math.max(low, bounded ? placeOf(until ?? UNDATED) : dates.length)
    if (action === null && resourceType === null && search === null) {
      return { count: high - low, placeAt: rank => low + rank }
    }
    const places: number[] = []
    for (let place = low; place < high; place++) {
      const event = events[place] as WireItem
      if (action !== null && event.action !== action) continue
      if (resourceType !== null && event.resource_type !== resourceType) continue
      if (search !== null && event.bearer_id !== search && event.resource_id !== search) continue
      places.push(place)
    }
    return { count: places.length, placeAt: rank => places[rank] as number }
  }

  return {
    get size() {
      return events.length
    },

    add(added) {
      const arrived = added.map(event => ({ event, date: dateOf(event) }))
      arrived.sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0))
      let old = events.length - 1
      for (const { event, date } of arrived) {
        events.push(event)
        dates.push(date)
      }
      // Merged from the end: later events move, and events with the same date stay before the new one.
      for (let to = events.length - 1, next = arrived.length - 1; next >= 0; to--) {
        const newcomer = arrived[next] as (typeof arrived)[number]
        if (old >= 0 && (dates[old] as number) > newcomer.date) {
          events[to] = events[old] as WireItem
          dates[to] = dates[old] as number
          old--
        } else {
          events[to] = newcomer.event
          dates[to] = newcomer.date
          next--
        }
      }
    },

    drop(before) {
      const kept = placeOf(before)
      events.splice(0, kept)
      dates.splice(0, kept)
    },

    find: id => events.find(event => event.id === id) ?? null,

    page(query, shuffle) {
      const { offset, limit, newestFirst } = query
      const { count, placeAt } = matching(query)
      const dateAt = (rank: number) => dates[placeAt(rank)] as number
      const items: WireItem[] = []
      const end = Math.min(count, offset + limit)
      for (let at = offset; at < end; ) {
        // `first` to `last` have the same date; newest first, they begin at the distance of `last` from the end.
        const rank = newestFirst ? count - 1 - at : at
        const first = edge(count, rank, dateAt, -1)
        const last = edge(count, rank, dateAt, 1)
        const ranks = Array.from({ length: last - first + 1 }, (_, number) => first + number)
        if (shuffle !== null) shuffled(ranks, shuffle)
        const start = newestFirst ? count - 1 - last : first
        const taken = ranks.slice(at - start, end - start)
        for (const each of taken) items.push(events[placeAt(each)] as WireItem)
        at += taken.length
      }
      return { items, total: count }
    },
  }
}

function dateOf(event: WireItem): number {
  const text = event.created_at
  return (typeof text === 'string' ? parseInstant(text) : null) ?? UNDATED
}

/** The farthest rank in this direction with the same date, by exponential and then binary search. */
function edge(
  count: number,
  rank: number,
  dateAt: (rank: number) => number,
  direction: 1 | -1,
): number {
  const date = dateAt(rank)
  const same = (steps: number) => {
    const at = rank + direction * steps
    return at >= 0 && at < count && dateAt(at) === date
  }
  let [inside, outside] = [0, 1]
  while (same(outside)) [inside, outside] = [outside, outside * 2]
  while (outside - inside > 1) {
    const middle = (inside + outside) >>> 1
    if (same(middle)) inside = middle
    else outside = middle
  }
  return rank + direction * inside
}

function shuffled(ranks: number[], below: Chance): void {
  for (let at = ranks.length - 1; at > 0; at--) {
    const other = below(at + 1)
    const [here, there] = [ranks[at] as number, ranks[other] as number]
    ranks[at] = there
    ranks[other] = here
  }
}
