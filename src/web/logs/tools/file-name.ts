// The name of a downloaded file, without extension: the Organization's name and the filter's dates, or today's date if
// the filter has no end.

import type { EventFilter } from '../api/page-documents.ts'
import { timeZone } from '../dates.ts'

/** In UTF-16 units; file systems allow about 200, with the extension. */
const LONGEST = 80

export function fileName(
  organization: string,
  { createdAfter, createdBefore }: EventFilter,
): string {
  // Only letters and digits of any script; other characters have a meaning in file systems and shells.
  const name = organization
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, '-')
    .slice(0, LONGEST)
    .replaceAll(/^-+|-+$/g, '')
  const until = createdBefore == null ? Date.now() : Date.parse(createdBefore) - 1
  const dates = createdAfter == null ? [until] : [Date.parse(createdAfter), until]
  return ['iam-logs', name, ...new Set(dates.map(dateAt))].filter(Boolean).join('_')
}

/** In the page's time zone, in the Swedish format: `2026-03-29`. */
function dateAt(time: number): string {
  return new Date(time).toLocaleDateString('sv', { timeZone: timeZone() })
}
