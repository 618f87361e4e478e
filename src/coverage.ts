// What the archive knows to be complete. Scaleway lists late what it dated early, so nothing here says that
// a stretch will never change: it says what Scaleway listed when it was last asked.

import type { Instant } from './instant.ts'

/** A stretch of time in one Organization's log: `from` included, `until` excluded. */
export interface TimeRange {
  /** `BEGINNING` where it has no start. */
  readonly from: Instant
  readonly until: Instant
}

/** Before every event. */
export const BEGINNING: Instant = Number.MIN_SAFE_INTEGER

/** A stretch that was read to its end: every event Scaleway listed in it then is in the archive. */
export interface ReadWindow extends TimeRange {
  readonly organizationId: string
  /** How many events Scaleway listed in it. */
  readonly events: number
  /** When it was read; where parts were read at different times, the earliest. */
  readonly readAt: Instant
}

export interface Coverage {
  readonly organizationId: string
  /** The dates of the first and the last event in the archive, however they came; `null`: it has none. */
  readonly earliest: Instant | null
  readonly latest: Instant | null
  /** When the end of the log was last read from Scaleway; `null`: never. */
  readonly lastSyncedAt: Instant | null
  /** From the beginning up to here, excluded, all was read; `null`: not even the beginning. */
  readonly completeUntil: Instant | null
  /** What was not read before `lastSyncedAt`, in order; none where nothing was ever read. */
  readonly gaps: readonly TimeRange[]
}

/** `windows` are those of one Organization, apart from each other and in order. */
export function coverageOf(
  windows: readonly ReadWindow[],
  events: Pick<Coverage, 'organizationId' | 'earliest' | 'latest'>,
): Coverage {
  const gaps = gapsIn(windows)
  const last = windows.at(-1)
  const completeUntil = gaps[0] === undefined ? last?.until : gaps[0].from
  return {
    ...events,
    lastSyncedAt: last?.readAt ?? null,
    completeUntil:
      completeUntil === undefined || completeUntil === BEGINNING ? null : completeUntil,
    gaps,
  }
}

/** What lies before the end of the last window and in none of them. */
export function gapsIn(windows: readonly ReadWindow[]): TimeRange[] {
  const gaps: TimeRange[] = []
  let read = BEGINNING
  for (const { from, until } of windows) {
    if (from > read) gaps.push({ from: read, until: from })
    read = Math.max(read, until)
  }
  return gaps
}

/** Whether it was once kept up to date from Scaleway, and no longer is: not for an hour, in microseconds. */
export function isStale({ lastSyncedAt }: Pick<Coverage, 'lastSyncedAt'>, now: Instant): boolean {
  return lastSyncedAt !== null && now - lastSyncedAt > STALE_AFTER
}

const STALE_AFTER = 3600 * 1_000_000
