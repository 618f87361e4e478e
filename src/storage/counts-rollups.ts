// Figures by what is kept beside the events: totals, where nothing is said of dates; else the quarters of an hour that lie
// whole within them, and the events themselves of those that are cut. What arrives between two statements may be counted
// or not, but never twice, as no two of them tell of the same events.

import type { EventFilter } from '../event.ts'
import type { Instant } from '../instant.ts'
import { type Asked, type Counted, lookBy, lookByTime, unitOf } from './counts-look.ts'
import { sql } from './drizzle.ts'
import { findWanted, type Wanted } from './filter.ts'
import { conditionOnSeries, expectedIn, findSeries, partsOf, planOf } from './plan.ts'
import { QUARTER, quarterOf } from './quarters.ts'
import { type EventRange, narrowed, rangeOf } from './range.ts'

/** Whether rollups tell all that the filter asks for. */
export function isRolledUp({ addresses, resourceIds }: EventFilter): boolean {
  return addresses === undefined && resourceIds === undefined
}

export function isUndated({ createdAfter, createdBefore }: EventFilter): boolean {
  return createdAfter === undefined && createdBefore === undefined
}

const TOTALS = {
  kind: { table: sql`kinds`, column: sql`s.kind` },
  principal: { table: sql`principals`, column: sql`s.principal` },
  address: { table: sql`addresses`, column: null },
  userAgent: { table: null, column: sql`s.user_agent` },
}

/**
 * Of an undated filter that `isRolledUp`; or by address, of one that asks for nothing else. A number may come several
 * times.
 */
export async function* totalsBy(
  asked: Asked,
  wanted: Wanted,
  by: keyof typeof TOTALS,
): AsyncGenerator<Counted> {
  const { table, column } = TOTALS[by]
  const isOwn = partsOf(wanted).every(part => part === wanted[by]) && table !== null
  const counted = isOwn ? sql`s.number` : column
  const condition = isOwn ? wanted[by]?.is(sql`s.number`) : conditionOnSeries(wanted)
  for await (const { low, high } of numbersOf(asked, wanted, isOwn ? table : sql`series`)) {
    yield* await asked.reads.rows<Counted>(
      sql`SELECT ${counted}, sum(s.events), max(s.last_at) FROM ${isOwn ? table : sql`series`} s
        WHERE s.organization = ${asked.organization} AND s.number >= ${low} AND s.number <= ${high}
          AND s.events > 0 AND ${condition ?? sql`true`} GROUP BY 1`,
    )
  }
}

/** The numbers that a table's rows have, in ranges of so many that a statement may look at them. */
export async function* numbersOf(
  { reads, dialect, organization }: Asked,
  wanted: Wanted,
  table: ReturnType<typeof sql>,
): AsyncGenerator<{ low: number; high: number }> {
  const [row] = await reads.rows<[number | null]>(
    sql`SELECT max(v.number) FROM ${table} v WHERE v.organization = ${organization}`,
  )
  const last = row?.[0] ?? 0
  const fewest = partsOf(wanted).map(({ events }) => events)
  const width = Math.min(...fewest) <= dialect.atOnce ? last : dialect.atOnce
  const turn = dialect.turns()
  for (let low = 1; low <= last; low += width) {
    yield { low, high: Math.min(last, low + width - 1) }
    await turn()
  }
}

export async function sumBy(asked: Asked, by: 'kind' | 'principal'): Promise<Map<number, number>> {
  const sums = new Map<number, number>()
  const add = (number: number, events: number) => {
    sums.set(number, (sums.get(number) ?? 0) + events)
  }
  const { filter } = asked
  const wanted = await findWanted(asked.reads, asked.dialect, asked.organization, filter)
  if (wanted === null) return sums
  if (isUndated(filter) && isRolledUp(filter)) {
    for await (const [number, events] of totalsBy(asked, wanted, by)) add(number, events)
  } else {
    const { low, high } = rangeOf(filter)
    await sumUp(asked, wanted, by, [low, high + 1], add)
  }
  return sums
}

