// A filter as SQL for PostgreSQL. An event `e` is tested by the numbers of its values, which the same statement
// looks up; so whatever is found belongs to one state of the database.

import { ACTIONS, CATEGORIES, type EventFilter } from '../../event.ts'
import type { Instant } from '../../instant.ts'
import { and, constant, type Sql, sql } from './sql.ts'
import { VALUE_TABLE, VALUES, type ValueOf } from './values.ts'

/** The column of `events` that names a value. */
export const VALUE_COLUMN = {
  kind: constant('e.kind'),
  principal: constant('e.principal'),
  userAgent: constant('e.user_agent'),
  address: constant('e.address'),
} as const

/** What a filter says of each kind of value, over its table `v`; absent where it says nothing. */
export type ValueConditions = Partial<Record<ValueOf, Sql>>

export function valueConditions(organization: string, filter: EventFilter): ValueConditions {
  const { actions, categories, principalIds, userAgent, addresses } = filter
  const ours = sql`v.organization = ${organization}::uuid AND v.events > 0`
  const conditions: ValueConditions = {}
  const words: Sql[] = []
  if (actions !== undefined) words.push(oneOfWords(constant('v.action'), actions, ACTIONS))
  if (categories !== undefined) {
    words.push(oneOfWords(constant('v.category'), categories, CATEGORIES))
  }
  if (words.length > 0) conditions.kind = and([ours, ...words])
  if (principalIds !== undefined) {
    conditions.principal = sql`${ours} AND v.id = ANY(${principalIds}::text[])`
  }
  if (userAgent !== undefined) {
    conditions.userAgent = sql`${ours} AND ${containsText(constant('v.text'), userAgent)}`
  }
  if (addresses !== undefined) {
    const [first, last] = [addresses.first, addresses.last].map(hex)
    conditions.address = sql`${ours} AND v.address BETWEEN decode(${first ?? ''}, 'hex')
      AND decode(${last ?? ''}, 'hex') AND length(v.address) = ${addresses.first.length}`
  }
  return conditions
}

/** `unknown` stands for every word that is not one of the others. */
function oneOfWords(column: Sql, wanted: readonly string[], all: readonly string[]): Sql {
  if (!wanted.includes('unknown')) return sql`${column} = ANY(${wanted}::text[])`
  const others = all.filter(word => !wanted.includes(word))
  return sql`NOT (${column} = ANY(${others}::text[]))`
}

/** Plain text, not a pattern; under COLLATE "C" `lower` knows ASCII letters alone. */
export function containsText(column: Sql, part: string): Sql {
  return sql`strpos(lower(${column} COLLATE "C"), lower(${part}::text COLLATE "C")) > 0`
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** The numbers of the values a filter takes. */
export function numbersOf(of: ValueOf, condition: Sql): Sql {
  return sql`SELECT v.number FROM ${VALUE_TABLE[of]} v WHERE ${condition}`
}

/**
 * Tests an event on all values but one. IS TRUE keeps PostgreSQL from making a join of it: it tests the rows it
 * reads in the order of an index, and can stop when a page is full.
 */
export function tests(conditions: ValueConditions, but: ValueOf | null = null): Sql[] {
  return VALUES.flatMap(of => {
    const condition = conditions[of]
    if (condition === undefined || of === but) return []
    return [sql`(${VALUE_COLUMN[of]} IN (${numbersOf(of, condition)})) IS TRUE`]
  })
}

/** From `low` up to `high`, both included; `null`: no bound. */
export interface Range {
  readonly low: Instant | null
  readonly high: Instant | null
}

export function rangeOf({ createdAfter, createdBefore }: EventFilter): Range {
  return {
    low: createdAfter ?? null,
    high: createdBefore === undefined ? null : createdBefore - 1,
  }
}

export function narrowed(range: Range, low: Instant | null, high: Instant | null): Range {
  return {
    low: range.low === null || (low !== null && low > range.low) ? low : range.low,
    high: range.high === null || (high !== null && high < range.high) ? high : range.high,
  }
}

/** Plain bounds, by which PostgreSQL leaves out partitions. */
export function within({ low, high }: Range): Sql[] {
  return [
    ...(low === null ? [] : [sql`e.created_at >= ${low}::bigint`]),
    ...(high === null ? [] : [sql`e.created_at <= ${high}::bigint`]),
  ]
}
