// Turns rows into events. A row refers to an event's series and address by number. The value of a number never changes,
// so it is cached, and most pages need no lookup, which would be nearly half of their cost. Nothing of the directory is
// cached here.

import { LRUCache } from 'lru-cache'
import type { RecordedEvent } from '../event.ts'
import type { Instant } from '../instant.ts'
import type { Dialect, Log, OrganizationKey } from './database.ts'
import { type SQL, sql } from './drizzle.ts'

export type EventRow = [
  organization: OrganizationKey,
  id: string,
  createdAt: Instant,
  recordedAt: Instant,
  series: number,
  address: number,
  resource: string | null,
  sequence: number,
]

/** The columns of an event `e` for an `EventRow`; binds the Organization's key once, for the resource. */
export function eventColumns({ shortId }: Dialect, organization: OrganizationKey | SQL): SQL {
  return sql`e.organization, ${shortId(sql`e.id`)}, e.created_at, e.recorded_at, e.series, e.address,
    (SELECT ${shortId(sql`r.id`)} FROM resources r
      WHERE r.organization = ${organization} AND r.number = e.resource), e.sequence`
}

type Series = Pick<RecordedEvent, 'action' | 'category' | 'principalId' | 'userAgent'>

/** For an address only `text` is set; for a series, `text` is the user agent. */
type ValueRow = [
  number: number,
  action: string | null,
  category: string | null,
  principal: string | null,
  text: string | null,
]

/** Roughly in bytes: the maximum size of the cache, and the size of an entry without its text. */
const CACHE_SIZE = 32_000_000
const ENTRY_SIZE = 300

/** In the order of the rows, without events that retention deleted meanwhile. */
export type ReadEvents = (log: Log, rows: readonly EventRow[]) => Promise<RecordedEvent[]>

export function createEventReader(): ReadEvents {
  /** Series and texts of addresses, by Organization and number; both share one number range in an Organization. */
  const known = new LRUCache<string, Series | string>({
    maxSize: CACHE_SIZE,
    sizeCalculation: value =>
      ENTRY_SIZE + (typeof value === 'string' ? value : (value.userAgent ?? '')).length,
  })

  /** By number. One statement reads those that are not cached. */
  async function valuesOf(
    { db, dialect, organization }: Log,
    rows: readonly EventRow[],
  ): Promise<Map<number, Series | string>> {
    const found = new Map<number, Series | string>()
    const missing: number[] = []
    for (const number of new Set(rows.flatMap(([, , , , series, address]) => [series, address]))) {
      const value = known.get(`${organization} ${number}`)
      if (value !== undefined) found.set(number, value)
      else if (number !== 0) missing.push(number)
    }
    if (missing.length === 0) return found
    const stored = await db.rows<ValueRow>(
      sql`SELECT s.number, k.action, k.category, ${dialect.shortId(sql`p.id`)}, u.text FROM series s
          JOIN kinds k ON k.organization = s.organization AND k.number = s.kind
          JOIN principals p ON p.organization = s.organization AND p.number = s.principal
          LEFT JOIN user_agents u ON u.organization = s.organization AND u.number = s.user_agent
          WHERE s.organization = ${organization} AND ${dialect.isIn('number', sql`s.number`, missing)}
        UNION ALL SELECT a.number, NULL, NULL, NULL, a.text FROM addresses a
          WHERE a.organization = ${organization} AND ${dialect.isIn('number', sql`a.number`, missing)}`,
    )
    for (const [number, action, category, principal, text] of stored) {
      const value =
        action === null || category === null || principal === null
          ? (text ?? '')
          : { action, category, principalId: dialect.idFromShort(principal), userAgent: text }
      known.set(`${organization} ${number}`, value)
      found.set(number, value)
    }
    return found
  }

  return async (log, rows) => {
    const { dialect, organizationId } = log
    const found = await valuesOf(log, rows)
    const events: RecordedEvent[] = []
    for (const [, id, createdAt, recordedAt, number, address, resource] of rows) {
      const series = found.get(number)
      const ipAddress = address === 0 ? null : found.get(address)
      const isThere = typeof series === 'object' && resource !== null
      if (!isThere || (ipAddress !== null && typeof ipAddress !== 'string')) continue
      const resourceId = dialect.idFromShort(resource)
      const own = { id: dialect.idFromShort(id), organizationId, createdAt, recordedAt }
      events.push({ ...own, ...series, resourceId, ipAddress })
    }
    return events
  }
}
