// Follows an Organization's log as events arrive. Backfill and live are one loop over the order of arrival,
// so there is no seam between them, and it works whichever process takes the events in.

import type { EventFilter, FeedMark, RecordedEvent } from './event.ts'
import { yieldToEventLoop } from './event-loop.ts'
import type { LogReader } from './store.ts'

export interface Follow {
  readonly organizationId: string
  readonly filter: EventFilter
  readonly after: FeedMark
}

/** An event, or, where nothing more matches for now, only how far was looked. */
export interface Followed {
  readonly event: RecordedEvent | null
  /** Where to follow on from after this. */
  readonly mark: FeedMark
}

/** So many events are read ahead of who takes them. */
const READ_AHEAD = 100

/**
 * Every event that arrived after the mark and matches, each once and in order, then those to come. Ends when
 * the signal is aborted, or at once where the mark names no event of the Organization. Reads on only when the
 * last event was taken, so a slow consumer makes nothing pile up; and lets others run between two reads.
 */
export async function* follow(
  log: LogReader,
  { organizationId, filter, after }: Follow,
  signal: AbortSignal,
): AsyncGenerator<Followed, void, void> {
  let mark = after
  while (!signal.aborted) {
    // Taken before reading, or what arrives in between would be missed.
    const arrival = log.nextArrival()
    const page = await log.arrivals({ organizationId, filter, after: mark, limit: READ_AHEAD })
    if (page === null) return
    for (const event of page.events) {
      if (signal.aborted) return
      yield { event, mark: event.id }
    }
    if (page.mark !== mark) {
      mark = page.mark
      yield { event: null, mark }
    }
    // A database that answers at once would otherwise hold up the process for as long as there is more.
    await (page.hasMore ? yieldToEventLoop('streams') : either(arrival, signal))
  }
}

/** One listener a time: a promise that outlives many waits would remember each of them. */
async function either(arrival: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  const { promise: aborted, resolve } = Promise.withResolvers<void>()
  const listener = () => resolve()
  signal.addEventListener('abort', listener)
  await Promise.race([arrival, aborted])
  signal.removeEventListener('abort', listener)
}
