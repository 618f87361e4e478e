// An Organization's events as a file: in the order by date, as they were when the export began. It is made page
// by page as it is taken, so neither its length nor a slow reader costs memory. That it is whole is said only by
// its last line: whoever stops before has no whole file.

import { createHash, type Hash } from 'node:crypto'
import { InputError, quoted } from '../errors.ts'
import { type EventFilter, FEED_START, type FeedMark, type Position } from '../event.ts'
import type { LogReader } from '../store.ts'
import { createEnricher } from './enriched-event.ts'
import { walkEvents } from './event-walk.ts'
import type { ExportForm } from './export-formats.ts'

export interface ExportRequest extends ExportForm {
  readonly organizationId: string
  readonly filter: EventFilter
  /** What had arrived by then is in it and nothing else: see `LogReader.lastArrival`. */
  readonly snapshot: FeedMark
}

/** What somebody has of it already. */
export interface StartedExport {
  /** Over its bytes, all whole rows. */
  readonly hash: Hash
  readonly events: number
  readonly first: string
  readonly last: Position
}

export interface ExportOptions {
  readonly begun?: StartedExport | null
  readonly after?: string | null
  /** Called when these bytes are taken: how many events are in it so far, and the last. */
  progress?(events: number, last: string | null): void
}

/**
 * The bytes of the file. The same request gives the same bytes again, as long as no name in it changes and nothing
 * is dropped. With `begun`, those that come after what there is. With `after`, those that come after the row of the
 * event with this ID, to which all before is read and hashed again. Refuses a snapshot that is none, and, when all
 * is read, an `after` that is not in it. Throws, without a trailer, where what it reads is dropped meanwhile.
 */
export async function* exportEvents(
  log: LogReader,
  { organizationId, filter, format, trailer, snapshot }: ExportRequest,
  { begun = null, after = null, progress }: ExportOptions = {},
): AsyncGenerator<Buffer, void, void> {
  if (!(await isSnapshot(log, organizationId, snapshot))) {
    throw new InputError(
      `snapshot: ${quoted(snapshot)} is no event of this Organization; take the one that the first answer named`,
    )
  }
  const tell = createEnricher(log, organizationId)
  const hash = begun?.hash ?? createHash('sha256')
  let events = begun?.events ?? 0
  let first = begun?.first ?? null
  let last = begun?.last.id ?? null
  let skipping = after !== null

  function* take(text: string): Generator<Buffer> {
    if (text === '') return
    const bytes = Buffer.from(text)
    hash.update(bytes)
    if (!skipping) yield bytes
  }

  if (begun === null) yield* take(format.header)
  const walk = { organizationId, filter, arrivedBy: snapshot, after: begun?.last ?? null }
  for await (const page of walkEvents(log, walk)) {
    const told = await tell(page)
    const at = skipping ? page.findIndex(({ id }) => id === after) + 1 : 0
    if (at > 0) {
      yield* take(format.rows(told.slice(0, at)))
      skipping = false
    }
    yield* take(format.rows(told.slice(at)))
    events += page.length
    first ??= page[0]?.id ?? null
    last = page.at(-1)?.id ?? last
    progress?.(events, last)
  }
  if (skipping) {
    throw new InputError(
      `after: ${quoted(after)} is no event of this export; take the ID of the last whole row you have`,
    )
  }
  // What is dropped is the oldest: where the first of it is still here, so is all that was to come behind.
  for (const mark of [first ?? FEED_START, snapshot]) {
    if (await isSnapshot(log, organizationId, mark)) continue
    throw new Error('events were dropped while they were exported')
  }
  if (!trailer) return
  const [before, behind] = format.trailer({ organizationId, snapshot, events, first, last })
  const sha256 = hash.update(before).digest('hex')
  yield Buffer.from(before + sha256 + behind)
}

async function isSnapshot(
  log: LogReader,
  organizationId: string,
  mark: FeedMark,
): Promise<boolean> {
  if (mark === FEED_START) return true
  return (await log.arrivals({ organizationId, filter: {}, after: mark, limit: 0 })) !== null
}
