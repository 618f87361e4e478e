// Takes events from a stream of JSON into the archive, batch by batch. A batch is one call of `append`, so
// one transaction: after a crash the file is imported again, and what is there already counts as known.

import type { Event } from '../event.ts'
import type { Appended, Awaitable } from '../store.ts'
import { readJson } from './json.ts'
import { eventsByTrailer } from './ndjson.ts'

const BATCH_EVENTS = 10_000
const BATCH_BYTES = 8 * 1024 * 1024

export interface ImportSummary {
  readonly added: number
  /** Events that were in the archive already, or twice in the input. */
  readonly known: number
  /** Problems told: items that are not in the archive for their own fault. */
  readonly failed: number
}

export interface ImportReport {
  /** Called once for each fault, in the order of the input; `line` counts from 1. */
  problem(line: number, text: string): void
  /** Called as the input is read, with what has been read so far: bytes, and events that fit. */
  progress?(bytes: number, events: number): void
}

/** What a decoder makes of an item: an event, or the field that does not fit and why. */
export type DecodedEvent =
  | { readonly value: Event }
  | { readonly field: string; readonly problem: string }

/**
 * Appends every event that can be read, in the order of the input, whatever else is in it. The trailer of an export
 * is none of them; one that counts others than came before it is a problem. What `append` or
 * the input throws ends the import; the batches before stay.
 */
export async function importEvents(
  input: AsyncIterable<Uint8Array>,
  decode: (json: unknown) => DecodedEvent,
  append: (events: readonly Event[]) => Awaitable<Appended>,
  report: ImportReport,
): Promise<ImportSummary> {
  let added = 0
  let known = 0
  let failed = 0
  let read = 0
  let events = 0
  let sinceTrailer = 0
  let batch: Event[] = []
  let batchStart = 0
  let underWay = Promise.resolve()

  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of input) {
      read += chunk.length
      yield chunk
    }
  }

  function fault(line: number, text: string): void {
    failed++
    report.problem(line, text)
  }

  async function keep(events: readonly Event[]): Promise<void> {
    const appended = await append(events)
    added += appended.added
    known += appended.known
  }

  /** The next batch is read while the last one is kept, where the archive does that beside us. */
  async function flush(): Promise<void> {
    await underWay
    if (batch.length === 0) return
    underWay = keep(batch)
    // It is told by whoever awaits it next.
    underWay.catch(() => {})
    batch = []
    batchStart = read
  }

  for await (const items of readJson(counted())) {
    for (const item of items) {
      if ('problem' in item) {
        fault(item.line, item.problem)
        sinceTrailer++
        continue
      }
      const said = eventsByTrailer(item.value)
      if (said !== null) {
        if (said !== sinceTrailer) fault(item.line, miscounted(said, sinceTrailer))
        sinceTrailer = 0
        continue
      }
      sinceTrailer++
      const decoded = decode(item.value)
      if ('value' in decoded) {
        batch.push(decoded.value)
        events++
        if (batch.length === BATCH_EVENTS) await flush()
      } else {
        fault(item.line, `${decoded.field} ${decoded.problem}`)
      }
    }
    if (read - batchStart >= BATCH_BYTES) await flush()
    report.progress?.(read, events)
  }
  await flush()
  await underWay
  report.progress?.(read, events)
  return { added, known, failed }
}

function miscounted(said: number, found: number): string {
  return `the export that ends here has ${said} events, of which ${found} came: export it again`
}
