// Statistics from rollups: the number of events on each day and in each quarter of an hour. Periods that lie completely
// within the requested dates are read from them; in the other periods, events are scanned. An event that arrives
// between two statements may or may not be counted, but never twice, because no two statements cover the same events.

import type { EventFilter } from '../event.ts'
import type { Instant } from '../instant.ts'
import { type CountQuery, scanCounts, unitOf } from './counts-scan.ts'
import { type Rolled, type Rollup, sumPeriods, sumSpans } from './counts-times.ts'
import { inParts, isUndated, totalsBy } from './counts-totals.ts'
import { type SQL, sql } from './drizzle.ts'
import { type EventRange, narrowed, rangeOf } from './event-range.ts'
import { type ResolvedFilter, resolveFilter } from './filter.ts'
import {
  ALL_EVENTS,
  DAYS,
  type Periods,
  parted,
  placeOf,
  QUARTERS,
  wholePeriods,
} from './periods.ts'
import {
  conditionOnSeries,
  expectedIn,
  FULL_SCAN_RATIO,
  findSeries,
  partsOf,
  planOf,
} from './plan.ts'
import { tableOf } from './values.ts'

/** The conditions that rollups can answer. */
const ROLLED_UP: readonly (keyof EventFilter)[] = [
  'createdAfter',
  'createdBefore',
  'actions',
  'categories',
  'principalIds',
  'userAgent',
  'userAgents',
]

/** Whether rollups can answer all conditions of the filter. */
export function isRolledUp(filter: EventFilter): boolean {
  return hasOnly(filter, ROLLED_UP)
}

/** Whether totals of values can answer all conditions; totals are kept for addresses, too. */
export function isTotalled(filter: EventFilter): boolean {
  return isUndated(filter) && hasOnly(filter, [...ROLLED_UP, 'addresses'])
}

/** False for conditions that are not in `names`, also for those added to the filter later. */
function hasOnly({ not = {}, ...filter }: EventFilter, names: readonly string[]): boolean {
  const excluded = Object.entries(not).filter(([, list]) => list.length > 0)
  return [...Object.entries(filter), ...excluded].every(
    ([name, condition]) => condition === undefined || names.includes(name),
  )
}

/** The number of events of each kind or principal, by its number. */
export async function sumBy(
  query: CountQuery,
  by: 'kind' | 'principal',
): Promise<Map<number, number>> {
  const { filter } = query
  const sums = new Map<number, number>()
  const add = (number: number, events: number) => {
    sums.set(number, (sums.get(number) ?? 0) + events)
  }
  const resolved = await resolveFilter(query, filter)
  if (resolved === null) return sums
  if (isUndated(filter) && isRolledUp(filter)) {
    for await (const rows of totalsBy(query, resolved, by)) {
      for (const [number, events] of rows) add(number, events)
    }
  } else {
    const { low, high } = rangeOf(filter)
    await sumUp(query, resolved, by, [low, high + 1], add)
  }
  return sums
}

/** How many events match from each edge to just before the next. */
export async function sumTimes(query: CountQuery, edges: readonly Instant[]): Promise<number[]> {
  const { filter } = query
  const counts = edges.slice(1).map(() => 0)
  const resolved = await resolveFilter(query, filter)
  if (resolved === null) return counts
  await sumUp(query, resolved, 'time', edges, (date, events) => {
    const place = placeOf(edges, date)
    counts[place] = (counts[place] ?? 0) + events
  })
  return counts
}

