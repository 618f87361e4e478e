// Drops old events from PostgreSQL, a month of all Organizations at a time: first its IDs and its share of the
// tallies, then the partition, in one transaction. Nobody writes meanwhile; reading waits for the last step only.

import type { Instant } from '../../instant.ts'
import type { Retained } from '../../store.ts'
import { within } from './conditions.ts'
import { firstRow, type PostgresDatabase, persistently, type Session } from './database.ts'
import { lockPartitions, type Partition, partitionOf, readPartitions } from './partitions.ts'
import { and, constant, type Sql, sql } from './sql.ts'
import { stretches } from './stretches.ts'
import { VALUE_TABLE, VALUES, type ValueOf } from './values.ts'

/** Drops whole months that lie before the instant; they stay dropped, whoever brings their events again. */
export async function dropBefore(db: PostgresDatabase, before: Instant): Promise<Retained> {
  const from = partitionOf(before).from
  if (from === null) return { dropped: 0, from: null }
  await alone(db, session =>
    session.run(
      sql`UPDATE organizations SET kept_from = greatest(kept_from, ${from}::bigint),
        epoch = epoch + 1`,
    ),
  )
  let dropped = 0
  for (const partition of await readPartitions(db)) {
    if (partition.until === null || partition.until > from) continue
    dropped += await alone(db, session => drop(session, partition))
  }
  return { dropped, from }
}

/** In a transaction that no writer enters: each of them begins by a lock on its Organization. */
function alone<T>(db: PostgresDatabase, work: (session: Session) => Promise<T>): Promise<T> {
  return persistently(() =>
    db.transaction(
      async session => {
        await session.run(lockPartitions)
        await session.run(sql`LOCK TABLE organizations IN EXCLUSIVE MODE`)
        return work(session)
      },
      { patient: true },
    ),
  )
}

/** How many events went. */
async function drop(session: Session, { name, until }: Partition): Promise<number> {
  const table = constant(name)
  const there = await firstRow(
    session,
    sql`SELECT to_regclass(${name}) WHERE to_regclass(${name}) IS NOT NULL`,
  )
  if (there === null) return 0
  const organizations = await session.rows<[id: string, events: number]>(
    sql`SELECT organization, count(*) FROM ${table} GROUP BY organization`,
  )
  for (const [id, events] of organizations) {
    const ours = sql`${id}::uuid`
    for (const of of VALUES) await untally(session, of, table, ours, until)
    await session.run(
      sql`DELETE FROM event_ids i USING ${table} e WHERE i.organization = ${ours}
        AND e.organization = ${ours} AND i.id = e.id`,
    )
    await session.run(
      sql`UPDATE organizations SET events = events - ${events}::bigint, epoch = epoch + 1
        WHERE id = ${ours}`,
    )
  }
  await session.run(sql`DROP TABLE ${table}`)
  const partitions = await readPartitions(session)
  for (const [id] of organizations) {
    await session.run(
      sql`UPDATE organizations SET first_at = ${await endOf(session, partitions, id, false)}::bigint,
        last_at = ${await endOf(session, partitions, id, true)}::bigint WHERE id = ${id}::uuid`,
    )
  }
  return organizations.reduce((sum, [, events]) => sum + events, 0)
}

/** The date of an Organization's newest event, or its oldest. */
async function endOf(
  session: Session,
  partitions: readonly Partition[],
  organization: string,
  newest: boolean,
): Promise<Instant | null> {
  for (const part of stretches({ low: null, high: null }, partitions, newest)) {
    const [row] = await session.passing<[createdAt: Instant]>(
      sql`SELECT e.created_at FROM events e
        WHERE ${and([sql`e.organization = ${organization}::uuid`, ...within(part)])}
        ORDER BY e.created_at ${constant(newest ? 'DESC' : 'ASC')} LIMIT 1`,
    )
    if (row !== undefined) return row[0]
  }
  return null
}

const COLUMN: Record<ValueOf, Sql> = {
  kind: constant('kind'),
  principal: constant('principal'),
  userAgent: constant('user_agent'),
  address: constant('address'),
}

/** Values of which no event is left are forgotten; the changed `epoch` tells who remembers their numbers. */
async function untally(
  session: Session,
  of: ValueOf,
  table: Sql,
  organization: Sql,
  until: Instant | null,
): Promise<void> {
  await session.run(
    sql`UPDATE ${VALUE_TABLE[of]} t SET events = t.events - x.events,
        first_at = greatest(t.first_at, ${until}::bigint)
      FROM (SELECT ${COLUMN[of]} AS number, count(*) AS events FROM ${table}
        WHERE organization = ${organization} GROUP BY 1) x
      WHERE t.organization = ${organization} AND t.number = x.number`,
  )
  await session.run(
    sql`DELETE FROM ${VALUE_TABLE[of]} WHERE organization = ${organization} AND events = 0`,
  )
}
