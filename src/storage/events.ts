// Turns rows into events. A row refers to an event's series, address and resource by number. The value of a number
// never changes, so it is cached, and a page that is read again needs no lookup, which would be half of its cost. Nothing
// of the directory is cached here.

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
  resource: number,
  sequence: number,
]

/** The columns of an event `e` for an `EventRow`. */
export function eventColumns({ shortId }: Dialect): SQL {
  return sql`e.organization, ${shortId(sql`e.id`)}, e.created_at, e.recorded_ms * 1000, e.series,
    e.address, e.resource, e.sequence`
}

type Series = Pick<RecordedEvent, 'action' | 'category' | 'principalId' | 'userAgent'>

/** `id`: of a series' principal, or of a resource. `text`: a series' user agent, or an address. */
type ValueRow = [
  number: number,
  id: string | null,
  text: string | null,
  action: string | null,
  category: string | null,
]

/** Roughly in bytes: the maximum size of the cache, and the size of an entry without its text. */
const CACHE_SIZE = 32_000_000
const ENTRY_SIZE = 300

/** In the order of the rows, without events that retention deleted meanwhile. */
export type ReadEvents = (log: Log, rows: readonly EventRow[]) => Promise<RecordedEvent[]>

export function createEventReader(): ReadEvents {
  /** Series, texts of addresses and resource IDs, by Organization and number, which all share in an Organization. */
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
    const used = rows.flatMap(([, , , , series, address, resource]) => [series, address, resource])
    for (const number of new Set(used)) {
      const value = known.get(`${organization} ${number}`)
      if (value !== undefined) found.set(number, value)
      else if (number !== 0) missing.push(number)
    }
    if (missing.length === 0) return found
    const among = (column: string) => sql`${sql.raw(`${column}.organization`)} = ${organization}
      AND ${dialect.isIn('number', sql.raw(`${column}.number`), missing)}`
    const stored = await db.rows<ValueRow>(
      sql`SELECT s.number, ${dialect.shortId(sql`p.id`)}, u.text, k.action, k.category FROM series s
          JOIN kinds k ON k.organization = s.organization AND k.number = s.kind
          JOIN principals p ON p.organization = s.organization AND p.number = s.principal
          LEFT JOIN user_agents u ON u.organization = s.organization AND u.number = s.user_agent
          WHERE ${among('s')}
        UNION ALL SELECT a.number, NULL, a.text, NULL, NULL FROM addresses a WHERE ${among('a')}
        UNION ALL SELECT r.number, ${dialect.shortId(sql`r.id`)}, NULL, NULL, NULL FROM resources r
          WHERE ${among('r')}`,
    )
    for (const [number, id, text, action, category] of stored) {
      const ownId = id === null ? '' : dialect.idFromShort(id)
      const value =
        action === null || category === null
          ? (text ?? ownId)
          : { action, category, principalId: ownId, userAgent: text }
      known.set(`${organization} ${number}`, value)
      found.set(number, value)
    }
    return found
  }

  return async (log, rows) => {
    const { dialect, organizationId } = log
    const found = await valuesOf(log, rows)
    const events: RecordedEvent[] = []
    for (const [, id, createdAt, recordedAt, series, address, resource] of rows) {
      const [own, resourceId] = [found.get(series), found.get(resource)]
      const ipAddress = address === 0 ? null : found.get(address)
      if (typeof own !== 'object' || typeof resourceId !== 'string') continue
      if (ipAddress !== null && typeof ipAddress !== 'string') continue
      const event = { id: dialect.idFromShort(id), organizationId, createdAt, recordedAt }
      events.push({ ...event, ...own, resourceId, ipAddress })
    }
    return events
  }
}
