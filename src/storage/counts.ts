// Statistics over events. Rollups answer every filter by date, principal, user agent, action and category exactly
// (counts-rollups.ts). For filters by address or resource, a limited number of the newest events is scanned
// (counts-scan.ts); also for most counts by address or user agent.

import type { EventFilter } from '../event.ts'
import type { Instant } from '../instant.ts'
import type { EventCounts, ValueCount } from '../log-reader.ts'
import { compareTexts } from '../text.ts'
import { hasOnly, isRolledUp, ROLLED_UP, sumUp } from './counts-rollups.ts'
import {
  type Counted,
  type CountedBy,
  type CountQuery,
  isUndated,
  scanCounts,
  startOfScan,
  totalsBy,
} from './counts-scan.ts'
import type { Log } from './database.ts'
import { sql } from './drizzle.ts'
import { rangeOf } from './event-range.ts'
import { resolveFilter } from './filter.ts'
import { placeOf } from './periods.ts'
import { FULL_SCAN_RATIO, isPlain, partsOf, planFor } from './plan.ts'
import { tableOf } from './values.ts'

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
  let sum = 0
  // Totals are kept for addresses, too.
  if (isUndated(filter) && hasOnly(filter, [...ROLLED_UP, 'addresses'])) {
    const resolved = await resolveFilter(log, filter)
    if (resolved === null) return 0
    const [only = { ...resolved.all, numbers: [] }, ...others] = partsOf(resolved)
    if (others.length === 0 && only.numbers !== null) return only.events
    if (others.length === 0 && only === resolved.address) {
      for await (const rows of totalsBy(query, resolved, 'address')) {
        for (const [, events] of rows) sum += events
      }
      return sum
    }
  }
  if (isTotalled(filter, 'kind')) {
    for (const { events } of (await sumBy(query, 'kind')).values()) sum += events
    return sum
  }
  const { low, high } = rangeOf(filter)
  return (await sumTimes(query, [low, high + 1]))[0] ?? 0
}

export async function readCounts(log: Log, filter: EventFilter): Promise<EventCounts> {
  const { db, dialect, organization } = log
  const all = { ...log, filter, since: null }

  /** The query, limited to the events that may be scanned; `since` is the limit, `null` for no limit. */
  async function begin(): Promise<CountQuery & { readonly since: Instant | null }> {
    const since = await startOfScan(all)
    if (since === null) return all
    const createdAfter = Math.max(since, filter.createdAfter ?? since)
    return { ...log, filter: { ...filter, createdAfter }, since }
  }
  let begun: ReturnType<typeof begin> | undefined
  /** For counts that rollups cannot answer; determined once, at the first call. */
  function newest(): ReturnType<typeof begin> {
    begun ??= begin()
    return begun
  }
  const query = isRolledUp(filter) ? all : await newest()

  async function valueCounts(by: 'address' | 'userAgent', first: number) {
    const counted = isTotalled(filter, by) ? all : await newest()
    return { since: counted.since, values: await mostCommon(counted, by, first) }
  }

  return {
    since: query.since,
    async kinds() {
      const sums = await sumBy(query, 'kind')
      const rows = await db.rows<[number, string, string]>(
        sql`SELECT k.number, k.action, k.category FROM kinds k
          WHERE k.organization = ${organization} AND ${dialect.isIn('number', sql`k.number`, [...sums.keys()])}`,
      )
      return rows.map(([number, action, category]) => {
        return { action, category, events: sums.get(number)?.events ?? 0 }
      })
    },
    async principals(first) {
      const most = await mostCommon(query, 'principal', first)
      return most.map(({ value, events }) => ({ principalId: value ?? '', events }))
    },
    times: edges => sumTimes(query, edges),
    addresses: first => valueCounts('address', first),
    userAgents: first => valueCounts('userAgent', first),
  }
}

/** Whether the totals of values and series can answer. */
function isTotalled(filter: EventFilter, by: CountedBy): boolean {
  return isUndated(filter) && (by === 'address' ? isPlain(filter) : isRolledUp(filter))
}

/** A number of events, and the date of the newest. */
interface Sum {
  readonly events: number
  readonly latest: Instant
}

/** By the number of the value, 0 for none. */
async function sumBy(query: CountQuery, by: CountedBy): Promise<Map<number, Sum>> {
  const { filter } = query
  const sums = new Map<number, Sum>()
  const add = (key: number, events: number, latest: Instant) => {
    const known = sums.get(key)
    sums.set(key, {
      events: events + (known?.events ?? 0),
      latest: Math.max(latest, known?.latest ?? latest),
    })
  }
  const addAll = async (counted: AsyncIterable<Counted[]>) => {
    for await (const rows of counted) for (const row of rows) add(...row)
  }
  if (!isTotalled(filter, by) && (by === 'address' || by === 'userAgent')) {
    const plan = await planFor(query, filter, { scanRatio: FULL_SCAN_RATIO })
    if (plan !== null) await addAll(scanCounts(query, plan, by))
    return sums
  }
  const resolved = await resolveFilter(query, filter)
  if (resolved === null) return sums
  if (isTotalled(filter, by)) await addAll(totalsBy(query, resolved, by))
  else if (by === 'kind' || by === 'principal') {
    const { low, high } = rangeOf(filter)
    await sumUp(query, resolved, by, [low, high + 1], (key, events) => add(key, events, 0))
  }
  return sums
}

/** How many events match from each edge to just before the next. */
async function sumTimes(query: CountQuery, edges: readonly Instant[]): Promise<number[]> {
  const counts = edges.slice(1).map(() => 0)
  const resolved = await resolveFilter(query, query.filter)
  if (resolved === null) return counts
  await sumUp(query, resolved, 'time', edges, (date, events) => {
    const place = placeOf(edges, date)
    counts[place] = (counts[place] ?? 0) + events
  })
  return counts
}

/** The `first` most common values. A value without a row is skipped: it was deleted meanwhile. */
async function mostCommon(
  query: CountQuery,
  by: 'principal' | 'address' | 'userAgent',
  first: number,
): Promise<ValueCount[]> {
  const { db, dialect, organization } = query
  // Ties between principals are broken by ID, not by date.
  const compare = (a: Sum, b: Sum) =>
    b.events - a.events || (by === 'principal' ? 0 : b.latest - a.latest)
  const ordered = [...(await sumBy(query, by))].sort(([, a], [, b]) => compare(a, b))
  const last = ordered[first - 1]?.[1]
  // Texts only break ties, so only those of values that may be among the first are read.
  const candidates = ordered.filter(([, sum]) => last === undefined || compare(sum, last) <= 0)
  const numbers = candidates.map(([number]) => number)
  const text = by === 'principal' ? dialect.idText(sql`v.id`) : sql`v.text`
  const rows = await db.rows<[number, string]>(
    sql`SELECT v.number, ${text} FROM ${tableOf(by)} v
      WHERE v.organization = ${organization} AND ${dialect.isIn('number', sql`v.number`, numbers)}`,
  )
  const texts = new Map<number, string | null>([...rows, [0, null]])
  return candidates
    .flatMap(([number, sum]) => {
      const value = texts.get(number)
      return value === undefined ? [] : [{ value, ...sum }]
    })
    .sort((a, b) => compare(a, b) || compareValues(a.value, b.value))
    .slice(0, first)
}

/** `null` sorts last. */
function compareValues(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  return compareTexts(a, b)
}
