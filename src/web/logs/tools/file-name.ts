// What a downloaded file is called, without its ending: by the Organization's name and the dates that were asked for, or
// today's where it goes on to now.

import type { EventFilter } from '../api/documents.ts'
import { shownAt } from '../wall-clock.ts'

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

/** By the clock of the page: `2026-03-29`. */
function dateAt(time: number): string {
  const [year, month, day] = shownAt(time)
  return [year, month + 1, day].map(part => String(part).padStart(2, '0')).join('-')
}
