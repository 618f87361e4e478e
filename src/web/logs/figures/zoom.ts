// Narrows or widens the period that is shown.

import type { EventFilter } from '../api/page-documents.ts'
import type { Bar, Coverage, Range } from '../counted/range.ts'
import { type Dates, untilNow } from '../parts/range-text.ts'
import { SPANS, type Span } from '../view/view.ts'

/** From the start of the first bar to the end of the last, but never beyond what is shown already. */
export function zoomedTo(
  first: Bar,
  last: Bar,
  { createdAfter, createdBefore }: EventFilter,
): Dates {
  // Bars begin and end at full minutes, so milliseconds are enough to compare.
  const from = Date.parse(createdAfter ?? '') >= Date.parse(first.start) ? createdAfter : null
  const until = Date.parse(createdBefore ?? '') < Date.parse(last.end) ? createdBefore : null
  return { last: null, createdAfter: from ?? first.start, createdBefore: until ?? last.end }
}

/** Three times as long, or the next longer preset, up to the whole archive; `null` if everything is shown. */
export function widerThan(
  { last, createdAfter, createdBefore }: Dates,
  shown: Range | undefined,
  coverage: Pick<Coverage, 'earliest' | 'latest'> | undefined,
): Dates | null {
  if (last !== null) {
    const spans = Object.keys(SPANS) as Span[]
    return untilNow(spans[spans.indexOf(last) + 1] ?? null)
  }
  if (createdAfter === null && createdBefore === null) return null
  if (shown === undefined || coverage?.earliest == null || coverage.latest == null)
    return untilNow(null)
  const length = Math.max(shown.until - shown.from, 60_000)
  const from = shown.from - length
  const until = shown.until + length
  const begins = createdAfter === null || from <= Date.parse(coverage.earliest)
  const ends = createdBefore === null || until > Date.parse(coverage.latest)
  return {
    last: null,
    createdAfter: begins ? null : new Date(from).toISOString(),
    createdBefore: ends ? null : new Date(until).toISOString(),
  }
}
