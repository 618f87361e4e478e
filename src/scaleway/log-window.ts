// One stretch of an Organization's log as it is asked for and as it is answered: where it may begin and end, and
// what its items are.

import { BEGINNING, type TimeRange } from '../coverage.ts'
import { quoted } from '../errors.ts'
import type { Event } from '../event.ts'
import { formatInstant, type Instant, parseInstant } from '../instant.ts'
import { isObject } from './fields.ts'
import { ScalewayUnavailable } from './retry.ts'
import { decodeEvent } from './wire.ts'

export const MILLISECOND = 1000

/** The newest stretch, which every run reads again, as Scaleway may list late what it dated early. */
export const OVERLAP = 900 * 1_000_000

/** So far outside of what was asked for an event may be dated: bounds could count whole seconds. */
const LENIENCE = 1_000_000

/**
 * For a request. Whether Scaleway includes its bounds is not documented, so a millisecond more is asked for on
 * either side; what comes twice is known by its ID.
 */
export function bounds(from: Instant, until: Instant | null, margin = MILLISECOND) {
  return {
    from: from === BEGINNING ? null : from - margin,
    until: until === null ? null : until + margin,
  }
}

/** Rejects a date that was not asked for: a log that ignores dates would be read for ever, a millisecond at a time. */
export function checkAsked(date: Instant | null, from: Instant, until: Instant | null): void {
  if (date === null) return
  const asked = bounds(from, until, LENIENCE)
  const early = asked.from !== null && date < asked.from
  const late = asked.until !== null && date > asked.until
  if (!early && !late) return
  throw ignoresDates(date, from, until)
}

export function ignoresDates(date: Instant, from: Instant, until: Instant | null) {
  return new ScalewayUnavailable(
    `Scaleway ignores the dates it is asked for: of ${nameOf(from, until)} it gave an event of ${formatInstant(date)}; the log cannot be read`,
  )
}

/** Requests take whole milliseconds. */
function wholeMillisecond(instant: Instant): Instant {
  return Math.floor(instant / MILLISECOND) * MILLISECOND
}

export function nextMillisecond(instant: Instant): Instant {
  return wholeMillisecond(instant) + MILLISECOND
}

/**
 * The last whole millisecond up to `end` at which nothing happened: there it makes no difference whether
 * Scaleway counts its bounds in. `end` itself where there is none behind `from`.
 */
export function quietEnd(from: Instant, end: Instant, dates: readonly (Instant | null)[]): Instant {
  const busy = new Set(dates)
  for (let at = end; at > from; at -= MILLISECOND) if (!busy.has(at)) return at
  return end
}

/**
 * What counts as read when all from `from` up to `until` was, or up to the end of the log: of that, the part that
 * will be read again apart from the rest, and nothing that is yet to come.
 */
export function readRanges(
  from: Instant,
  until: Instant | null,
  startedAt: Instant,
  dates: readonly (Instant | null)[],
): TimeRange[] {
  if (until !== null) return [{ from, until }]
  const end = wholeMillisecond(startedAt)
  const cut = quietEnd(from, wholeMillisecond(startedAt - OVERLAP), dates)
  if (cut > from) {
    return [
      { from, until: cut },
      { from: cut, until: end },
    ]
  }
  return end > from ? [{ from, until: end }] : []
}

export function countIn({ from, until }: TimeRange, dates: readonly (Instant | null)[]): number {
  return dates.filter(date => date !== null && date >= from && date < until).length
}

export interface ReadItems {
  readonly events: readonly Event[]
  /** Of all items, in their order. */
  readonly dates: readonly (Instant | null)[]
}

/** `note` is told of each item that is no event of the Organization, in one line. */
export function readItems(
  items: readonly unknown[],
  organizationId: string,
  note: (line: string) => void,
): ReadItems {
  const events: Event[] = []
  const dates = items.map(item => {
    const event = decodeEvent(item)
    if (!('value' in event)) {
      note(`event ${quoted(keyOf(item))} is left out: ${event.field} ${event.problem}`)
      return dateOf(item)
    }
    if (event.value.organizationId === organizationId) events.push(event.value)
    else note(`event ${event.value.id} is left out: it belongs to another Organization`)
    return event.value.createdAt
  })
  return { events, dates }
}

/** Tells items apart, also those that are no events. */
export function keyOf(item: unknown): string {
  return isObject(item) && typeof item.id === 'string' ? item.id : JSON.stringify(item)
}

/** `null` where an item has none: it lies in no stretch. */
export function dateOf(item: unknown): Instant | null {
  const date = isObject(item) ? item.created_at : undefined
  return typeof date === 'string' ? parseInstant(date) : null
}

export function nameOf(from: Instant, until: Instant | null): string {
  const date = (instant: Instant) => new Date(instant / MILLISECOND).toISOString()
  const start = from === BEGINNING ? 'the beginning' : date(from)
  return `the log from ${start} to ${until === null ? 'its end' : date(until)}`
}
