// Quarters of an hour, by which events are counted beside their tables.

import type { Instant } from '../instant.ts'
import { type SQL, sql } from './drizzle.ts'

/** In microseconds. */
export const QUARTER = 900_000_000

/** Counted from 1970 on. */
export function quarterOf(instant: Instant): number {
  return Math.floor(instant / QUARTER)
}

/** The same in SQL, whose division cuts off instead. */
export function quarterIn(column: SQL): SQL {
  const quarter = sql.raw(`${QUARTER}`)
  return sql`(${column} - ((${column} % ${quarter}) + ${quarter}) % ${quarter}) / ${quarter}`
}

/** In `kind_times`, the number of all kinds together. */
export const ALL_KINDS = 0
