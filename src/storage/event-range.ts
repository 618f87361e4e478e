// Ranges of event dates, and months.

import type { EventFilter, Position } from '../event.ts'
import type { Instant } from '../instant.ts'
import { type SQL, sql } from './drizzle.ts'

/** From `low` up to `high`, both included. */
export interface EventRange {
  readonly low: Instant
  readonly high: Instant
}

export const ALWAYS: EventRange = { low: Number.MIN_SAFE_INTEGER, high: Number.MAX_SAFE_INTEGER }

export function rangeOf({ createdAfter, createdBefore }: EventFilter): EventRange {
  return {
    low: createdAfter ?? ALWAYS.low,
    high: createdBefore === undefined ? ALWAYS.high : createdBefore - 1,
  }
}

/** The intersection. */
export function narrowed(a: EventRange, b: EventRange): EventRange {
  return { low: Math.max(a.low, b.low), high: Math.min(a.high, b.high) }
}

/** The dates from one position to another, both included; `null`: no limit on that side. */
export function datesBetween(older: Position | null, newer: Position | null): EventRange {
  return { low: older?.createdAt ?? ALWAYS.low, high: newer?.createdAt ?? ALWAYS.high }
}

export function isEmpty({ low, high }: EventRange): boolean {
  return low > high
}

/** The condition that an event `e` is dated in the range. */
export function within({ low, high }: EventRange): SQL {
  return sql`e.created_at >= ${low} AND e.created_at <= ${high}`
}

export function monthOf(instant: Instant): number {
  const date = new Date(Math.floor(instant / 1000))
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth()
}

export function startOf(month: number): Instant {
  return Date.UTC(1970, month) * 1000
}
