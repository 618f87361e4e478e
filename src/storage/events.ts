// From rows to events. An event's row names by numbers what repeats: its series and its address. What a number stands
// for never changes, so it is remembered, and most pages are read without looking it up: that is nearly half of their
// cost. Of what the directory says nothing is remembered here.

import { LRUCache } from 'lru-cache'
import type { RecordedEvent } from '../event.ts'
import type { Instant } from '../instant.ts'
import type { Dialect, OrganizationKey, Reads } from './database.ts'
import { type ForValue, type SQL, sql } from './drizzle.ts'

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

/** Of an event `e`, with that of its Organization bound once more; `readEvents` makes events of such rows. */
export function eventColumns(
  { shortId }: Pick<Dialect, 'shortId'>,
  organization: OrganizationKey | ForValue | SQL,
): SQL {
  return sql`e.organization, ${shortId(sql`e.id`)}, e.created_at, e.recorded_at, e.series, e.address,
    (SELECT ${shortId(sql`r.id`)} FROM resources r
      WHERE r.organization = ${organization} AND r.number = e.resource), e.sequence`
}

type Series = Pick<RecordedEvent, 'action' | 'category' | 'principalId' | 'userAgent'>

/** Of one Organization, by number. */
interface Known {
  readonly series: LRUCache<number, Series>
  readonly addresses: LRUCache<number, string>
}

interface Found {
  readonly series: ReadonlyMap<number, Series>
  readonly addresses: ReadonlyMap<number, string>
}

/** Of an address only the text is there; of a series that is the user agent. */
type ValueRow = [
  number: number,
  action: string | null,
  category: string | null,
  principal: string | null,
  text: string | null,
]

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

  /** What is not remembered is looked up, in one statement. */
  async function lookUp(
    reads: Reads,
    organization: OrganizationKey,
    series: ReadonlySet<number>,
    addresses: ReadonlySet<number>,
  ): Promise<Found> {
    const known = knownOf(organization)
    const found = { series: new Map<number, Series>(), addresses: new Map<number, string>() }
    const missing = { series: [] as number[], addresses: [] as number[] }
    for (const number of series) {
      const value = known.series.get(number)
      if (value === undefined) missing.series.push(number)
      else found.series.set(number, value)
    }
    for (const number of addresses) {
      const value = known.addresses.get(number)
      if (value === undefined) missing.addresses.push(number)
      else found.addresses.set(number, value)
    }
    if (missing.series.length + missing.addresses.length === 0) return found
    const rows = await reads.rows<ValueRow>(valuesOf(organization, missing))
    for (const [number, action, category, principal, text] of rows) {
      if (action === null || category === null || principal === null) {
        known.addresses.set(number, text ?? '')
        found.addresses.set(number, text ?? '')
        continue
      }
      const value = {
        action,
        category,
        principalId: dialect.idFromShort(principal),
        userAgent: text,
      }
      known.series.set(number, value)
      found.series.set(number, value)
    }
    return found
  }

  function valuesOf(
    organization: OrganizationKey,
    {
      series,
      addresses,
    }: { readonly series: readonly number[]; readonly addresses: readonly number[] },
  ): SQL {
    return sql`SELECT s.number, k.action, k.category, ${dialect.shortId(sql`p.id`)}, u.text FROM series s
        JOIN kinds k ON k.organization = s.organization AND k.number = s.kind
        JOIN principals p ON p.organization = s.organization AND p.number = s.principal
        LEFT JOIN user_agents u ON u.organization = s.organization AND u.number = s.user_agent
        WHERE s.organization = ${organization} AND ${dialect.numberIn(sql`s.number`, series)}
      UNION ALL SELECT a.number, NULL, NULL, NULL, a.text FROM addresses a
        WHERE a.organization = ${organization} AND ${dialect.numberIn(sql`a.number`, addresses)}`
  }

  async function readOfOne(
    reads: Reads,
    organization: OrganizationKey,
    organizationId: string,
    rows: readonly EventRow[],
  ): Promise<RecordedEvent[]> {
    const numbers = { series: new Set<number>(), addresses: new Set<number>() }
    for (const [, , , , series, address] of rows) {
      numbers.series.add(series)
      if (address !== 0) numbers.addresses.add(address)
    }
    const found = await lookUp(reads, organization, numbers.series, numbers.addresses)
    const events: RecordedEvent[] = []
    for (const [, id, createdAt, recordedAt, number, address, resource] of rows) {
      const series = found.series.get(number)
      const ipAddress = address === 0 ? null : found.addresses.get(address)
      if (series === undefined || ipAddress === undefined || resource === null) continue
      events.push({
        id: dialect.idFromShort(id),
        organizationId,
        createdAt,
        action: series.action,
        category: series.category,
        resourceId: dialect.idFromShort(resource),
        principalId: series.principalId,
        ipAddress,
        userAgent: series.userAgent,
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
