// What an exported file consists of, whatever its format: a header, a row for each event, and a trailer that
// proves it is whole. The trailer ends with the SHA-256 of every byte before those 64 digits, so that a file
// that was cut off or changed anywhere does not fit; `head -c` and `sha256sum` can check it, too.

import type { FeedMark, Position } from '../event.ts'
import type { EnrichedEvent } from './enriched-event.ts'

export interface ExportFormat {
  readonly name: 'ndjson' | 'csv' | 'ocsf'
  readonly mediaType: string
  /** Of file names, with the dot. */
  readonly extension: string
  readonly header: string
  rows(events: readonly EnrichedEvent[]): string
  /** Up to where the SHA-256 stands, and what comes behind it. */
  trailer(trailer: Trailer): readonly [before: string, behind: string]
  /** Whether a row may hold newlines between quotes. */
  readonly quotes: boolean
  /** The place of the event in a whole row; `null` where it is no row of an event. */
  placeOf(row: string): Position | null
}

/** What is said at the end of an export. */
export interface Trailer {
  readonly organizationId: string
  /** All that had arrived when this event had. */
  readonly snapshot: FeedMark
  readonly events: number
  /** The IDs of the first and last event; `null` where there is none. */
  readonly first: string | null
  readonly last: string | null
}
