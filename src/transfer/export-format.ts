// The parts of an exported file in any format: a header, a row for each event, and a trailer that proves that it is
// complete. The trailer ends with the SHA-256 of all bytes before those 64 digits, which also `head -c` and `sha256sum` can
// check.

import type { FeedCursor, Position } from '../event.ts'
import type { EnrichedEvent } from './enriched-event.ts'

export interface ExportFormat {
  readonly name: 'ndjson' | 'csv' | 'ocsf'
  readonly mediaType: string
  /** With its dot. Of two that end alike, the longer one comes first in `EXPORT_FORMATS`. */
  readonly extension: string
  /** One line with its newline, or empty. `/feed` has the formats without a header, as its pages are rows alone. */
  readonly header: string
  /** Each row ends with a newline. The same events give the same bytes, however they are divided into calls. */
  rows(events: readonly EnrichedEvent[]): string
  /**
   * The text before and after the SHA-256: one line that no row is like. `trailerLine` makes the one of lines of JSON. Another
   * form must also be recognised in `exported-file.ts` and in the Logs page's `tools/transfer.ts`.
   */
  trailer(trailer: Trailer): readonly [start: string, end: string]
  /** Whether a row may hold newlines, each between double quotes; otherwise it holds none but its last. */
  readonly quotes: boolean
  /**
   * The place of the event in a complete row, which comes with its newline; `null` where it is not an event. Exports resume
   * after it, so the row must hold the event's ID, and its date in microseconds.
   */
  placeOf(row: string): Position | null
}

export interface Trailer {
  readonly organizationId: string
  /** The last event that had arrived when the export began. */
  readonly snapshot: FeedCursor
  readonly events: number
  /** The IDs of the first and last event; `null` where there is none. */
  readonly first: string | null
  readonly last: string | null
}
