// The parts of an exported file in any format: a header, a row for each event, and a trailer that proves that it is
// complete. The trailer ends with the SHA-256 of all bytes before those 64 digits, which also `head -c` and `sha256sum`
// can check.

import type { FeedCursor, Position } from '../event.ts'
import type { EnrichedEvent } from './enriched-event.ts'

export interface ExportFormat {
  readonly name: 'ndjson' | 'csv' | 'ocsf'
  readonly mediaType: string
  /** With its dot. If two have the same end, the longer one comes first in `EXPORT_FORMATS`. */
  readonly extension: string
  /**
   * One line with its newline, or empty. `/feed` supports only formats without a header, because its pages contain only
   * rows.
   */
  readonly header: string
  /** Each row ends with a newline. The same events result in the same bytes, however they are divided into calls. */
  rows(events: readonly EnrichedEvent[]): string
  /**
   * The text before and after the SHA-256: one line that differs from every row. `trailerLine` creates it for lines of
   * JSON. Another format must also be recognised in `exported-file.ts` and in the Logs page's `tools/transfer.ts`.
   */
  trailer(trailer: Trailer): readonly [start: string, end: string]
  /** Whether a row may contain newlines, each between double quotes; otherwise only its last character is a newline. */
  readonly quotes: boolean
  /**
   * The position of the event in a complete row, which includes its newline; `null` if it is not an event. Exports
   * resume after it, so the row must contain the event's ID, and its date in microseconds.
   */
  placeOf(row: string): Position | null
}

export interface Trailer {
  readonly organizationId: string
  /** The last event that had arrived when the export began. */
  readonly snapshot: FeedCursor
  readonly events: number
  /** The IDs of the first and last event; `null` if there is none. */
  readonly first: string | null
  readonly last: string | null
}
