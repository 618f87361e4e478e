// One Organization's log as the fake Scaleway keeps it: by date, and where dates are equal in the order in
// which the events were added, so an event may come late and still stand early. A page is counted out anew
// each time, from the log as it is then; nothing is remembered between two.

import { type Instant, parseInstant } from '../../src/instant.ts'

/** A JSON object as it goes over the wire. Nothing says that it is well-formed: tests send what they like. */
export type WireItem = Readonly<Record<string, unknown>>

export interface LogQuery {
  /** `from` included, `until` excluded. An event without a date lies in no range but the whole log. */
  readonly from: Instant | null
  readonly until: Instant | null
  readonly action: string | null
  readonly resourceType: string | null
  /** The whole ID of a bearer or of a resource. */
  readonly search: string | null
  readonly newestFirst: boolean
  readonly offset: number
  readonly limit: number
}

interface LogPage {
  readonly items: readonly WireItem[]
  /** How many events match, on whichever page. */
  readonly total: number
}

/** A whole number from 0 up to `limit`, excluded. */
export type Chance = (limit: number) => number

export interface FakeLog {
  readonly size: number
  /** In any number and any order of dates. */
  add(events: readonly WireItem[]): void
  /** Forgets what is dated before. */
  drop(before: Instant): void
  find(id: string): WireItem | null
  /** Equal dates stand in order of arrival, in whichever direction; with `shuffle`, in any order. */
  page(query: LogQuery, shuffle: Chance | null): LogPage
}

/** Where an event without a date stands: last, as NULL does. */
const UNDATED = Infinity

export function createLog(): FakeLog {
  const events: WireItem[] = []
  const dates: number[] = []

  /** The first place that is dated at this instant or later. */
  function placeOf(instant: number): number {
    let [low, high] = [0, dates.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((dates[middle] as number) < instant) low = middle + 1
      else high = middle
    }
    return low
  }

  /** The places of what matches, in order: as a range, or one by one where a filter picks. */
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

    add(given) {
      const arrived = given.map(event => ({ event, date: dateOf(event) }))
      arrived.sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0))
      let old = events.length - 1
      for (const { event, date } of arrived) {
        events.push(event)
        dates.push(date)
      }
      // Merged from the end: what is later makes room, what is equally old stays before the newcomer.
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
        // `first` to `last` share a date; read backwards, they begin where `last` is counted from the end.
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

/** The farthest rank in this direction with the same date: by growing strides, then by halves. */
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
