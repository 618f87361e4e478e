// Statistics over events. Rollups answer every filter by date, principal, user agent, action and category exactly
// (counts-rollups.ts). For filters by address or resource, a limited number of the newest events is scanned
// (counts-scan.ts); also for most counts by address or user agent (counts-values.ts).

import type { EventFilter } from '../event.ts'
import type { EventCounts, KindCount, PrincipalCount } from '../log-reader.ts'
import { isRolledUp, isTotalled, sumBy, sumTimes } from './counts-rollups.ts'
import { type CountQuery, startOfScan } from './counts-scan.ts'
import { isUndated, totalsBy } from './counts-totals.ts'
import { mostCommon, type Newest, valueCounts } from './counts-values.ts'
import type { Log } from './database.ts'
import { sql } from './drizzle.ts'
import { rangeOf } from './event-range.ts'
import { resolveFilter } from './filter.ts'
import { partsOf } from './plan.ts'

/** The result for an Organization that does not exist. */
export const NO_COUNTS: EventCounts = {
  since: null,
  kinds: () => [],
  principals: () => [],
  times: edges => edges.slice(1).map(() => 0),
  addresses: () => ({ since: null, values: [] }),
  userAgents: () => ({ since: null, values: [] }),
}

export async function countEvents(log: Log, filter: EventFilter): Promise<number> {
  const query: CountQuery = { ...log, filter }
  if (isTotalled(filter)) {
    const resolved = await resolveFilter(log, filter)
    if (resolved === null) return 0
    const [only = { ...resolved.all, numbers: [] }, ...others] = partsOf(resolved)
    if (others.length === 0 && only.numbers !== null) return only.events
    if (others.length === 0 && only === resolved.address) {
      let sum = 0
      for await (const rows of totalsBy(query, resolved, 'address')) {
        for (const [, events] of rows) sum += events
      }
      return sum
    }
  }
  if (isRolledUp(filter) && isUndated(filter)) {
    const sums = await sumBy(query, 'kind')
    return sums.values().reduce((sum, events) => sum + events, 0)
  }
  const { low, high } = rangeOf(filter)
  return (await sumTimes(query, [low, high + 1]))[0] ?? 0
}

export async function readCounts(log: Log, filter: EventFilter): Promise<EventCounts> {
  const all: CountQuery = { ...log, filter }
  async function begin(): ReturnType<Newest> {
    const since = await startOfScan(all)
    if (since === null) return { ...all, since }
    const createdAfter = Math.max(since, filter.createdAfter ?? since)
    return { ...all, filter: { ...filter, createdAfter }, since }
  }
  const { since, ...query } = isRolledUp(filter) ? { ...all, since: null } : await begin()
  let begun: ReturnType<Newest> | undefined
  /** For filters that rollups cannot answer; determined once, at the first call. */
  function newest(): ReturnType<Newest> {
    begun ??= isRolledUp(filter) ? begin() : Promise.resolve({ ...query, since })
    return begun
  }
  return {
    since,
    kinds: async () => kindCounts(query, await sumBy(query, 'kind')),
    principals: async first => mostActive(query, await sumBy(query, 'principal'), first),
    times: edges => sumTimes(query, edges),
    addresses: first => valueCounts(all, 'address', first, newest),
    userAgents: first => valueCounts(all, 'userAgent', first, newest),
  }
}

async function kindCounts(
  { db, dialect, organization }: CountQuery,
  sums: ReadonlyMap<number, number>,
): Promise<KindCount[]> {
  const rows = await db.rows<[number, string, string]>(
    sql`SELECT k.number, k.action, k.category FROM kinds k
      WHERE k.organization = ${organization} AND ${dialect.numberIn(sql`k.number`, [...sums.keys()])}`,
  )
  return rows.map(([number, action, category]) => {
    return { action, category, events: sums.get(number) ?? 0 }
  })
}

async function mostActive(
  { db, dialect, organization }: CountQuery,
  sums: ReadonlyMap<number, number>,
  first: number,
): Promise<PrincipalCount[]> {
  // Ties are broken by ID, not by date.
  const undated = new Map([...sums].map(([number, events]) => [number, { events, latest: 0 }]))
  const most = await mostCommon(undated, first, async numbers => {
    const rows = await db.rows<[number, unknown]>(
      sql`SELECT p.number, p.id FROM principals p
        WHERE p.organization = ${organization} AND ${dialect.numberIn(sql`p.number`, numbers)}`,
    )
    return new Map(rows.map(([number, id]) => [number, dialect.idFrom(id)]))
  })
  return most.map(({ value, events }) => ({ principalId: value ?? '', events }))
}
