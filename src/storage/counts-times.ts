// Reads the number of events per quarter of an hour, of kinds or of series. Statements are limited in the number of
// quarters, so that none blocks others for long.

import type { Instant } from '../instant.ts'
import { type CountQuery, unitOf } from './counts-scan.ts'
import { sql } from './drizzle.ts'
import { placeOf, QUARTER, type Span } from './quarters.ts'

/** A kind or a series. */
export interface Rolled {
  readonly number: number
  /** On all dates. */
  readonly events: number
  /** The number to count its events under. */
  readonly key: number
}

export interface Rollup {
  readonly isByKind: boolean
  /** All that may have matching events. */
  readonly rows: readonly Rolled[]
}

/** Estimated cost of finding the quarters of one row, in quarters read. */
const FIND = 10

/** By date, for few kinds: each span is summed by a subquery of its own, without grouping. */
export async function* sumSpans(
  { db, dialect, organization }: CountQuery,
  { rows }: Rollup,
  spans: readonly Span[],
): AsyncGenerator<[date: Instant, events: number][]> {
  const kinds = rows.map(({ number }) => number)
  const events = rows.reduce((sum, { events }) => sum + events, 0)
  const workOn = ({ from, until }: Span) =>
    kinds.length * FIND + Math.min(events, kinds.length * (until - from))
  const most = Math.ceil(dialect.atOnce / kinds.length)
  const narrow = events <= dialect.atOnce ? spans : spans.flatMap(span => [...split(span, most)])
  const turn = dialect.turns()
  for (const some of sharesOf(narrow, workOn, dialect.atOnce)) {
    const given = dialect.given('x', [
      { name: 'first', as: 'number', values: some.map(({ from }) => from) },
      { name: 'behind', as: 'number', values: some.map(({ until }) => until) },
    ])
    const found = await db.rows<[quarter: number, events: number | null]>(
      sql`SELECT x.first, (SELECT sum(t.events) FROM kind_times t WHERE t.organization = ${organization}
        AND ${dialect.numberIn(sql`t.kind`, kinds)} AND t.quarter >= x.first AND t.quarter < x.behind) FROM ${given}`,
    )
    yield found.map(([quarter, events]) => [quarter * QUARTER, events ?? 0])
    await turn()
  }
}

/** By date, or by key. */
export async function* sumQuarters(
  { db, dialect, organization }: CountQuery,
  { isByKind, rows }: Rollup,
  spans: readonly Span[],
  by: 'time' | 'kind' | 'principal',
): AsyncGenerator<[key: number, events: number][]> {
  const [table, number] = isByKind
    ? [sql`kind_times`, sql`t.kind`]
    : [sql`series_times`, sql`t.series`]
  const starts = spans.map(({ from }) => from)
  const ends = spans.map(({ until }) => until)
  const unit = unitOf([...starts, ...ends], sql`t.quarter`)
  const [read, group] = by === 'time' ? [sql`min(t.quarter)`, unit] : [number, number]
  const all: Span = { from: starts[0] ?? 0, until: ends.at(-1) ?? 0 }
  const workOn = ({ events }: Rolled) => FIND + Math.min(events, all.until - all.from)
  const turn = dialect.turns()
  for (const some of sharesOf(rows, workOn, dialect.atOnce)) {
    const numbers = some.map(({ number }) => number)
    const keys = new Map(some.map(({ number, key }) => [number, key]))
    for (const { from, until } of some.length > 1 ? [all] : split(all, dialect.atOnce)) {
      const found = await db.rows<[number, number]>(
        sql`SELECT ${read}, sum(t.events) FROM ${table} t WHERE t.organization = ${organization}
          AND ${dialect.numberIn(number, numbers)} AND t.quarter >= ${from} AND t.quarter < ${until} GROUP BY ${group}`,
      )
      if (by === 'time') {
        // Quarters between two spans are partly out of range or contain an edge: their events are scanned.
        const complete = found.filter(
          ([quarter]) => quarter < (ends[placeOf(starts, quarter)] ?? quarter),
        )
        yield complete.map(([quarter, events]) => [quarter * QUARTER, events])
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

/** Splits items, in order, into shares of at most `most` work; an item of more work is a share by itself. */
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