/** Calls `add` with a value's number, or, by time, with a date between the same two edges as the events. */
async function sumUp(
  query: CountQuery,
  resolved: ResolvedFilter,
  by: 'kind' | 'principal' | 'time',
  edges: readonly Instant[],
  add: (key: number, events: number) => void,
): Promise<void> {
  const { filter } = query
  const [start = 0, end = start] = [edges[0], edges.at(-1)]
  const range = narrowed(rangeOf(filter), { low: start, high: end - 1 })
  // If rollups answer most of it, few events are scanned, in short ranges: by date, unless few match.
  const options = isRolledUp(filter) ? {} : { scanRatio: FULL_SCAN_RATIO }
  const series = await findSeries(query, resolved, options.scanRatio)
  const plan = (range: EventRange) => planOf(query, resolved, series, range, options)
  const whole = plan(range)
  if (whole === null) return
  const known = whole.range
  const unit = edges.length > 2 ? unitOf(edges, sql`e.created_at`) : null

  async function scan(range: EventRange): Promise<void> {
    const planned = plan(range)
    if (planned === null) return
    for await (const rows of scanCounts(query, planned, by === 'time' ? unit : by)) {
      for (const [key, events] of rows) add(key, events)
    }
  }

  /** Counts the parts cut off from longer periods in shorter ones, and scans the parts cut off from the shortest. */
  async function count(
    range: EventRange,
    [periods, ...shorter]: readonly Periods[],
  ): Promise<void> {
    if (periods === undefined) return scan(range)
    const { spans, cuts } = parted(edges, narrowed(range, wholePeriods(known, periods)), periods)
    const rollup =
      spans.length === 0
        ? null
        : await findRollup(query, resolved, by, narrowed(range, known), periods)
    if (rollup === null) return count(range, shorter)
    for (const cut of cuts) await count(cut, shorter)
    const sums = rollup.isBySpan
      ? sumSpans(query, rollup, spans)
      : sumPeriods(query, rollup, spans, by)
    for await (const rows of sums) for (const [key, events] of rows) add(key, events)
  }

  if (!isRolledUp(filter)) return scan(range)
  await count(range, by === 'time' ? [QUARTERS] : [DAYS, QUARTERS])
}

/** `null`: these periods are not counted for the filter, or the rollup has more rows than there are events to scan. */
async function findRollup(
  query: CountQuery,
  resolved: ResolvedFilter,
  by: 'kind' | 'principal' | 'time',
  range: EventRange,
  periods: Periods,
): Promise<Rollup | null> {
  const { kind, principal, userAgent, all } = resolved
  const list = (from: SQL, key: SQL, condition: SQL | null | undefined) =>
    query.db.rows<[number, number, number]>(
      sql`SELECT s.number, s.events, ${key} FROM ${from} WHERE s.organization = ${query.organization}
        AND s.events > 0 AND s.last_at >= ${range.low} AND s.first_at <= ${range.high}
        AND ${condition ?? sql`true`}`,
    )
  if (principal === undefined && userAgent === undefined && by !== 'principal') {
    const isBySpan = by === 'time'
    if (kind === undefined && isBySpan) {
      return { periods, isBySpan, rows: [{ number: ALL_EVENTS, events: all.events, key: 0 }] }
    }
    const rows = await list(sql`kinds s`, sql`s.number`, kind?.is(sql`s.number`))
    return { periods, isBySpan, rows: rows.map(rolled) }
  }
  const isByPrincipal = periods === DAYS
  if (isByPrincipal && (by !== 'principal' || kind !== undefined || userAgent !== undefined)) {
    return null
  }
  const [table, condition] = isByPrincipal
    ? [tableOf('principal'), principal?.is(sql`s.number`)]
    : [null, conditionOnSeries(resolved)]
  const column = isByPrincipal ? sql`s.number` : by === 'principal' ? sql`s.principal` : sql`s.kind`
  const most = Math.min(expectedIn(range, all), ...partsOf(resolved).map(({ events }) => events))
  const rows: Rolled[] = []
  for await (const { from, numbers } of inParts(query, resolved, table)) {
    const found = await list(from, column, sql`${numbers} AND ${condition ?? sql`true`}`)
    for (const row of found) rows.push(rolled(row))
    if (rows.length > most) return null
  }
  return { periods, isBySpan: false, rows }
}

function rolled([number, events, key]: [number: number, events: number, key: number]): Rolled {
  return { number, events, key }
}
