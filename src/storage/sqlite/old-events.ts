// Deletes old events from SQLite, a few thousand at a time, so that no transaction blocks others for long.

import type { RetentionDialect } from '../database.ts'
import { sql } from '../drizzle.ts'
import { ALWAYS, type EventRange, within } from '../event-range.ts'
import { ALL_EVENTS, periodOf, QUARTERS } from '../periods.ts'

/** How many events are deleted at once, in addition to the rest of the same quarter of an hour. */
const AT_ONCE = 10_000

export const oldEvents: RetentionDialect = {
  // A write transaction has exclusive use of the file.
  async stopIntake() {},

  async monthsBefore(reads, before) {
    const quarters = await reads.rows<[quarter: number, events: number]>(
      sql`SELECT t.period, sum(t.events) FROM organizations o JOIN quarter_counts t
        ON t.organization = o.key AND t.number = ${ALL_EVENTS} AND t.period < ${periodOf(before, QUARTERS)}
        GROUP BY t.period ORDER BY t.period`,
    )
    const found: EventRange[] = []
    let [low, waiting] = [ALWAYS.low, 0]
    for (const [place, [quarter, events]] of quarters.entries()) {
      waiting += events
      if (waiting < AT_ONCE && place < quarters.length - 1) continue
      const high = (quarter + 1) * QUARTERS.length - 1
      found.push({ low, high })
      low = high + 1
      waiting = 0
    }
    return found
  },

  async dropMonth(session, month) {
    const found = sql`SELECT e.organization, e.id FROM organizations o
      CROSS JOIN events e INDEXED BY events_by_date ON e.organization = o.key AND ${within(month)}`
    for (const table of ['event_ids', 'new_event_ids']) {
      await session.run(
        sql`/* retention */ DELETE FROM ${sql.raw(table)} WHERE (organization, id) IN (${found})`,
      )
    }
    await session.run(
      sql`/* retention */ DELETE FROM events AS e WHERE e.organization IN (SELECT key FROM organizations) AND ${within(month)}`,
    )
  },
}
