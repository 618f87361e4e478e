// Totals and counts by quarter of an hour, computed from events: to check those that are stored, and to subtract what
// retention deletes.

import type { Log } from './database.ts'
import { type SQL, sql } from './drizzle.ts'
import { ALL_KINDS, quarterIn } from './quarters.ts'

/** The values with totals, and the columns of an event `e` or its series `s` that hold their numbers. */
const NUMBER = {
  series: 'e.series',
  address: 'e.address',
  kind: 's.kind',
  principal: 's.principal',
  userAgent: 's.user_agent',
} as const

export type Totalled = keyof typeof NUMBER
export const TOTALLED = Object.keys(NUMBER) as Totalled[]

/** Rows of (number, events, first_at, last_at), of the events `e` of a FROM. */
export function totalsOf({ organization }: Log, of: Totalled, events: SQL): SQL {
  const number = NUMBER[of]
  const own = sql`SELECT ${sql.raw(of === 'address' ? number : NUMBER.series)} AS number, count(*) AS events,
    min(e.created_at) AS first_at, max(e.created_at) AS last_at FROM ${events} GROUP BY 1`
  if (number.startsWith('e.')) return own
  return sql`SELECT ${sql.raw(number)} AS number, sum(x.events) AS events, min(x.first_at) AS first_at,
    max(x.last_at) AS last_at FROM (${own}) x JOIN series s ON s.organization = ${organization}
    AND s.number = x.number GROUP BY 1`
}

/** Rows of (number, quarter, events), of the events `e` of a FROM, by the number of their series. */
export function quartersOf(events: SQL): SQL {
  return sql`SELECT e.series AS number, ${quarterIn(sql`e.created_at`)} AS quarter, count(*) AS events
    FROM ${events} GROUP BY 1, 2`
}

/** The same for kinds, and for all kinds together, computed from the rows of series. */
export function kindQuartersOf({ organization }: Log, ofSeries: SQL): Record<'kind' | 'all', SQL> {
  return {
    kind: sql`SELECT s.kind AS number, q.quarter, sum(q.events) AS events FROM (${ofSeries}) q
      JOIN series s ON s.organization = ${organization} AND s.number = q.number GROUP BY 1, 2`,
    all: sql`SELECT ${sql.raw(`${ALL_KINDS}`)} AS number, q.quarter, sum(q.events) AS events
      FROM (${ofSeries}) q GROUP BY 1, 2`,
  }
}