/** How many events match from each edge up to the next. */
export async function sumTimes(asked: Asked, edges: readonly Instant[]): Promise<number[]> {
  const counts = edges.slice(1).map(() => 0)
  const wanted = await findWanted(asked.reads, asked.dialect, asked.organization, asked.filter)
  if (wanted === null) return counts
  await sumUp(asked, wanted, 'time', edges, (instant, events) => {
    const place = placeOf(edges, instant)
    counts[place] = (counts[place] ?? 0) + events
  })
  return counts
}

/** `add` is told a number, or an instant between the same two edges as the events. */
async function sumUp(
  asked: Asked,
  wanted: Wanted,
  by: 'kind' | 'principal' | 'time',
  edges: readonly Instant[],
  add: (key: number, events: number) => void,
): Promise<void> {
  const { reads, dialect, organization, filter } = asked
  const [start = 0, end = start] = [edges[0], edges.at(-1)]
  const range = narrowed(rangeOf(filter), { low: start, high: end - 1 })
  const series = await findSeries(reads, organization, wanted)

  const unit = unitOf(edges, sql`e.created_at`)
  async function look(part: EventRange): Promise<void> {
    const plan = planOf(dialect, organization, wanted, series, part)
    if (plan === null) return
    const found = by === 'time' ? lookByTime(asked, plan, unit) : lookBy(asked, plan, by)
    for await (const [key, events] of found) add(key, events)
  }

  const known = planOf(dialect, organization, wanted, series, range)?.range
  if (known === undefined) return
  const { spans, cuts } = parted(edges, narrowed(range, wholeQuarters(known)))
  const [first, last] = [spans[0], spans.at(-1)]
  const rollup =
    first === undefined || last === undefined || !isRolledUp(filter)
      ? null
      : await findRollup(asked, wanted, by, known)
  if (first === undefined || last === undefined || rollup === null) return look(range)
  for (const cut of cuts) await look(cut)

  const turn = dialect.turns()
  const { table, column, rows } = rollup
  const starts = spans.map(({ from }) => from)
  const [read, group] =
    by === 'time'
      ? [
          sql`min(t.quarter)`,
          unitOf([...starts, ...spans.map(({ until }) => until)], sql`t.quarter`),
        ]
      : [column, column]
  for (const { part, from, until } of partsOfRollup(rows, first.from, last.until, dialect.atOnce)) {
    const found = await reads.rows<[number, number]>(
      sql`SELECT ${read}, sum(t.events) FROM ${table} t WHERE t.organization = ${organization}
        AND ${dialect.numberIn(
          column,
          part.map(({ number }) => number),
        )}
        AND t.quarter >= ${from} AND t.quarter < ${until} GROUP BY ${group}`,
    )
    if (by === 'time') {
      for (const [quarter, events] of found) {
        const span = spans[placeOf(starts, quarter)]
        if (span !== undefined && quarter < span.until) add(quarter * QUARTER, events)
      }
    } else {
      const keys = new Map(part.map(({ number, key }) => [number, key]))
      for (const [number, events] of found) add(keys.get(number) ?? 0, events)
    }
    await turn()
  }
}

/** Whole quarters of an hour between the same two edges; `until` is behind the last. */
interface Span {
  readonly from: number
  readonly until: number
}

