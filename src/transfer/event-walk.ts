// Walks through all events of a list, page by page, so that others get their turn between two pages; within one, that
// is the database's care. It looks into a part of the time, as wide as can be looked into quickly: a server looks into
// all of it at once, however few events match.

import type { EventFilter, FeedMark, Position, RecordedEvent } from '../event.ts'
import { yieldToEventLoop } from '../event-loop.ts'
import { type Instant, MICROSECONDS_PER_SECOND } from '../instant.ts'
import type { LogReader } from '../store.ts'

export interface Walk {
  readonly organizationId: string
  readonly filter: EventFilter
  /** Only what had arrived by then. */
  readonly arrivedBy: FeedMark
  /** Only what lies behind; `null`: from the first on. */
  readonly after: Position | null
}

/** So many events at once: read, told and written in some 10 ms. */
const PAGE = 250

/** A part of the time to begin with, in microseconds. */
const FIRST_PART = 86_400 * MICROSECONDS_PER_SECOND

/** No part is less than one of so many: what takes long then is not how wide it is, and there would be no end of them. */
const MOST_PARTS = 1_000

/** Parts grow, but for those that took longer, in milliseconds: they shrink. */
const LONG = 1_000

/** Every event once, oldest first (`comparePositions`), whatever arrives meanwhile. No page is empty. */
export async function* walkEvents(
  log: LogReader,
  walk: Walk,
): AsyncGenerator<readonly RecordedEvent[], void, void> {
  const whole = await extent(log, walk)
  if (whole === null) return
  let { after } = walk
  let { low } = whole
  const least = Math.ceil((whole.high - whole.low) / MOST_PARTS)
  let part = Math.max(FIRST_PART, least)
  while (low <= whole.high) {
    const createdBefore = Math.min(low + part, whole.high + 1)
    const began = performance.now()
    const { events, hasMore } = await log.events({
      organizationId: walk.organizationId,
      filter: { ...walk.filter, createdAfter: low, createdBefore },
      order: 'oldest-first',
      after: after !== null && after.createdAt >= low ? after : null,
      before: null,
      limit: PAGE,
      fromEnd: false,
      arrivedBy: walk.arrivedBy,
    })
    const slow = performance.now() - began > LONG
    const last = events.at(-1)
    if (last !== undefined) {
      after = last
      yield events
    }
    low = hasMore ? (last?.createdAt ?? low) : createdBefore
    if (slow) part = Math.max(Math.floor(part / 4), least)
    else if (!hasMore) part *= 2
    await yieldToEventLoop('streams')
  }
}

/** From the first to the last instant at which something may match; `null`: nothing can. */
async function extent(
  log: LogReader,
  { organizationId, filter, arrivedBy, after }: Walk,
): Promise<{ readonly low: Instant; readonly high: Instant } | null> {
  const ends: Instant[] = []
  for (const order of ['oldest-first', 'newest-first'] as const) {
    const { events } = await log.events({
      organizationId,
      filter: {},
      order,
      after: null,
      before: null,
      limit: 1,
      fromEnd: false,
      arrivedBy,
    })
    for (const { createdAt } of events) ends.push(createdAt)
  }
  const [oldest, newest] = ends
  if (oldest === undefined || newest === undefined) return null
  const low = Math.max(oldest, filter.createdAfter ?? oldest, after?.createdAt ?? oldest)
  const high = Math.min(newest, (filter.createdBefore ?? newest + 1) - 1)
  return low > high ? null : { low, high }
}
