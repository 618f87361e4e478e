// Follows an Organization's log as events arrive. Backfill and live events are one loop over the order of arrival, so
// nothing is lost between them, and it works whichever process adds the events.

import type { FeedCursor, FeedQuery, RecordedEvent } from './event.ts'
import { yieldToEventLoop } from './event-loop.ts'
import type { LogReader } from './log-reader.ts'

export type Follow = Omit<FeedQuery, 'limit'>

/** An event, or `null` with the cursor after events that do not match. */
export interface Followed {
  readonly event: RecordedEvent | null
  /** The cursor to continue from. */
  readonly cursor: FeedCursor
}

/** Events per read. */
const READ_AHEAD = 100

/**
 * Every matching event that arrived after the cursor, each once and in order, then future ones. Ends when the signal
 * aborts, or at once if the cursor is not an event of the Organization. Reads only as fast as the consumer, and yields
 * to the event loop between two reads.
 */
export async function* follow(
  log: LogReader,
  { organizationId, filter, after }: Follow,
  signal: AbortSignal,
): AsyncGenerator<Followed, void, void> {
  let cursor = after
  while (!signal.aborted) {
    // Before reading, so that no arrival in between is missed.
    const arrival = log.nextArrival()
    const page = await log.arrivals({ organizationId, filter, after: cursor, limit: READ_AHEAD })
    if (page === null) return
    for (const event of page.events) {
      if (signal.aborted) return
      yield { event, cursor: event.id }
    }
    if (page.cursor !== cursor) {
      cursor = page.cursor
      yield { event: null, cursor }
    }
    // SQLite returns synchronously, so a long backfill would block the event loop.
    await (page.hasMore ? yieldToEventLoop('streams') : either(arrival, signal))
  }
}

/** `Promise.race` on a promise for the whole life of the signal would leak a handler per call. */
async function either(arrival: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  const { promise: aborted, resolve } = Promise.withResolvers<void>()
  const listener = () => resolve()
  signal.addEventListener('abort', listener)
  await Promise.race([arrival, aborted])
  signal.removeEventListener('abort', listener)
}
