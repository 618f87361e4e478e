// Reads rollups: the number of events in each quarter of an hour or on each day. Statements are limited in the number
// of rows, so that none blocks others for long.

import type { Instant } from '../instant.ts'
import { type CountQuery, unitOf } from './counts-scan.ts'
import { sql } from './drizzle.ts'
import { type Periods, placeOf, type Span } from './periods.ts'

/** A kind, a principal or a series. */
export interface Rolled {
  readonly number: number
  /** The number of events on all dates. */
  readonly events: number
  /** The key under which its events are counted. */
  readonly key: number
}

export interface Rollup {
  readonly periods: Periods
  /** Whether the rows are so few that each span is summed by itself. */
  readonly isBySpan: boolean
  /** All rows that may have matching events. */
  readonly rows: readonly Rolled[]
}

/** Estimated cost of finding the periods of one row, in periods read. */
const FIND = 10

/** By date, for few values: each span is summed by a separate subquery, without grouping. */
export async function* sumSpans(
  { db, dialect, organization }: CountQuery,
  { periods, rows }: Rollup,
  spans: readonly Span[],
): AsyncGenerator<[date: Instant, events: number][]> {
  const numbers = rows.map(({ number }) => number)
  const events = rows.reduce((sum, { events }) => sum + events, 0)
  const workOn = ({ from, until }: Span) =>
    numbers.length * FIND + Math.min(events, numbers.length * (until - from))
  const most = Math.ceil(dialect.atOnce / numbers.length)
  const narrow = events <= dialect.atOnce ? spans : spans.flatMap(span => [...split(span, most)])
  const turn = dialect.turns()
  for (const some of sharesOf(narrow, workOn, dialect.atOnce)) {
    const given = dialect.given('x', [
      { name: 'first', as: 'number', values: some.map(({ from }) => from) },
      { name: 'behind', as: 'number', values: some.map(({ until }) => until) },
    ])
    const found = await db.rows<[period: number, events: number | null]>(
      sql`SELECT x.first, (SELECT sum(t.events) FROM ${sql.raw(periods.table)} t WHERE t.organization = ${organization}
        AND ${dialect.numberIn(sql`t.number`, numbers)} AND t.period >= x.first AND t.period < x.behind) FROM ${given}`,
    )
    yield found.map(([period, events]) => [period * periods.length, events ?? 0])
    await turn()
  }
}

/** By date, or by key. */
export async function* sumPeriods(
  { db, dialect, organization }: CountQuery,
  { periods, rows }: Rollup,
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
        sql`SELECT ${read}, sum(t.events) FROM ${sql.raw(periods.table)} t WHERE t.organization = ${organization}
          AND ${dialect.numberIn(sql`t.number`, numbers)} AND t.period >= ${from} AND t.period < ${until} GROUP BY ${group}`,
      )
      if (by === 'time') {
        // Periods between two spans are partly out of range or contain an edge: their events are counted in another
        // way.
        const complete = found.filter(
          ([period]) => period < (ends[placeOf(starts, period)] ?? period),
        )
        yield complete.map(([period, events]) => [period * periods.length, events])
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
