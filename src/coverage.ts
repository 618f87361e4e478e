// Which ranges of an Organization's log are complete in the archive. Scaleway lists some events late, so a complete
// range may still get another event: it contains what Scaleway listed when it was last read.

import type { Instant } from './instant.ts'

/** `from` is included, `until` excluded. */
export interface TimeRange {
  /** `BEGINNING` if it has no start. */
  readonly from: Instant
  readonly until: Instant
}

/** Before every event. */
export const BEGINNING: Instant = Number.MIN_SAFE_INTEGER

/** A range that was read to its end: every event that Scaleway listed in it then is in the archive. */
export interface ReadWindow extends TimeRange {
  readonly organizationId: string
  /** The number of events that Scaleway listed in it. */
  readonly events: number
  /** When it was read; if parts were read at different times, the earliest. */
  readonly readAt: Instant
}

export interface Coverage {
  readonly organizationId: string
  /** The dates of the first and the last event in the archive, imported ones included; `null`: it has none. */
  readonly earliest: Instant | null
  readonly latest: Instant | null
  /** When the end of the log was last read from Scaleway; `null`: never. */
  readonly lastSyncedAt: Instant | null
  /** Everything dated before this was read; `null`: the beginning of the log was not read. */
  readonly completeUntil: Instant | null
  /** The unread ranges before the end of the last window, in order; empty if nothing was ever read. */
  readonly gaps: readonly TimeRange[]
}

/** `windows`: of one Organization, disjoint and in order. */
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

/** The ranges before the end of the last window that no window contains. */
export function gapsIn(windows: readonly ReadWindow[]): TimeRange[] {
  const gaps: TimeRange[] = []
  let read = BEGINNING
  for (const { from, until } of windows) {
    if (from > read) gaps.push({ from: read, until: from })
    read = Math.max(read, until)
  }
  return gaps
}

/** Whether it was synced once, but not in the last hour. */
export function isStale({ lastSyncedAt }: Pick<Coverage, 'lastSyncedAt'>, now: Instant): boolean {
  return lastSyncedAt !== null && now - lastSyncedAt > STALE_AFTER
}

const STALE_AFTER = 3600 * 1_000_000
