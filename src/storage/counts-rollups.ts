// Statistics from rollups: the number of events on each day and in each quarter of an hour. Periods that lie completely
// within the requested dates are read from them; in the other periods, events are scanned. An event that arrives
// between two statements may or may not be counted, but never twice, because no two statements cover the same events.

import type { EventFilter } from '../event.ts'
import type { Instant } from '../instant.ts'
import { type CountQuery, inParts, scanCounts, unitOf } from './counts-scan.ts'
import { type SQL, sql } from './drizzle.ts'
import { type EventRange, narrowed, rangeOf } from './event-range.ts'
import type { ResolvedFilter } from './filter.ts'
import {
  ALL_EVENTS,
  DAYS,
  type Periods,
  parted,
  placeOf,
  QUARTERS,
  type Span,
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

/** The conditions that rollups can answer. */
export const ROLLED_UP: readonly (keyof EventFilter)[] = [
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

/** False for conditions that are not in `names`, also for those added to the filter later. */
export function hasOnly({ not = {}, ...filter }: EventFilter, names: readonly string[]): boolean {
  const excluded = Object.entries(not).filter(([, list]) => list.length > 0)
  return [...Object.entries(filter), ...excluded].every(
    ([name, condition]) => condition === undefined || names.includes(name),
  )
}

/** Calls `add` with a value's number, or, by time, with a date between the same two edges as the events. */
export async function sumUp(
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
    const rows =
      spans.length === 0
        ? null
        : await findRolled(query, resolved, by, narrowed(range, known), periods)
    if (rows === null) return count(range, shorter)
    for (const cut of cuts) await count(cut, shorter)
    const [only, ...others] = rows
    const sums =
      by === 'time' && only !== undefined && others.length === 0
        ? sumSpans(query, periods, only, spans)
        : sumPeriods(query, periods, rows, spans, by)
    for await (const rows of sums) for (const [key, events] of rows) add(key, events)
  }

  if (!isRolledUp(filter)) return scan(range)
  await count(range, by === 'time' ? [QUARTERS] : [DAYS, QUARTERS])
}

/** A kind, a principal or a series; or all events. */
interface Rolled {
  readonly number: number
  /** The number of events on all dates. */
  readonly events: number
  /** The key under which its events are counted. */
  readonly key: number
}

/**
 * All rows of the rollup that may have matching events. `null`: these periods are not counted for the filter, or the
 * rollup has more rows than there are events to scan.
 */
async function findRolled(
  query: CountQuery,
  resolved: ResolvedFilter,
  by: 'kind' | 'principal' | 'time',
  range: EventRange,
  periods: Periods,
): Promise<Rolled[] | null> {
  const { kind, principal, userAgent, all } = resolved
  async function list(from: SQL, key: SQL, condition?: SQL | null): Promise<Rolled[]> {
    const rows = await query.db.rows<[number: number, events: number, key: number]>(
      sql`SELECT s.number, s.events, ${key} FROM ${from} WHERE s.organization = ${query.organization}
        AND s.events > 0 AND s.last_at >= ${range.low} AND s.first_at <= ${range.high}
        AND ${condition ?? sql`true`}`,
    )
    return rows.map(([number, events, key]) => ({ number, events, key }))
  }
  if (principal === undefined && userAgent === undefined && by !== 'principal') {
    return kind === undefined && by === 'time'
      ? [{ number: ALL_EVENTS, events: all.events, key: 0 }]
      : list(sql`kinds s`, sql`s.number`, kind?.is(sql`s.number`))
  }
  const isByPrincipal = periods === DAYS
  if (isByPrincipal && (by !== 'principal' || kind !== undefined || userAgent !== undefined)) {
    return null
  }
  const [of, condition] = isByPrincipal
    ? (['principal', principal?.is(sql`s.number`)] as const)
    : [null, conditionOnSeries(resolved)]
  const column = isByPrincipal ? sql`s.number` : by === 'principal' ? sql`s.principal` : sql`s.kind`
  const most = Math.min(expectedIn(range, all), ...partsOf(resolved).map(({ events }) => events))
  const rows: Rolled[] = []
  for await (const { from, numbers } of inParts(query, resolved, of)) {
    const found = await list(from, column, sql`${numbers} AND ${condition ?? sql`true`}`)
    for (const row of found) rows.push(row)
    if (rows.length > most) return null
  }
  return rows
}

/** Estimated cost of finding the periods of one row, in periods read. */
const FIND = 10

/** By date, for one value: each span is summed by a subquery, which is faster than grouping. */
async function* sumSpans(
  { db, dialect, organization }: CountQuery,
  { table, length }: Periods,
  { number, events }: Rolled,
  spans: readonly Span[],
): AsyncGenerator<[date: Instant, events: number][]> {
  const narrow = spans.flatMap(span => [...split(span, dialect.atOnce)])
  const workOn = ({ from, until }: Span) => FIND + Math.min(events, until - from)
  const turn = dialect.turns()
  for (const some of sharesOf(narrow, workOn, dialect.atOnce)) {
    const given = dialect.given('x', [
      { name: 'first', as: 'number', values: some.map(({ from }) => from) },
      { name: 'behind', as: 'number', values: some.map(({ until }) => until) },
    ])
    const found = await db.rows<[period: number, events: number | null]>(
      sql`SELECT x.first, (SELECT sum(t.events) FROM ${sql.raw(table)} t WHERE t.organization = ${organization}
        AND t.number = ${number} AND t.period >= x.first AND t.period < x.behind) FROM ${given}`,
    )
    yield found.map(([period, events]) => [period * length, events ?? 0])
    await turn()
  }
}

/** By date, or by key. */
async function* sumPeriods(
  { db, dialect, organization }: CountQuery,
  { table, length }: Periods,
  rows: readonly Rolled[],
  spans: readonly Span[],
  by: 'time' | 'kind' | 'principal',
): AsyncGenerator<[key: number, events: number][]> {
  const starts = spans.map(({ from }) => from)
  const ends = spans.map(({ until }) => until)
  const unit = unitOf([...starts, ...ends], sql`t.period`)
  const [read, group] = by === 'time' ? [sql`min(t.period)`, unit] : [sql`t.number`, sql`t.number`]
  const all: Span = { from: starts[0] ?? 0, until: ends.at(-1) ?? 0 }
  const workOn = ({ events }: Rolled) => FIND + Math.min(events, all.until - all.from)
  const turn = dialect.turns()
  for (const some of sharesOf(rows, workOn, dialect.atOnce)) {
    const numbers = some.map(({ number }) => number)
    const keys = new Map(some.map(({ number, key }) => [number, key]))
    for (const { from, until } of some.length > 1 ? [all] : split(all, dialect.atOnce)) {
      const found = await db.rows<[number, number]>(
        sql`SELECT ${read}, sum(t.events) FROM ${sql.raw(table)} t WHERE t.organization = ${organization}
          AND ${dialect.isIn('number', sql`t.number`, numbers)} AND t.period >= ${from} AND t.period < ${until} GROUP BY ${group}`,
      )
      if (by === 'time') {
        // Periods between two spans are partly out of range or contain an edge: their events are counted in another
        // way.
        const complete = found.filter(
          ([period]) => period < (ends[placeOf(starts, period)] ?? period),
        )
        yield complete.map(([period, events]) => [period * length, events])
      } else {
        yield found.map(([number, events]) => [keys.get(number) ?? 0, events])
      }
      await turn()
    }
  }
}

function* split({ from, until }: Span, most: number): Generator<Span> {
  for (let at = from; at < until; at += most) yield { from: at, until: Math.min(until, at + most) }
}

/** Splits items, in order, into shares of at most `most` work; an item with more work is a share by itself. */
function* sharesOf<T>(
  items: readonly T[],
  workOn: (item: T) => number,
  most: number,
): Generator<T[]> {
  let share: T[] = []
  let work = 0
  for (const item of items) {
    const own = workOn(item)
    if (work + own > most && share.length > 0) {
      yield share
      share = []
      work = 0
    }
    share.push(item)
    work += own
  }
  if (share.length > 0) yield share
}
