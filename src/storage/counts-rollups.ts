// Figures by how many events each quarter of an hour has: of those that lie whole within the dates that are asked for;
// of those that are cut, by the events themselves. What arrives between two statements may be counted or not, but never
// twice, as no two of them tell of the same events.

import type { EventFilter } from '../event.ts'
import type { Instant } from '../instant.ts'
import { type Asked, look, unitOf } from './counts-look.ts'
import { parted, placeOf, type Span, wholeQuarters } from './counts-quarters.ts'
import { isUndated, numbersOf, totalsBy } from './counts-totals.ts'
import { type SQL, sql } from './drizzle.ts'
import { findWanted, type Wanted } from './filter.ts'
import { conditionOnSeries, expectedIn, findSeries, partsOf, planOf, WALK_FOR_ALL } from './plan.ts'
import { QUARTER } from './quarters.ts'
import { type EventRange, narrowed, rangeOf } from './range.ts'

/** Whether rollups tell all that the filter asks for. */
export function isRolledUp({ addresses, resourceIds }: EventFilter): boolean {
  return addresses === undefined && resourceIds === undefined
}

/** By number. */
export async function sumBy(asked: Asked, by: 'kind' | 'principal'): Promise<Map<number, number>> {
  const { reads, dialect, organization, filter } = asked
  const sums = new Map<number, number>()
  const add = (number: number, events: number) => {
    sums.set(number, (sums.get(number) ?? 0) + events)
  }
  const wanted = await findWanted(reads, dialect, organization, filter)
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
  const { reads, dialect, organization, filter } = asked
  const counts = edges.slice(1).map(() => 0)
  const wanted = await findWanted(reads, dialect, organization, filter)
  if (wanted === null) return counts
  await sumUp(asked, wanted, 'time', edges, (date, events) => {
    const place = placeOf(edges, date)
    counts[place] = (counts[place] ?? 0) + events
  })
  return counts
}

/** `add` is told a number, or a date between the same two edges as those of the events. */
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
  const series = await findSeries(reads, organization, wanted, WALK_FOR_ALL)
  const plan = (range: EventRange) =>
    planOf(dialect, organization, wanted, series, range, { walk: WALK_FOR_ALL })
  const unit = unitOf(edges, sql`e.created_at`)
  async function lookAt(range: EventRange): Promise<void> {
    const planned = plan(range)
    if (planned === null) return
    for await (const [key, events] of look(asked, planned, by === 'time' ? unit : by))
      add(key, events)
  }

  const known = plan(range)?.range
  if (known === undefined) return
  const { spans, cuts } = parted(edges, narrowed(range, wholeQuarters(known)))
  const [first, last] = [spans[0], spans.at(-1)]
  if (first === undefined || last === undefined || !isRolledUp(filter)) return lookAt(range)
  const rollup = await findRollup(asked, wanted, by, known)
  if (rollup === null) return lookAt(range)
  for (const cut of cuts) await lookAt(cut)

  const { table, number, rows } = rollup
  const starts = spans.map(({ from }) => from)
  const [key, group] =
    by === 'time'
      ? [
          sql`min(t.quarter)`,
          unitOf([...starts, ...spans.map(({ until }) => until)], sql`t.quarter`),
        ]
      : [number, number]
  const turn = dialect.turns()
  for (const { some, from, until } of atOnce(rows, first.from, last.until, dialect.atOnce)) {
    const numbers = some.map(({ number }) => number)
    const found = await reads.rows<[number, number]>(
      sql`SELECT ${key}, sum(t.events) FROM ${table} t WHERE t.organization = ${organization}
        AND ${dialect.numberIn(number, numbers)} AND t.quarter >= ${from} AND t.quarter < ${until}
        GROUP BY ${group}`,
    )
    const keys = new Map(some.map(({ number, key }) => [number, key]))
    for (const [value, events] of found) {
      if (by !== 'time') add(keys.get(value) ?? 0, events)
      else if (value < (spans[placeOf(starts, value)]?.until ?? value)) add(value * QUARTER, events)
    }
    await turn()
  }
}

/** What quarters are kept of. */
interface Rolled {
  readonly number: number
  /** Of all dates. */
  readonly events: number
  /** The kind or the principal that it is counted as. */
  readonly key: number
}

interface Rollup {
  readonly table: SQL
  readonly number: SQL
  /** All that may have events that match. */
  readonly rows: readonly Rolled[]
}

/** `null`: there are more of them than events to look at. */
async function findRollup(
  asked: Asked,
  wanted: Wanted,
  by: 'kind' | 'principal' | 'time',
  range: EventRange,
): Promise<Rollup | null> {
  const { kind, principal, userAgent, whole } = wanted
  const list = (table: SQL, key: SQL, condition: SQL | null | undefined) =>
    asked.reads.rows<[number, number, number]>(
      sql`SELECT s.number, s.events, ${key} FROM ${table} s WHERE s.organization = ${asked.organization}
        AND s.events > 0 AND s.last_at >= ${range.low} AND s.first_at <= ${range.high}
        AND ${condition ?? sql`true`}`,
    )
  const rolled = ([number, events, key]: [number, number, number]): Rolled => ({
    number,
    events,
    key,
  })
  if (principal === undefined && userAgent === undefined && by !== 'principal') {
    const rows = await list(sql`kinds`, sql`s.number`, kind?.is(sql`s.number`))
    return { table: sql`kind_times`, number: sql`t.kind`, rows: rows.map(rolled) }
  }
  const most = Math.min(expectedIn(range, whole), ...partsOf(wanted).map(({ events }) => events))
  const key = by === 'principal' ? sql`s.principal` : sql`s.kind`
  const condition = conditionOnSeries(wanted) ?? sql`true`
  const rows: Rolled[] = []
  for await (const numbers of numbersOf(asked, wanted, sql`series`)) {
    const found = await list(sql`series`, key, sql`${numbers} AND ${condition}`)
    rows.push(...found.map(rolled))
    if (rows.length > most) return null
  }
  return { table: sql`series_times`, number: sql`t.series`, rows }
}

/** To find the quarters of one is as much work as to read so many. */
const FIND = 10

/** Some of the rows, and some of the quarters, with as much work as a statement may have. */
function* atOnce(
  rows: readonly Rolled[],
  from: number,
  until: number,
  most: number,
): Generator<Span & { some: readonly Rolled[] }> {
  let some: Rolled[] = []
  let work = 0
  for (const row of rows) {
    const own = FIND + Math.min(row.events, until - from)
    if (own > most) {
      for (let at = from; at < until; at += most) {
        yield { some: [row], from: at, until: Math.min(until, at + most) }
      }
      continue
    }
    if (work + own > most) {
      yield { some, from, until }
      some = []
      work = 0
    }
    some.push(row)
    work += own
  }
  if (some.length > 0) yield { some, from, until }
}
