// What a downloaded file is called, without its ending: by the Organization's name and the dates of the filter, or
// today's where it goes on to now.

import type { EventFilter } from '../api/page-documents.ts'
import { timeZone } from '../dates.ts'

/** In UTF-16 units; file systems take some 200, with an ending. */
const LONGEST = 80

export function fileName(
  organization: string,
  { createdAfter, createdBefore }: EventFilter,
): string {
  // What is a letter or a number in any script; other signs mean something to file systems and shells.
  const name = organization
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, '-')
    .slice(0, LONGEST)
    .replaceAll(/^-+|-+$/g, '')
  const until = createdBefore == null ? Date.now() : Date.parse(createdBefore) - 1
  const dates = createdAfter == null ? [until] : [Date.parse(createdAfter), until]
  return ['iam-logs', name, ...new Set(dates.map(dateAt))].filter(Boolean).join('_')
}

/** By the clock of the page: `2026-03-29`, as Swedes write it. */
function dateAt(time: number): string {
  return new Date(time).toLocaleDateString('sv', { timeZone: timeZone() })
}
