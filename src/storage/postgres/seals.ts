// Seals what arrives in PostgreSQL. What is sealed is hashed here; under the Organization's lock the server puts it
// behind the head it finds, so no two writers ever put theirs behind the same one. And reads them back to check them.

import type { Chain, Head } from '../../chain.ts'
import type { Event } from '../../event.ts'
import type { Instant } from '../../instant.ts'
import { type Arrived, type ChainSource, readChain, type SealCounts } from '../chain.ts'
import { partsOf, recordsOf, type Seal } from '../seal.ts'
import { firstRow, type PostgresDatabase, type Session } from './database.ts'
import { type EventRow, eventFrom, withValues } from './events.ts'
import { type Sql, sql } from './sql.ts'

/** Seals what came before there were seals, most often nothing; as `firstHead`. Under the lock, and only `where`. */
export function beginSeals(organization: string, where: Sql): Sql {
  return sql`INSERT INTO seals (organization, arrival, events, recorded_at, parts, head)
    SELECT o.id, o.last_arrival, o.events, 0, '', sha256(convert_to(
      'iam-logs seals 1 ' || o.id || ' ' || o.events, 'UTF8'))
    FROM organizations o WHERE o.id = ${organization}::uuid AND ${where}
      AND NOT EXISTS (SELECT 1 FROM seals s WHERE s.organization = ${organization}::uuid)`
}

/** The new events of an Organization, in order of arrival. */
interface Fresh {
  readonly organization: string
  readonly events: readonly Event[]
  readonly recordedAt: Instant
}

/** Part of the statement that writes them, under the lock and only `where`; as `headOf`. */
export function sealed({ organization, events, recordedAt }: Fresh, where: Sql): Sql {
  const createdAt = events.map(({ createdAt }) => createdAt)
  const parts = partsOf(recordsOf(events), createdAt, [...events.keys()])
  return sql`INSERT INTO seals (organization, arrival, events, recorded_at, parts, head)
    SELECT x.organization, x.arrival, x.events, x.recorded_at, x.parts,
      sha256(x.head || int8send(x.events) || int8send(x.recorded_at) || x.parts)
    FROM (SELECT o.id AS organization, o.last_arrival + ${events.length}::bigint AS arrival,
        s.events + ${events.length}::bigint AS events, ${recordedAt}::bigint AS recorded_at,
        ${parts}::bytea AS parts, s.head
      FROM organizations o CROSS JOIN LATERAL (SELECT s.events, s.head FROM seals s
        WHERE s.organization = ${organization}::uuid ORDER BY s.arrival DESC LIMIT 1) s
      WHERE o.id = ${organization}::uuid AND ${where}) x`
}

/** As of one state. */
export function readPostgresChains(db: PostgresDatabase, kept: readonly Head[]): Promise<Chain[]> {
  return db.transaction(
    async session => {
      await session.run(sql`SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY`)
      const organizations = await session.rows<[id: string, keptFrom: Instant | null]>(
        sql`SELECT id, kept_from FROM organizations ORDER BY id`,
      )
      const chains: Chain[] = []
      for (const [id, keptFrom] of organizations) {
        const own = kept.filter(({ organizationId }) => organizationId === id)
        chains.push(await readChain(sourceOf(session, id, keptFrom), own))
      }
      return chains
    },
    { patient: true },
  )
}

const MOST_EVENTS = 5_000
const MOST_SEALS = 1_000

function sourceOf(session: Session, organizationId: string, keptFrom: Instant | null): ChainSource {
  const ours = sql`${organizationId}::uuid`
  return {
    organizationId,
    keptFrom,
    async seals(after) {
      const rows = await session.rows<[number, number, number, Uint8Array, Uint8Array]>(
        sql`SELECT arrival, events, recorded_at, parts, head FROM seals
          WHERE organization = ${ours} AND arrival > ${after}::bigint
          ORDER BY arrival LIMIT ${MOST_SEALS}`,
      )
      return rows.map(
        ([arrival, events, recordedAt, parts, head]): Seal => ({
          ...{ arrival, events, recordedAt, parts, head },
        }),
      )
    },
    async events(after) {
      // Dates first, so that only the partitions are looked into that have any of these.
      const [until, firstAt, lastAt] =
        (await firstRow<[number | null, Instant, Instant]>(
          session,
          sql`SELECT max(arrival), min(created_at), max(created_at) FROM (
            SELECT arrival, created_at FROM event_ids
            WHERE organization = ${ours} AND arrival > ${after}::bigint
            ORDER BY arrival LIMIT ${MOST_EVENTS}) page`,
        )) ?? []
      if (until == null || firstAt === undefined || lastAt === undefined) return []
      const rows = await session.rows<[...EventRow, arrival: number]>(
        sql`SELECT * FROM (${withValues(
          ours,
          // The limit keeps the two from becoming a join by which all events might be read.
          sql`SELECT e.*, i.arrival FROM event_ids i
            CROSS JOIN LATERAL (SELECT e.* FROM events e WHERE e.organization = ${ours}
              AND e.created_at = i.created_at AND e.id = i.id
              AND e.created_at BETWEEN ${firstAt}::bigint AND ${lastAt}::bigint LIMIT 1) e
            WHERE i.organization = ${ours}
              AND i.arrival > ${after}::bigint AND i.arrival <= ${until}::bigint`,
          sql`, e.arrival`,
        )}) page ORDER BY arrival`,
      )
      return rows.map((row): Arrived => {
        const arrival = row[row.length - 1] as number
        return { arrival, event: eventFrom(row.slice(0, 10) as EventRow) }
      })
    },
    async counts(): Promise<SealCounts> {
      const [before = 0, under = 0, behind = 0, sealed = 0] =
        (await firstRow<[number, number, number, number]>(
          session,
          sql`WITH ends AS MATERIALIZED (SELECT coalesce(min(arrival), 0) AS first, coalesce(max(arrival), 0) AS last,
              coalesce(max(events) - min(events), 0) AS sealed FROM seals WHERE organization = ${ours})
            SELECT count(*) FILTER (WHERE i.arrival <= ends.first),
              count(*) FILTER (WHERE i.arrival > ends.first AND i.arrival <= ends.last),
              count(*) FILTER (WHERE i.arrival > ends.last), (SELECT sealed FROM ends)
            FROM event_ids i CROSS JOIN ends WHERE i.organization = ${ours}`,
        )) ?? []
      return { before, under, behind, sealed }
    },
  }
}
