// From rows to events. An event's row names by numbers what repeats: its series and its address. What a number stands
// for never changes, so it is remembered, and most pages are read without looking it up: that is nearly half of their
// cost. Of what the directory says nothing is remembered here.

import { LRUCache } from 'lru-cache'
import type { RecordedEvent } from '../event.ts'
import type { Instant } from '../instant.ts'
import type { Dialect, OrganizationKey, Reads } from './database.ts'
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

/** Of an event `e`; `readEvents` makes events of such rows. */
export function eventColumns({ shortId }: Pick<Dialect, 'shortId'>): SQL {
  return sql`e.organization, ${shortId(sql`e.id`)}, e.created_at, e.recorded_at, e.series, e.address,
    (SELECT ${shortId(sql`r.id`)} FROM resources r
      WHERE r.organization = e.organization AND r.number = e.resource), e.sequence`
}

type Series = Pick<RecordedEvent, 'action' | 'category' | 'principalId' | 'userAgent'>

/** Of one Organization, by number. */
interface Known {
  readonly series: LRUCache<number, Series>
  readonly addresses: LRUCache<number, string>
}

/** So many characters of each are remembered, of so many Organizations. */
const MOST_CHARACTERS = 4_000_000
const MOST_ORGANIZATIONS = 50

/** About what the rest of an entry weighs. */
const ENTRY = 200

export interface EventReader {
  /** In their order, but without events that retention dropped meanwhile. `idOf` gives an Organization's ID by its key. */
  readEvents(
    reads: Reads,
    rows: readonly EventRow[],
    idOf: (key: OrganizationKey) => string,
  ): Promise<RecordedEvent[]>
}

export function createEventReader(dialect: Dialect): EventReader {
  const organizations = new LRUCache<OrganizationKey, Known>({ max: MOST_ORGANIZATIONS })

  function knownOf(organization: OrganizationKey): Known {
    let known = organizations.get(organization)
    if (known === undefined) {
      known = {
        series: new LRUCache<number, Series>({
          maxSize: MOST_CHARACTERS,
          sizeCalculation: ({ userAgent }) => ENTRY + (userAgent?.length ?? 0),
        }),
        addresses: new LRUCache<number, string>({
          maxSize: MOST_CHARACTERS,
          sizeCalculation: text => ENTRY + text.length,
        }),
      }
      organizations.set(organization, known)
    }
    return known
  }

  /** What these numbers stand for, of those that are known of. */
  async function lookUp<T extends {}>(
    remembered: LRUCache<number, T>,
    numbers: Iterable<number>,
    read: (missing: readonly number[]) => Promise<Iterable<[number, T]>>,
  ): Promise<ReadonlyMap<number, T>> {
    const found = new Map<number, T>()
    const missing = new Set<number>()
    for (const number of numbers) {
      if (found.has(number)) continue
      const value = remembered.get(number)
      if (value === undefined) missing.add(number)
      else found.set(number, value)
    }
    if (missing.size === 0) return found
    for (const [number, value] of await read([...missing])) {
      found.set(number, value)
      remembered.set(number, value)
    }
    return found
  }

  async function readSeries(
    reads: Reads,
    organization: OrganizationKey,
    numbers: readonly number[],
  ): Promise<[number, Series][]> {
    const rows = await reads.rows<[number, string, string, unknown, string | null]>(
      sql`SELECT s.number, k.action, k.category, p.id, u.text FROM series s
        JOIN kinds k ON k.organization = s.organization AND k.number = s.kind
        JOIN principals p ON p.organization = s.organization AND p.number = s.principal
        LEFT JOIN user_agents u ON u.organization = s.organization AND u.number = s.user_agent
        WHERE s.organization = ${organization} AND ${dialect.numberIn(sql`s.number`, numbers)}`,
    )
    return rows.map(([number, action, category, principal, userAgent]) => {
      return [number, { action, category, principalId: dialect.idFrom(principal), userAgent }]
    })
  }

  async function readOfOne(
    reads: Reads,
    organization: OrganizationKey,
    organizationId: string,
    rows: readonly EventRow[],
  ): Promise<RecordedEvent[]> {
    const known = knownOf(organization)
    const series = await lookUp(known.series, seriesOf(rows), missing =>
      readSeries(reads, organization, missing),
    )
    const addresses = await lookUp(known.addresses, addressesOf(rows), missing =>
      reads.rows<[number, string]>(
        sql`SELECT a.number, a.text FROM addresses a
          WHERE a.organization = ${organization} AND ${dialect.numberIn(sql`a.number`, missing)}`,
      ),
    )
    const events: RecordedEvent[] = []
    for (const [, id, createdAt, recordedAt, number, address, resource] of rows) {
      const found = series.get(number)
      const ipAddress = address === 0 ? null : addresses.get(address)
      if (found === undefined || ipAddress === undefined || resource === null) continue
      events.push({
        id: dialect.idFromShort(id),
        organizationId,
        createdAt,
        action: found.action,
        category: found.category,
        resourceId: dialect.idFromShort(resource),
        principalId: found.principalId,
        ipAddress,
        userAgent: found.userAgent,
        recordedAt,
      })
    }
    return events
  }

  return {
    async readEvents(reads, rows, idOf) {
      const first = rows[0]
      if (first === undefined) return []
      if (rows.every(([organization]) => organization === first[0])) {
        return readOfOne(reads, first[0], idOf(first[0]), rows)
      }
      const events: RecordedEvent[] = []
      for (const [organization, own] of Map.groupBy(rows, ([organization]) => organization)) {
        events.push(...(await readOfOne(reads, organization, idOf(organization), own)))
      }
      return events
    },
  }
}

function* seriesOf(rows: readonly EventRow[]): Generator<number> {
  for (const row of rows) yield row[4]
}

function* addressesOf(rows: readonly EventRow[]): Generator<number> {
  for (const row of rows) if (row[5] !== 0) yield row[5]
}
