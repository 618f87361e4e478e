// An Organization's events as a file, by date, at the start of the export. It is produced page by page, so neither its
// length nor a slow reader costs memory. Only the last line, the trailer, proves that it is complete.

import { createHash, type Hash } from 'node:crypto'
import { InputError, quoted } from '../errors.ts'
import { type EventFilter, FEED_START, type FeedCursor, type Position } from '../event.ts'
import type { LogReader } from '../log-reader.ts'
import { enrich } from './enriched-event.ts'
import { walkEvents } from './event-walk.ts'
import type { ExportForm } from './export-formats.ts'

export interface ExportRequest extends ExportForm {
  readonly organizationId: string
  readonly filter: EventFilter
  /** Only events that had arrived by then: see `LogReader.lastArrival`. */
  readonly snapshot: FeedCursor
}

/** The beginning of an existing partial export. */
export interface StartedExport {
  /** The hash of its bytes, which are complete rows. */
  readonly hash: Hash
  readonly events: number
  readonly first: string
  readonly last: Position
}

export interface ExportOptions {
  readonly begun?: StartedExport | null
  readonly after?: string | null
  /** Called when a page has been read, with the number of events so far and the last one. */
  progress?(events: number, last: string | null): void
}

/**
 * The bytes of the file. A request results in the same bytes again, unless a name in it changes or events are deleted.
 * With `begun`, the bytes after that beginning. With `after`, those after the row of this event; all before are read
 * again for the hash. Refuses an unknown snapshot, and, at the end, an `after` that was not in it. Throws, without a
 * trailer, if events are deleted meanwhile.
 */
export async function* exportEvents(
  log: LogReader,
  { organizationId, filter, format, trailer, snapshot }: ExportRequest,
  { begun = null, after = null, progress }: ExportOptions = {},
): AsyncGenerator<Buffer, void, void> {
  if (!(await isStored(log, organizationId, snapshot))) {
    throw new InputError(
      `snapshot: ${quoted(snapshot)} is not an event of this Organization; use the snapshot that the interrupted export named`,
    )
  }
  const hash = begun?.hash ?? createHash('sha256')
  let events = begun?.events ?? 0
  let first = begun?.first ?? null
  let last = begun?.last.id ?? null
  let skipping = after !== null

  function* write(text: string): Generator<Buffer> {
    if (text === '') return
    const bytes = Buffer.from(text)
    hash.update(bytes)
    if (!skipping) yield bytes
  }

  if (begun === null) yield* write(format.header)
  const walk = { organizationId, filter, arrivedBy: snapshot, after: begun?.last ?? null }
  for await (const page of walkEvents(log, walk)) {
    const enriched = await enrich(log, organizationId, page)
    const at = skipping ? page.findIndex(({ id }) => id === after) + 1 : 0
    if (at > 0) {
      yield* write(format.rows(enriched.slice(0, at)))
      skipping = false
    }
    yield* write(format.rows(enriched.slice(at)))
    events += page.length
    first ??= page[0]?.id ?? null
    last = page.at(-1)?.id ?? last
    progress?.(events, last)
  }
  if (skipping) {
    throw new InputError(
      `after: ${quoted(after)} is not an event of this export; use the ID of the last complete row you have`,
    )
  }
  // Retention deletes the oldest events first: if the first one still exists, so do all others.
  for (const cursor of [first ?? FEED_START, snapshot]) {
    if (await isStored(log, organizationId, cursor)) continue
    throw new EventsDeleted('retention deleted events during the export; start it again')
  }
  if (!trailer) return
  const [start, end] = format.trailer({ organizationId, snapshot, events, first, last })
  const sha256 = hash.update(start).digest('hex')
  yield Buffer.from(start + sha256 + end)
}

/** The export can never be completed, because some of its events are gone. */
export class EventsDeleted extends Error {}

async function isStored(
  log: LogReader,
  organizationId: string,
  cursor: FeedCursor,
): Promise<boolean> {
  if (cursor === FEED_START) return true
  const [event] = await log.eventsByKey([{ organizationId, id: cursor }])
  return event != null
}
