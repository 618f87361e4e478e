// Figures by how many events each quarter of an hour has: of those that lie whole within the dates that are asked for;
// of those that are cut, by the events themselves. What arrives between two statements may be counted or not, but never
// twice, as no two of them tell of the same events.

import type { EventFilter } from '../event.ts'
import type { Instant } from '../instant.ts'
import { type CountQuery, look, unitOf } from './counts-scan.ts'
import { type Rolled, type Rollup, sumQuarters, sumSpans } from './counts-times.ts'
import { inParts, isUndated, totalsBy } from './counts-totals.ts'
import { type SQL, sql } from './drizzle.ts'
import { findWanted, type Wanted } from './filter.ts'
import { conditionOnSeries, expectedIn, findSeries, partsOf, planOf, WALK_FOR_ALL } from './plan.ts'
import { ALL_KINDS, parted, placeOf, wholeQuarters } from './quarters.ts'
import { type EventRange, narrowed, rangeOf } from './range.ts'

/** The conditions on what rollups are kept of. */
const ROLLED_UP: readonly (keyof EventFilter)[] = [
  'createdAfter',
  'createdBefore',
  'actions',
  'categories',
  'principalIds',
  'userAgent',
  'userAgents',
]

/** Whether rollups tell all that the filter asks for. */
export function isRolledUp(filter: EventFilter): boolean {
  return hasOnly(filter, ROLLED_UP)
}

/** Whether totals of values do, which are kept of addresses too. */
export function isTotalled(filter: EventFilter): boolean {
  return isUndated(filter) && hasOnly(filter, [...ROLLED_UP, 'addresses'])
}

/** A condition that is not known here is none of them. */
function hasOnly({ not = {}, ...filter }: EventFilter, names: readonly string[]): boolean {
  const excluded = Object.entries(not).filter(([, list]) => list.length > 0)
  return [...Object.entries(filter), ...excluded].every(
    ([name, condition]) => condition === undefined || names.includes(name),
  )
}

/** By number. */
export async function sumBy(
  asked: CountQuery,
  by: 'kind' | 'principal',
): Promise<Map<number, number>> {
  const { filter } = asked
  const sums = new Map<number, number>()
  const add = (number: number, events: number) => {
    sums.set(number, (sums.get(number) ?? 0) + events)
  }
  const wanted = await findWanted(asked, filter)
  if (wanted === null) return sums
  if (isUndated(filter) && isRolledUp(filter)) {
    for await (const rows of totalsBy(asked, wanted, by)) {
      for (const [number, events] of rows) add(number, events)
    }
  } else {
    const { low, high } = rangeOf(filter)
    await sumUp(asked, wanted, by, [low, high + 1], add)
  }
  return sums
}

/** How many events match from each edge up to the next. */
export async function sumTimes(asked: CountQuery, edges: readonly Instant[]): Promise<number[]> {
  const { filter } = asked
  const counts = edges.slice(1).map(() => 0)
  const wanted = await findWanted(asked, filter)
  if (wanted === null) return counts
  await sumUp(asked, wanted, 'time', edges, (date, events) => {
    const place = placeOf(edges, date)
    counts[place] = (counts[place] ?? 0) + events
  })
  return counts
}

/** `add` is told a number, or a date between the same two edges as those of the events. */
async function sumUp(
  asked: CountQuery,
  wanted: Wanted,
  by: 'kind' | 'principal' | 'time',
  edges: readonly Instant[],
  add: (key: number, events: number) => void,
): Promise<void> {
  const { filter } = asked
  const [start = 0, end = start] = [edges[0], edges.at(-1)]
  const range = narrowed(rangeOf(filter), { low: start, high: end - 1 })
  // Where rollups tell most, few events are read, of short ranges: by date, unless few match.
  const options = isRolledUp(filter) ? {} : { walk: WALK_FOR_ALL }
  const series = await findSeries(asked, wanted, options.walk)
  const plan = (range: EventRange) => planOf(asked, wanted, series, range, options)
  const unit = edges.length > 2 ? unitOf(edges, sql`e.created_at`) : null
  async function lookAt(range: EventRange): Promise<void> {
    const planned = plan(range)
    if (planned === null) return
    for await (const rows of look(asked, planned, by === 'time' ? unit : by)) {
      for (const [key, events] of rows) add(key, events)
    }
  }

  const known = plan(range)?.range
  if (known === undefined) return
  const { spans, cuts } = parted(edges, narrowed(range, wholeQuarters(known)))
  if (spans.length === 0 || !isRolledUp(filter)) return lookAt(range)
  const rollup = await findRollup(asked, wanted, by, known)
  if (rollup === null) return lookAt(range)
  for (const cut of cuts) await lookAt(cut)

  const isBySpan = by === 'time' && rollup.isByKind
  const counted = isBySpan ? sumSpans(asked, rollup, spans) : sumQuarters(asked, rollup, spans, by)
  for await (const rows of counted) for (const [key, events] of rows) add(key, events)
}

/** `null`: there are more of them than events to look at. */
async function findRollup(
  asked: CountQuery,
  wanted: Wanted,
  by: 'kind' | 'principal' | 'time',
  range: EventRange,
): Promise<Rollup | null> {
  const { kind, principal, userAgent, whole } = wanted
  const list = (from: SQL, key: SQL, condition: SQL | null | undefined) =>
    asked.db.rows<[number, number, number]>(
      sql`SELECT s.number, s.events, ${key} FROM ${from} WHERE s.organization = ${asked.organization}
        AND s.events > 0 AND s.last_at >= ${range.low} AND s.first_at <= ${range.high}
        AND ${condition ?? sql`true`}`,
    )
  if (principal === undefined && userAgent === undefined && by !== 'principal') {
    if (kind === undefined && by === 'time') {
      return { isByKind: true, rows: [{ number: ALL_KINDS, events: whole.events, key: ALL_KINDS }] }
    }
    const rows = await list(sql`kinds s`, sql`s.number`, kind?.is(sql`s.number`))
    return { isByKind: true, rows: rows.map(rolled) }
  }
  const most = Math.min(expectedIn(range, whole), ...partsOf(wanted).map(({ events }) => events))
  const key = by === 'principal' ? sql`s.principal` : sql`s.kind`
  const condition = conditionOnSeries(wanted) ?? sql`true`
  const rows: Rolled[] = []
  for await (const { from, numbers } of inParts(asked, wanted, null)) {
    const found = await list(from, key, sql`${numbers} AND ${condition}`)
    for (const row of found) rows.push(rolled(row))
    if (rows.length > most) return null
  }
  return { isByKind: false, rows }
}

function rolled([number, events, key]: [number: number, events: number, key: number]): Rolled {
  return { number, events, key }
}
