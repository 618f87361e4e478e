// Imports events from a stream of JSON in batches. A batch is one call of `append`, so one transaction: after a crash
// the file can be imported again, and events that are already stored count as known.

import type { Decoded } from '../errors.ts'
import type { Event } from '../event.ts'
import type { Awaitable } from '../log-reader.ts'
import { type Appended, NOTHING_APPENDED, sumAppended } from '../store.ts'
import { readJson } from './json.ts'
import { eventsByTrailer } from './ndjson.ts'

/** A batch is in memory several times: decoded, copied to the thread that writes, and while the next one is read. */
const BATCH_EVENTS = 4_000
const BATCH_BYTES = 4 * 1024 * 1024

export interface ImportSummary extends Appended {
  /** The number of invalid items; each was reported. */
  readonly failed: number
}

export interface ImportReport {
  /** Called once for each fault, in the order of the input; `line` counts from 1. */
  problem(line: number, text: string): void
  /** Called with the bytes and the valid events read so far. */
  progress?(bytes: number, events: number): void
}

/**
 * Appends all valid events in the order of the input, and reports all other items. The trailer of an export is not an
 * event, but a problem if its count differs. An error of `append` or the input ends the import; earlier batches are
 * kept.
 */
export async function importEvents(
  input: AsyncIterable<Uint8Array>,
  decode: (json: unknown) => Decoded<Event>,
  append: (events: readonly Event[]) => Awaitable<Appended>,
  report: ImportReport,
): Promise<ImportSummary> {
  let sums = NOTHING_APPENDED
  let failed = 0
  let read = 0
  let events = 0
  let sinceTrailer = 0
  let batch: Event[] = []
  let batchStart = 0
  let appending = Promise.resolve()

  async function* measured(): AsyncGenerator<Uint8Array> {
    for await (const chunk of input) {
      read += chunk.length
      yield chunk
    }
  }

  function fail(line: number, text: string): void {
    failed++
    report.problem(line, text)
  }

  async function appendBatch(full: readonly Event[]): Promise<void> {
    sums = sumAppended(sums, await append(full))
  }

  /** The next batch is read while this one is appended on another thread or by a server. */
  async function flush(): Promise<void> {
    await appending
    if (batch.length === 0) return
    appending = appendBatch(batch)
    // The error is thrown where it is awaited next.
    appending.catch(() => {})
    batch = []
    batchStart = read
  }

  for await (const items of readJson(measured())) {
    for (const item of items) {
      if ('problem' in item) {
        fail(item.line, item.problem)
        sinceTrailer++
        continue
      }
      const counted = eventsByTrailer(item.value)
      if (counted !== null) {
        if (counted !== sinceTrailer) {
          const found = `has ${counted} events, but the file has ${sinceTrailer}`
          fail(item.line, `the export that ends here ${found}: export it again`)
        }
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
        fail(item.line, `${decoded.field} ${decoded.problem}`)
      }
    }
    if (read - batchStart >= BATCH_BYTES) await flush()
    report.progress?.(read, events)
  }
  await flush()
  await appending
  report.progress?.(read, events)
  return { ...sums, failed }
}