/** What lies in the range: whole quarters, and what edges and the ends of the range cut off others, in order. */
function parted(
  edges: readonly Instant[],
  { low, high }: EventRange,
): { spans: readonly Span[]; cuts: readonly EventRange[] } {
  const spans: Span[] = []
  const cuts: EventRange[] = []
  const cut = (low: Instant, high: Instant) => {
    const before = cuts.at(-1)
    if (before?.high === low - 1) cuts[cuts.length - 1] = { low: before.low, high }
    else if (low <= high) cuts.push({ low, high })
  }
  for (const [place, edge] of edges.entries()) {
    const begin = Math.max(edge, low)
    const end = Math.min(edges[place + 1] ?? edge, high + 1)
    if (begin >= end) continue
    const [from, until] = [Math.ceil(begin / QUARTER), quarterOf(end)]
    if (from >= until) {
      cut(begin, end - 1)
      continue
    }
    spans.push({ from, until })
    cut(begin, from * QUARTER - 1)
    cut(until * QUARTER, end - 1)
  }
  return { spans, cuts }
}

function wholeQuarters({ low, high }: EventRange): EventRange {
  return { low: quarterOf(low) * QUARTER, high: (quarterOf(high) + 1) * QUARTER - 1 }
}

interface Rollup {
  readonly table: ReturnType<typeof sql>
  readonly column: ReturnType<typeof sql>
  readonly rows: readonly Rolled[]
}

/** What quarters are kept of. */
interface Rolled {
  readonly number: number
  /** Of all dates. */
  readonly events: number
  /** The kind or the principal that it is counted as. */
  readonly key: number
}

/** Of all that may have events that match; `null`: it is less work to look at these events. */
async function findRollup(
  asked: Asked,
  wanted: Wanted,
  by: 'kind' | 'principal' | 'time',
  range: EventRange,
): Promise<Rollup | null> {
  const { reads, organization } = asked
  const { kind, principal, userAgent, whole } = wanted
  const dated = sql`s.events > 0 AND s.last_at >= ${range.low} AND s.first_at <= ${range.high}`
  const ours = sql`s.organization = ${organization} AND ${dated}`
  if (principal === undefined && userAgent === undefined && by !== 'principal') {
    const rows = await reads.rows<[number, number]>(
      sql`SELECT s.number, s.events FROM kinds s WHERE ${ours} AND ${kind?.is(sql`s.number`) ?? sql`true`}`,
    )
    return {
      table: sql`kind_times`,
      column: sql`t.kind`,
      rows: rows.map(([number, events]) => ({ number, events, key: number })),
    }
  }
  const most = Math.min(expectedIn(range, whole), ...partsOf(wanted).map(({ events }) => events))
  const key = by === 'principal' ? sql`s.principal` : sql`s.kind`
  const rows: Rolled[] = []
  for await (const { low, high } of numbersOf(asked, wanted, sql`series`)) {
    const found = await reads.rows<[number, number, number]>(
      sql`SELECT s.number, s.events, ${key} FROM series s WHERE ${ours}
        AND s.number >= ${low} AND s.number <= ${high} AND ${conditionOnSeries(wanted) ?? sql`true`}`,
    )
    for (const [number, events, key] of found) rows.push({ number, events, key })
    if (rows.length > most) return null
  }
  return { table: sql`series_times`, column: sql`t.series`, rows }
}

/** To find the quarters of one takes as long as to read so many. */
const FIND = 10

function* partsOfRollup(
  rows: readonly Rolled[],
  from: number,
  until: number,
  atOnce: number,
): Generator<Span & { part: readonly Rolled[] }> {
  let part: Rolled[] = []
  let work = 0
  for (const row of rows) {
    const own = FIND + Math.min(row.events, until - from)
    if (work + own > atOnce && part.length > 0) {
      yield { part, from, until }
      part = []
      work = 0
    }
    part.push(row)
    work += own
    if (own <= atOnce) continue
    for (let at = from; at < until; at += atOnce) {
      yield { part, from: at, until: Math.min(until, at + atOnce) }
    }
    part = []
    work = 0
  }
  if (part.length > 0) yield { part, from, until }
}

/** Of the last that is not behind the value; the first is not. */
function placeOf(starts: readonly number[], value: number): number {
  let [low, high] = [0, starts.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((starts[middle] ?? value) <= value) low = middle
    else high = middle - 1
  }
  return low
}
