// Reads all matching events in pages, and yields to other work between two pages. Each query covers a range of dates
// that can be searched quickly: PostgreSQL searches all of a range at once, however few events match.

import type { EventFilter, FeedCursor, Position, RecordedEvent } from '../event.ts'
import { yieldToEventLoop } from '../event-loop.ts'
import { type Instant, MICROSECONDS_PER_SECOND } from '../instant.ts'
import type { LogReader } from '../log-reader.ts'

export interface Walk {
  readonly organizationId: string
  readonly filter: EventFilter
  /** Only events that had arrived by then. */
  readonly arrivedBy: FeedCursor
  /** Exclusive; `null`: from the first. */
  readonly after: Position | null
}

/** The number of events that are read and written in about 10 ms. */
const PAGE_SIZE = 250

/** Microseconds. */
const FIRST_RANGE = 86_400 * MICROSECONDS_PER_SECOND

/**
 * Ranges do not become smaller than this part of the whole: beyond that, their width is not the cause of slow queries.
 */
const MAX_RANGES = 1_000

/** Milliseconds after which the next range is smaller; otherwise it grows. */
const SLOW_QUERY = 1_000

/** Every event once, oldest first (`comparePositions`), unaffected by new arrivals. No page is empty. */
export async function* walkEvents(
  log: LogReader,
  walk: Walk,
): AsyncGenerator<readonly RecordedEvent[], void, void> {
  const range = await rangeOf(log, walk)
  if (range === null) return
  let { after } = walk
  let { low } = range
  const least = Math.ceil((range.high - range.low) / MAX_RANGES)
  let width = Math.max(FIRST_RANGE, least)
  while (low <= range.high) {
    const createdBefore = Math.min(low + width, range.high + 1)
    const began = performance.now()
    const { events, hasMore } = await log.events({
      organizationId: walk.organizationId,
      filter: { ...walk.filter, createdAfter: low, createdBefore },
      order: 'oldest-first',
      after: after !== null && after.createdAt >= low ? after : null,
      limit: PAGE_SIZE,
      arrivedBy: walk.arrivedBy,
    })
    const slow = performance.now() - began > SLOW_QUERY
    const last = events.at(-1)
    if (last !== undefined) {
      after = last
      yield events
    }
    low = hasMore ? (last?.createdAt ?? low) : createdBefore
    if (slow) width = Math.max(Math.floor(width / 4), least)
    else if (!hasMore) width *= 2
    await yieldToEventLoop('streams')
  }
}

/** The dates between which events may match; `null`: no event can match. */
async function rangeOf(
  log: LogReader,
  { organizationId, filter, arrivedBy, after }: Walk,
): Promise<{ readonly low: Instant; readonly high: Instant } | null> {
  const ends: Instant[] = []
  for (const order of ['oldest-first', 'newest-first'] as const) {
    const { events } = await log.events({ organizationId, filter: {}, order, limit: 1, arrivedBy })
    for (const { createdAt } of events) ends.push(createdAt)
  }
  const [oldest, newest] = ends
  if (oldest === undefined || newest === undefined) return null
  const low = Math.max(oldest, filter.createdAfter ?? oldest, after?.createdAt ?? oldest)
  const high = Math.min(newest, (filter.createdBefore ?? newest + 1) - 1)
  return low > high ? null : { low, high }
}
