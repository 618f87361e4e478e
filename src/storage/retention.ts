// Deletes old events, one month in one transaction, together with their share of totals, rollups and resources. Seals
// stay, as a record of what was deleted.

import type { Instant } from '../instant.ts'
import type { DroppedEvents } from '../store.ts'
import { type Database, type Log, logOf, type Session } from './database.ts'
import { sql } from './drizzle.ts'
import { type EventRange, monthOf, startOf, within } from './event-range.ts'
import { allOrganizations } from './organizations.ts'
import {
  ALL_EVENTS,
  DAYS,
  periodOf,
  QUARTERS,
  rollupOf,
  seriesQuartersOf,
  TOTALLED,
  totalsOf,
} from './periods.ts'
import { tableOf } from './values.ts'

/**
 * No event of Scaleway's is older. A limit up to here deletes nothing, because events before it have no month of their
 * own.
 */
const EARLIEST = Date.UTC(2018, 0) * 1000

/** The start of the month of `before`; events from then on are kept. `null`: all are kept. */
function keptFrom(before: Instant): Instant | null {
  const from = startOf(monthOf(before))
  return from <= EARLIEST ? null : from
}

/** What `dropBefore` would delete. */
export async function findExpired(db: Database, before: Instant): Promise<DroppedEvents> {
  const from = keptFrom(before)
  if (from === null) return { dropped: 0, from }
  let dropped = 0
  for (const { key } of await allOrganizations(db)) {
    const [row] = await db.rows<[number]>(
      sql`SELECT coalesce(sum(t.events), 0) FROM quarter_counts t
        WHERE t.organization = ${key} AND t.number = ${ALL_EVENTS} AND t.period < ${periodOf(from, QUARTERS)}`,
    )
    dropped += Number(row?.[0] ?? 0)
  }
  return { dropped, from }
}

export async function dropBefore(db: Database, before: Instant): Promise<DroppedEvents> {
  const { dialect } = db
  const from = keptFrom(before)
  if (from === null) return { dropped: 0, from }
  await alone(async session => {
    for (const { key } of await allOrganizations(session)) {
      await session.run(
        sql`UPDATE organizations SET kept_from = ${from}, epoch = epoch + 1
          WHERE key = ${key} AND (kept_from IS NULL OR kept_from < ${from})`,
      )
    }
  })
  let dropped = 0
  for (const month of await dialect.retention.monthsBefore(db, from)) {
    dropped += await alone(session => dropMonth(session, month))
  }
  return { dropped, from }

  function alone<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return db.transaction(
      async session => {
        await dialect.retention.stopIntake(session)
        return work(session)
      },
      { patient: true },
    )
  }
}

/** Returns the number of deleted events. */
async function dropMonth(session: Session, month: EventRange): Promise<number> {
  const logs: Log<Session>[] = []
  let dropped = 0
  for (const { key, id } of await allOrganizations(session)) {
    const log = logOf(session, key, id)
    const events = await giveUp(log, month)
    if (events > 0) logs.push(log)
    dropped += events
  }
  await session.dialect.retention.dropMonth(session, month)
  for (const { organization } of logs) {
    for (const table of TOTALLED.map(tableOf)) {
      await session.run(
        sql`DELETE FROM ${table} WHERE organization = ${organization} AND events = 0`,
      )
      // Months are deleted oldest first, so all remaining events are younger.
      await session.run(
        sql`UPDATE ${table} SET first_at = ${month.high + 1}
          WHERE organization = ${organization} AND first_at <= ${month.high}`,
      )
    }
    await session.run(
      sql`UPDATE organizations SET first_at = coalesce((SELECT min(e.created_at) FROM events e
          WHERE e.organization = ${organization} AND e.created_at > ${month.high}), first_at)
        WHERE key = ${organization}`,
    )
  }
  return dropped
}

/**
 * Subtracts the month's events of an Organization from all derived data, before they are deleted. Returns their number.
 */
async function giveUp(log: Log<Session>, month: EventRange): Promise<number> {
  const { db, dialect, organization } = log
  const dropped = sql`${dialect.events('date')} WHERE e.organization = ${organization} AND ${within(month)}`
  const [row] = await db.rows<[number]>(sql`SELECT count(*) FROM ${dropped}`)
  const events = row?.[0] ?? 0
  if (events === 0) return 0
  for (const of of TOTALLED) {
    await db.run(
      sql`UPDATE ${tableOf(of)} AS t SET events = t.events - x.events
        FROM (${totalsOf(log, of, dropped)}) x WHERE t.organization = ${organization} AND t.number = x.number`,
    )
  }
  for (const periods of [QUARTERS, DAYS]) {
    const table = sql.raw(periods.table)
    const found = rollupOf(log, periods, seriesQuartersOf(dropped))
    // UPDATE ... FROM would take SQLite a hundred times as long.
    await db.run(
      sql`INSERT INTO ${table} (organization, number, period, events)
        SELECT o.key, x.number, x.period, -x.events FROM organizations o CROSS JOIN (${found}) x
        WHERE o.key = ${organization} ON CONFLICT (organization, number, period)
        DO UPDATE SET events = ${table}.events + excluded.events`,
    )
    await db.run(
      sql`DELETE FROM ${table} WHERE organization = ${organization} AND events = 0
        AND number IN (SELECT number FROM (${found}) x) AND period <= ${periodOf(month.high, periods)}`,
    )
  }
  await db.run(
    sql`DELETE FROM resources AS r WHERE r.organization = ${organization}
      AND r.number IN (SELECT e.resource FROM ${dropped}) AND NOT EXISTS (SELECT 1 FROM events f
        WHERE f.organization = ${organization} AND f.resource = r.number AND f.created_at > ${month.high})`,
  )
  await db.run(
    sql`UPDATE organizations SET events = events - ${events}, epoch = epoch + 1 WHERE key = ${organization}`,
  )
  const [last] = await db.rows<[id: unknown, sequence: number]>(
    sql`SELECT e.id, e.sequence FROM ${dropped} ORDER BY e.sequence DESC LIMIT 1`,
  )
  if (last !== undefined) {
    await db.run(
      sql`UPDATE organizations SET dropped_id = ${dialect.eventId(dialect.idFrom(last[0]))}, dropped_sequence = ${last[1]}
        WHERE key = ${organization} AND dropped_sequence < ${last[1]}`,
    )
  }
  return events
}
