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

/** More than any number of a value. */
const MOST_NUMBERS = 2 ** 32

/** In the order of the rows, without events that retention deleted meanwhile. */
export type ReadEvents = (log: Log, rows: readonly EventRow[]) => Promise<RecordedEvent[]>

type Value = Series | string

interface Numbers {
  readonly series: readonly number[]
  readonly addresses: readonly number[]
  readonly resources: readonly number[]
}

export function createEventReader(): ReadEvents {
  /** Series, texts of addresses and resource IDs, by `keyOf`: a number is found faster than a text. */
  const known = new LRUCache<number, Value>({
    maxSize: CACHE_SIZE,
    sizeCalculation: value =>
      ENTRY_SIZE + (typeof value === 'string' ? value : (value.userAgent ?? '')).length,
  })
  const places = new Map<OrganizationKey, number>()

  /** Numbers are unique within an Organization, whatever they stand for. */
  function keysOf(organization: OrganizationKey): (number: number) => number {
    const place = places.get(organization) ?? places.size
    places.set(organization, place)
    return number => place * MOST_NUMBERS + number
  }

  async function readValues(
    { db, dialect, organization }: Log,
    { series, addresses, resources }: Numbers,
  ): Promise<Map<number, Value>> {
    const ofSeries = dialect.numbered('series', 's', organization, series)
    const ofAddresses = dialect.numbered('addresses', 'a', organization, addresses)
    const ofResources = dialect.numbered('resources', 'r', organization, resources)
    const stored = await db.rows<ValueRow>(
      sql`SELECT s.number, ${dialect.shortId(sql`p.id`)}, u.text, k.action, k.category FROM ${ofSeries}
          JOIN kinds k ON k.organization = ${organization} AND k.number = s.kind
          JOIN principals p ON p.organization = ${organization} AND p.number = s.principal
          LEFT JOIN user_agents u ON u.organization = ${organization} AND u.number = s.user_agent
        UNION ALL SELECT a.number, NULL, a.text, NULL, NULL FROM ${ofAddresses}
        UNION ALL SELECT r.number, ${dialect.shortId(sql`r.id`)}, NULL, NULL, NULL FROM ${ofResources}`,
    )
    const found = new Map<number, Value>()
    for (const [number, id, text, action, category] of stored) {
      const ownId = id === null ? '' : dialect.idFromShort(id)
      const series = { principalId: ownId, userAgent: text }
      const isSeries = action !== null && category !== null
      found.set(number, isSeries ? { action, category, ...series } : (text ?? ownId))
    }
    return found
  }

  return async (log, rows) => {
    const { dialect, organizationId } = log
    const keyOf = keysOf(log.organization)
    // Values are kept here too: the cache may drop them before they are used.
    const found = new Map<number, Value>()
    /** The numbers that are not cached. */
    function missingOf(numberOf: (row: EventRow) => number): number[] {
      const missing = new Set<number>()
      for (const row of rows) {
        const number = numberOf(row)
        const value = known.get(keyOf(number))
        if (value !== undefined) found.set(number, value)
        else if (number !== 0) missing.add(number)
      }
      return [...missing]
    }
    const missing: Numbers = {
      series: missingOf(([, , , , series]) => series),
      addresses: missingOf(([, , , , , address]) => address),
      resources: missingOf(([, , , , , , resource]) => resource),
    }
    if (Object.values(missing).some(numbers => numbers.length > 0)) {
      for (const [number, value] of await readValues(log, missing)) {
        known.set(keyOf(number), value)
        found.set(number, value)
      }
    }
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
