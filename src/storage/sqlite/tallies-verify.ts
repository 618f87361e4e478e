// Holds the tallies that say how many events share something, and when the first and last were, against what they count.

import { POSITION_TO_INSTANT } from '../codec.ts'
import type { SqliteDatabase } from './database.ts'

const OF_EVENTS = `count(*) AS events, min(position) ${POSITION_TO_INSTANT} AS first_at,
  max(position) ${POSITION_TO_INSTANT} AS last_at FROM events`

const OF_TRAILS =
  'sum(events) AS events, min(first_at) AS first_at, max(last_at) AS last_at FROM trails'

/** What each table's rows should say, by their key. */
const TRUE: Readonly<Record<string, string>> = {
  organizations: `SELECT organization AS key, ${OF_EVENTS} GROUP BY 1`,
  trails: `SELECT trail AS key, ${OF_EVENTS} GROUP BY 1`,
  addresses: `SELECT address AS key, ${OF_EVENTS} WHERE address <> 0 GROUP BY 1`,
  principals: `SELECT principal AS key, ${OF_TRAILS} WHERE events > 0 GROUP BY 1`,
  user_agents: `SELECT user_agent AS key, ${OF_TRAILS} WHERE user_agent <> 0 AND events > 0 GROUP BY 1`,
}

/** In words, one fault of each table; reads all events. */
export function untrueDates(db: SqliteDatabase): string[] {
  const count = (text: string) => db.row<[number]>({ text, values: [] })?.[0] ?? 0
  const differs = '(x.events, x.first_at, x.last_at) IS NOT (f.events, f.first_at, f.last_at)'
  const wrong = Object.entries(TRUE).map(([table, found]) => {
    const text = `SELECT count(*) FROM ${table} x LEFT JOIN (${found}) f ON f.key = x.key
      WHERE x.events <> 0 AND ${differs}`
    return [table, count(text)] as const
  })
  const kinds = count(`SELECT count(*) FROM kinds x FULL JOIN
    (SELECT organization, action, category, ${OF_TRAILS} WHERE events > 0 GROUP BY 1, 2, 3) f
    USING (organization, action, category) WHERE ${differs}`)
  return [...wrong, ['kinds', kinds] as const]
    .filter(([, rows]) => rows > 0)
    .map(([table, rows]) => `${table}: ${rows} have other events, or other dates, than they say`)
}
