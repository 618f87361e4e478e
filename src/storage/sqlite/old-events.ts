// Deletes old events from SQLite, a few thousand at a time, so that no transaction blocks others for long.

import type { RetentionDialect } from '../database.ts'
import { sql } from '../drizzle.ts'
import { ALWAYS, type EventRange, within } from '../event-range.ts'

/** How many events of an Organization are deleted at once, in addition to those of the same microsecond as the last. */
const AT_ONCE = 10_000

export const oldEvents: RetentionDialect = {
  // A write transaction has exclusive use of the file.
  async stopIntake() {},

  async monthsBefore(reads, before) {
    const ends = new Set<number>()
    const organizations = await reads.rows<[number]>(sql`SELECT key FROM organizations`)
    for (const [organization] of organizations) {
      const dates = (range: EventRange, skipped: number) =>
        reads.rows<[number]>(
          sql`SELECT e.created_at FROM events e INDEXED BY events_by_date
            WHERE e.organization = ${organization} AND ${within(range)}
            ORDER BY e.created_at LIMIT 1 OFFSET ${skipped}`,
        )
      for (let low = ALWAYS.low; ; ) {
        const range = { low, high: before - 1 }
        const [end] = await dates(range, AT_ONCE - 1)
        if (end === undefined) {
          if ((await dates(range, 0)).length > 0) ends.add(before - 1)
          break
        }
        ends.add(end[0])
        low = end[0] + 1
      }
    }
    let low = ALWAYS.low
    return [...ends]
      .sort((a, b) => a - b)
      .map(high => {
        const range = { low, high }
        low = high + 1
        return range
      })
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
