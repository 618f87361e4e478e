// Figures over events. What is kept beside the events tells those of every filter by date, principal, user agent, action
// and category, exactly (counts-rollups.ts). Events by address or resource are looked at one by one (counts-scan.ts), no
// more than the newest so many; so are most for their addresses and user agents (counts-values.ts).

import type { EventFilter } from '../event.ts'
import type { EventCounts, KindCount, PrincipalCount } from '../store.ts'
import { isRolledUp, isTotalled, sumBy, sumTimes } from './counts-rollups.ts'
import { type CountQuery, startOfScan } from './counts-scan.ts'
import { isUndated, totalsBy } from './counts-totals.ts'
import { mostCommon, type Newest, valueCounts } from './counts-values.ts'
import type { Log } from './database.ts'
import { sql } from './drizzle.ts'
import { findWanted } from './filter.ts'
import { partsOf } from './plan.ts'
import { rangeOf } from './range.ts'

/** Of an Organization that is not there. */
export const NO_COUNTS: EventCounts = {
  since: null,
  kinds: () => [],
  principals: () => [],
  times: edges => edges.slice(1).map(() => 0),
  addresses: () => ({ since: null, values: [] }),
  userAgents: () => ({ since: null, values: [] }),
}

export async function countEvents(log: Log, filter: EventFilter): Promise<number> {
  const asked: CountQuery = { ...log, filter }
  if (isTotalled(filter)) {
    const wanted = await findWanted(log, filter)
    if (wanted === null) return 0
    const [only = { ...wanted.whole, numbers: [] }, ...others] = partsOf(wanted)
    if (others.length === 0 && only.numbers !== null) return only.events
    if (others.length === 0 && only === wanted.address) {
      let sum = 0
      for await (const rows of totalsBy(asked, wanted, 'address')) {
        for (const [, events] of rows) sum += events
      }
      return sum
    }
  }
  if (isRolledUp(filter) && isUndated(filter)) {
    const sums = await sumBy(asked, 'kind')
    return sums.values().reduce((sum, events) => sum + events, 0)
  }
  const { low, high } = rangeOf(filter)
  return (await sumTimes(asked, [low, high + 1]))[0] ?? 0
}

export async function readCounts(log: Log, filter: EventFilter): Promise<EventCounts> {
  const all: CountQuery = { ...log, filter }
  async function begin(): ReturnType<Newest> {
    const since = await startOfScan(all)
    if (since === null) return { ...all, since }
    const createdAfter = Math.max(since, filter.createdAfter ?? since)
    return { ...all, filter: { ...filter, createdAfter }, since }
  }
  const { since, ...asked } = isRolledUp(filter) ? { ...all, since: null } : await begin()
  let begun: ReturnType<Newest> | undefined
  /** For what no rollup tells; looked for once, when it is first asked for. */
  function newest(): ReturnType<Newest> {
    begun ??= isRolledUp(filter) ? begin() : Promise.resolve({ ...asked, since })
    return begun
  }
  return {
    since,
    kinds: async () => kindCounts(asked, await sumBy(asked, 'kind')),
    principals: async first => mostActive(asked, await sumBy(asked, 'principal'), first),
    times: edges => sumTimes(asked, edges),
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
  // Of equal ones the ID decides, not the date.
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
