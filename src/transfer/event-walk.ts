// Walks through all events of a list, page by page, so that others get their turn: no read of a database that
// answers at once takes long, whatever the filter. Where few events match, or looking for them is slow, it looks
// into a part of the time, as wide as can be looked into quickly.

import type { ArrivalMark, EventFilter, Position, RecordedEvent } from '../event.ts'
import { type Instant, MICROSECONDS_PER_SECOND } from '../instant.ts'
import type { LogReader } from '../store.ts'

export interface Walk {
  readonly organizationId: string
  readonly filter: EventFilter
  /** Only what had arrived by then. */
  readonly arrivedBy: ArrivalMark
  /** Only what lies behind; `null`: from the first on. */
  readonly after: Position | null
}

/** So many events at once: read, told and written in some 20 ms. */
const PAGE = 500

/** A part of the time to begin with, and the least, in microseconds. */
const FIRST_PART = 86_400 * MICROSECONDS_PER_SECOND
const LEAST_PART = 60 * MICROSECONDS_PER_SECOND

/**
 * In milliseconds of work, during which nobody else had a turn: parts grow below the one and shrink above the other.
 * Of work, as on a busy machine most of the time is that of others, and smaller parts would make it no shorter.
 */
const SHORT = 8
const LONG = 25
/** In milliseconds by the clock: a server that takes longer looks into too much, too. */
const LONG_AWAITED = 1_000

/** Every event once, oldest first (`comparePositions`), whatever arrives meanwhile. No page is empty. */
export async function* walkEvents(
  log: LogReader,
  walk: Walk,
): AsyncGenerator<readonly RecordedEvent[], void, void> {
  const whole = await extent(log, walk)
  if (whole === null) return
  let { after } = walk
  let { low } = whole
  let part = FIRST_PART
  while (low <= whole.high) {
    const createdBefore = Math.min(low + part, whole.high + 1)
    const began = performance.now()
    const before = process.cpuUsage()
    const reading = log.events({
      organizationId: walk.organizationId,
      filter: { ...walk.filter, createdAfter: low, createdBefore },
      order: 'oldest-first',
      after: after !== null && after.createdAt >= low ? after : null,
      before: null,
      limit: PAGE,
      fromEnd: false,
      arrivedBy: walk.arrivedBy,
    })
    const { user, system } = process.cpuUsage(before)
    const held = (user + system) / 1000
    const { events, hasMore } = await reading
    const slow = held > LONG || performance.now() - began > LONG_AWAITED
    const last = events.at(-1)
    if (last !== undefined) {
      after = last
      yield events
    }
    low = hasMore ? (last?.createdAt ?? low) : createdBefore
    if (slow) part = Math.max(Math.floor(part / 4), LEAST_PART)
    else if (!hasMore && held < SHORT) part *= 2
    await new Promise(setImmediate)
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
