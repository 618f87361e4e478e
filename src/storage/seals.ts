// Reads seals and events back to check them.

import type { Chain, Head } from '../chain.ts'
import type { Instant } from '../instant.ts'
import { type Database, type Log, logOf, type OrganizationKey } from './database.ts'
import { sql } from './drizzle.ts'
import { createEventReader, type EventRow, eventColumns } from './events.ts'
import type { Seal } from './seal.ts'
import { type ChainSource, readChain, type SealedEvents } from './seal-chain.ts'
import { damageOf } from './verify.ts'

const MOST_EVENTS = 5_000
const MOST_SEALS = 1_000

/** By Organization ID; all read from one snapshot. */
export function readChains(db: Database, kept: readonly Head[]): Promise<Chain[]> {
  const { dialect } = db
  return db.snapshot(async reads => {
    // If damage makes even these unreadable, `verify` reports it.
    const organizations = await reads
      .rows<[OrganizationKey, unknown, Instant | null]>(
        sql`SELECT o.key, o.id, o.kept_from FROM organizations o ORDER BY o.id`,
      )
      .catch(error => {
        damageOf(dialect, error)
        return []
      })
    const chains: Chain[] = []
    for (const [key, stored, keptFrom] of organizations) {
      const organizationId = dialect.idFrom(stored ?? '')
      const own = kept.filter(head => head.organizationId === organizationId)
      const source = sourceOf(logOf(reads, key, organizationId), keptFrom)
      chains.push(await readChain(source, own).catch(error => broken(organizationId, error)))
    }
    return chains
  })

  function broken(organizationId: string, error: unknown): Chain {
    const fault = damageOf(dialect, error)
    const nothing = { head: null, dropped: 0, droppedBefore: null }
    return { organizationId, ...nothing, faults: [fault] }
  }
}

function sourceOf(log: Log, keptFrom: Instant | null): ChainSource {
  const { db, dialect, organization, organizationId } = log
  const values = createEventReader()

  async function arrivedOf(rows: readonly EventRow[]): Promise<SealedEvents[]> {
    const events = await values.readEvents(log, rows)
    const isComplete = events.length === rows.length
    if (isComplete) return events.map((event, at) => ({ sequence: rows[at]?.[7] ?? 0, event }))
    // An event that refers to missing values cannot be read. If rows are read separately, only such events are missing.
    const found = await Promise.all(rows.map(row => (rows.length > 1 ? arrivedOf([row]) : [])))
    return found.flat()
  }

  return {
    organizationId,
    keptFrom,

    async seals(after) {
      const rows = await db.rows<[number, number, number, unknown, unknown]>(
        sql`SELECT s.sequence, s.events, s.recorded_at, s.parts, s.head FROM seals s
          WHERE s.organization = ${organization} AND s.sequence > ${after} ORDER BY s.sequence LIMIT ${MOST_SEALS}`,
      )
      return rows.map(([sequence, events, recordedAt, parts, head]): Seal => {
        return { sequence, events, recordedAt, parts: bytesOf(parts), head: bytesOf(head) }
      })
    },

    async events(after) {
      for (let from = after; ; ) {
        // Retention leaves gaps in the sequence, which may be wide.
        const [row] = await db.rows<[number | null]>(
          sql`SELECT min(s.sequence) FROM ${dialect.sequences} s WHERE s.organization = ${organization} AND s.sequence > ${from}`,
        )
        const next = row?.[0] ?? null
        if (next === null) return []
        const until = next + MOST_EVENTS - 1
        const found: EventRow[] = []
        for (const events of await dialect.bySequence(db, organization, next - 1, until)) {
          const statement = sql`SELECT ${eventColumns(dialect, organization)} FROM ${events}`
          found.push(...(await db.rows<EventRow>(statement)))
        }
        const arrived = await arrivedOf(found.sort((a, b) => a[7] - b[7]))
        if (arrived.length > 0) return arrived
        from = until
      }
    },

    async counts(last) {
      const [row] = await db.rows<[number, number]>(
        sql`SELECT count(*) FILTER (WHERE e.sequence BETWEEN 1 AND ${last}), count(*)
          FROM ${dialect.sequences} e WHERE e.organization = ${organization}`,
      )
      const [sealed = 0, all = 0] = row ?? []
      return { sealed, others: all - sealed }
    },
  }
}

/** Damage may have changed the type of a stored blob. */
function bytesOf(stored: unknown): Buffer {
  return Buffer.isBuffer(stored) ? stored : Buffer.from(String(stored))
}
