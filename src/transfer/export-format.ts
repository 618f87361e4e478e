// The parts of an exported file in any format: a header, a row for each event, and a trailer that proves that it is
// complete. The trailer ends with the SHA-256 of all bytes before those 64 digits, which also `head -c` and `sha256sum` can
// check.

import type { FeedMark, Position } from '../event.ts'
import type { EnrichedEvent } from './enriched-event.ts'

export interface ExportFormat {
  readonly name: 'ndjson' | 'csv' | 'ocsf'
  readonly mediaType: string
  readonly extension: string
  readonly header: string
  rows(events: readonly EnrichedEvent[]): string
  /** The text before and after the SHA-256. */
  trailer(trailer: Trailer): readonly [start: string, end: string]
  /** Whether a row may hold newlines between quotes. */
  readonly quotes: boolean
  /** The place of the event in a complete row; `null` where it is not an event. */
  placeOf(row: string): Position | null
}

export interface Trailer {
  readonly organizationId: string
  /** The last event that had arrived when the export began. */
  readonly snapshot: FeedMark
  readonly events: number
  /** The IDs of the first and last event; `null` where there is none. */
  readonly first: string | null
  readonly last: string | null
}
