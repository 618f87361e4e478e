// A window of an Organization's log: the bounds of requests for it, and the items in responses.

import { BEGINNING, type TimeRange } from '../coverage.ts'
import { quoted } from '../errors.ts'
import type { Event } from '../event.ts'
import { formatInstant, type Instant, parseInstant } from '../instant.ts'
import { identityOf } from './complete-list.ts'
import { isObject } from './fields.ts'
import { ScalewayUnavailable } from './retry.ts'
import { decodeEvent } from './wire.ts'

export const MILLISECOND = 1000

/** The microseconds before now that every run reads again, because Scaleway may list events late. */
export const OVERLAP = 900 * 1_000_000

/** Microseconds by which events may be outside of the requested range, because Scaleway may round bounds to seconds. */
const TOLERANCE = 1_000_000

/**
 * The bounds of a request. Scaleway does not document whether bounds are included, so one more millisecond is requested
 * on either side; duplicates are recognised by their IDs.
 */
export function bounds(from: Instant, until: Instant | null, margin = MILLISECOND) {
  return {
    from: from === BEGINNING ? null : from - margin,
    until: until === null ? null : until + margin,
  }
}

/**
 * Refuses a date out of range: otherwise a server that ignores bounds would be read for ever, a millisecond at a time.
 */
export function checkInRange(date: Instant | null, from: Instant, until: Instant | null): void {
  if (date === null) return
  const isLate = until !== null && date > until + TOLERANCE
  if (isLate || date < from - TOLERANCE) throw ignoresDates(date, from, until)
}

export function ignoresDates(date: Instant, from: Instant, until: Instant | null) {
  return new ScalewayUnavailable(
    `Scaleway ignored the requested dates: for ${nameOf(from, until)} it returned an event dated ${formatInstant(date)}; the log cannot be read`,
  )
}

/** Requests have whole milliseconds. */
function wholeMillisecond(instant: Instant): Instant {
  return Math.floor(instant / MILLISECOND) * MILLISECOND
}

export function nextMillisecond(instant: Instant): Instant {
  return wholeMillisecond(instant) + MILLISECOND
}

/**
 * The last whole millisecond after `from` and up to `end` without an event: there it makes no difference whether
 * Scaleway includes bounds. `end` itself if there is no such millisecond.
 */
export function quietEnd(from: Instant, end: Instant, dates: readonly (Instant | null)[]): Instant {
  const busy = new Set(dates)
  for (let at = end; at > from; at -= MILLISECOND) if (!busy.has(at)) return at
  return end
}

/**
 * The ranges that count as read after reading from `from` to `until`, or to the end of the log: nothing in the future,
 * and the overlap that will be read again as a separate range.
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

/** The events, and the dates of all items. `note` is called for each item that is not an event of the Organization. */
export function readItems(
  items: readonly unknown[],
  organizationId: string,
  note: (line: string) => void,
) {
  const events: Event[] = []
  const dates = items.map(item => {
    const event = decodeEvent(item)
    if (!('value' in event)) {
      note(`event ${quoted(identityOf(item))} is left out: ${event.field} ${event.problem}`)
      return dateOf(item)
    }
    if (event.value.organizationId === organizationId) events.push(event.value)
    else note(`event ${event.value.id} is left out: it belongs to another Organization`)
    return event.value.createdAt
  })
  return { events, dates }
}

/** `null` if an item has no valid date. */
export function dateOf(item: unknown): Instant | null {
  const date = isObject(item) ? item.created_at : undefined
  return typeof date === 'string' ? parseInstant(date) : null
}

export function nameOf(from: Instant, until: Instant | null): string {
  const date = (instant: Instant) => new Date(instant / MILLISECOND).toISOString()
  const start = from === BEGINNING ? 'the beginning' : date(from)
  return `the log from ${start} to ${until === null ? 'its end' : date(until)}`
}
