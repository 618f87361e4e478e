// Takes events from a stream of JSON into the archive, batch by batch. A batch is one call of `append`, so
// one transaction: after a crash the file is imported again, and what is there already counts as known.

import type { Event } from '../event.ts'
import type { Appended, Awaitable } from '../store.ts'
import { readJson } from './json.ts'

const BATCH_EVENTS = 10_000
const BATCH_BYTES = 8 * 1024 * 1024
/** So many batches are appended at once, where the archive takes them beside what is read: one is prepared meanwhile. */
const MOST_APPENDING = 2

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
 * Appends every event that can be read, whatever else is in it: batches in the order of the input, of which two may
 * be under way at once. What `append` or the input throws ends the import; what was appended stays.
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
  let batch: Event[] = []
  let batchStart = 0
  const appending: Promise<void>[] = []

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

  async function flush(): Promise<void> {
    if (batch.length === 0) return
    const events = batch
    batch = []
    batchStart = read
    if (appending.length >= MOST_APPENDING) await appending.shift()
    const appended = (async () => {
      const sum = await append(events)
      added += sum.added
      known += sum.known
    })()
    // Told where it is awaited.
    appended.catch(() => {})
    appending.push(appended)
  }

  for await (const items of readJson(counted())) {
    for (const item of items) {
      if ('problem' in item) {
        fault(item.line, item.problem)
        continue
      }
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
  for (const appended of appending) await appended
  report.progress?.(read, events)
  return { added, known, failed }
}
