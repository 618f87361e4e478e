// Totals and rollups, computed from events: to check the stored ones, and to subtract events that retention deletes.

import type { Log } from './database.ts'
import { type SQL, sql } from './drizzle.ts'
import { ALL_EVENTS, DAYS, type Periods, periodIn, QUARTERS } from './periods.ts'

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

/** Rows of (number, events, first_at, last_at), from the events `e` of a FROM. */
export function totalsOf({ organization }: Log, of: Totalled, events: SQL): SQL {
  const number = NUMBER[of]
  const own = sql`SELECT ${sql.raw(of === 'address' ? number : NUMBER.series)} AS number, count(*) AS events,
    min(e.created_at) AS first_at, max(e.created_at) AS last_at FROM ${events} GROUP BY 1`
  if (number.startsWith('e.')) return own
  return sql`SELECT ${sql.raw(number)} AS number, sum(x.events) AS events, min(x.first_at) AS first_at,
    max(x.last_at) AS last_at FROM (${own}) x JOIN series s ON s.organization = ${organization}
    AND s.number = x.number GROUP BY 1`
}

/** Rows of (number, period, events): the events `e` of a FROM by their series and quarter of an hour. */
export function seriesQuartersOf(events: SQL): SQL {
  return sql`SELECT e.series AS number, ${periodIn(sql`e.created_at`, QUARTERS.length)} AS period, count(*) AS events
    FROM ${events} GROUP BY 1, 2`
}

/** All rows of a rollup, computed from `seriesQuarters`. */
export function rollupOf({ organization }: Log, { table }: Periods, seriesQuarters: SQL): SQL {
  const quarter = sql`q.period`
  const day = periodIn(quarter, DAYS.length / QUARTERS.length)
  const by = (number: SQL, period: SQL) =>
    sql`SELECT ${number} AS number, ${period} AS period, sum(q.events) AS events FROM q
      JOIN series s ON s.organization = ${organization} AND s.number = q.number GROUP BY 1, 2`
  const rows =
    table === 'day_counts'
      ? [by(sql`s.kind`, day), by(sql`s.principal`, day)]
      : [
          sql`SELECT q.number, q.period, q.events FROM q`,
          by(sql`s.kind`, quarter),
          by(sql.raw(`${ALL_EVENTS}`), quarter),
        ]
  return sql`WITH q AS MATERIALIZED (${seriesQuarters}) ${sql.join(rows, sql` UNION ALL `)}`
}
