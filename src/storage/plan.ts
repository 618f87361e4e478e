// How events are found. Of what a filter names, that with the fewest events leads: its events are read along their
// index, those of a few numbers in order, those of many gathered; what else the filter says is tested of each. Where
// even the rarest has one in forty of all events, they are read by date. What is known of dates narrows the range, and it
// is read stretch by stretch (`Dialect.stretches`), until enough is found.

import type { EventFilter } from '../event.ts'
import type { Dialect, Log } from './database.ts'
import { type SQL, sql } from './drizzle.ts'
import { findWanted, type Numbered, sumOf, type Total, type Values, type Wanted } from './filter.ts'
import { type EventRange, isEmpty, narrowed, rangeOf, within } from './range.ts'

export interface Plan {
  /** No event that matches lies outside. */
  readonly range: EventRange
  /** The average time between two events that are looked at, in microseconds; 0: unknown. */
  readonly density: number
  /** There are no more events that match. */
  readonly most: number
  /** No more events than so many are looked at. */
  readonly mostLooked: number
  /** About how many events are looked at until so many are found, were those that match spread evenly. */
  lookedFor(found: number): number
  /** All events of a stretch that are looked at: a statement that tells their dates. */
  candidates(stretch: EventRange): SQL
  /** Whether the first events of a stretch are found without looking at others. */
  readonly isDirect: boolean
  /** The events of a stretch that match, as a FROM under the alias `e`. */
  matching(stretch: EventRange): SQL
  /** A statement that reads these columns of the first so many of them. */
  first(columns: SQL, stretch: EventRange, also: SQL | null, order: SQL, limit: number): SQL
}

type Index = 'series' | 'resource' | 'address'

/** What leads; `null` for `by`: all events, by date. */
interface Leader extends Total {
  readonly by: Index | null
  readonly numbers: readonly Numbered[]
}

/** For a page, walking by date is the better way where at least one event in so many matches. */
const WALK_FOR_PAGE = 40

/** The same, where all that match are wanted. */
export const WALK_FOR_ALL = 3

/** So many series are listed; with more, events are read by date, or by what else is asked for. */
const MOST_SERIES = 10_000

/** Where so few events have something, it leads rather than a resource, of which nothing is known. */
const FEW = 2_000

/** Of all events, when a filter says nothing but dates: nothing need be asked before. */
export function planAll(log: Log, filter: EventFilter): Plan {
  const events = Number.POSITIVE_INFINITY
  const leader: Leader = { by: null, numbers: [], events, firstAt: 0, lastAt: 0 }
  return planBy(log, leader, rangeOf(filter), null, { most: events, isExact: true })
}

/** Whether it says nothing but dates. */
export function isPlain({ createdAfter, createdBefore, ...rest }: EventFilter): boolean {
  return Object.values(rest).every(condition => condition === undefined)
}

export interface PlanOptions {
  /** Of events that had arrived by this sequence number; `null`: by now. */
  readonly arrivedBy?: number | null
  /** By date, where at least one event in so many matches. */
  readonly walk?: number
}

/** `null` where nothing matches. */
export async function planFor(
  log: Log,
  filter: EventFilter,
  { arrivedBy = null, walk = WALK_FOR_PAGE }: PlanOptions = {},
): Promise<Plan | null> {
  const wanted = await findWanted(log, filter)
  if (wanted === null) return null
  const series = await findSeries(log, wanted, walk)
  return planOf(log, wanted, series, rangeOf(filter), { arrivedBy, walk })
}

/** The same, of what a filter was found to want, in a range of dates. */
export function planOf(
  log: Log,
  wanted: Wanted,
  series: Values | null,
  asked: EventRange,
  { arrivedBy = null, walk = WALK_FOR_PAGE }: PlanOptions = {},
): Plan | null {
  if (series !== null && series.numbers?.length === 0) return null
  const totals = [wanted.whole, series, ...partsOf(wanted)].filter(total => total != null)
  const range = totals.reduce<EventRange>(
    (range, { firstAt, lastAt }) => narrowed(range, { low: firstAt, high: lastAt }),
    asked,
  )
  if (isEmpty(range)) return null
  const leader = chooseLeader(log.dialect, wanted, series, range, walk)
  const bound = arrivedBy === null ? wanted.last : Math.min(arrivedBy, wanted.last)
  const isLate = arrivedBy !== null && arrivedBy < wanted.last
  const tests = testsOf(log.dialect, wanted, series, leader.by)
  const known = sql`e.sequence <= ${bound}`
  const most = Math.min(...totals.map(({ events }) => events))
  const isExact = tests.length === 0 && !isLate
  return planBy(log, leader, range, sql.join([known, ...tests], sql` AND `), { most, isExact })
}

/** On an event `e`: all that the filter says; `null`: no event matches. */
export async function conditionFor(log: Log, filter: EventFilter): Promise<SQL | null> {
  const wanted = await findWanted(log, filter)
  if (wanted === null) return null
  const series = await findSeries(log, wanted)
  return sql.join(
    [within(rangeOf(filter)), ...testsOf(log.dialect, wanted, series, null)],
    sql` AND `,
  )
}

/** On an event `e`: what the filter says, without what leads to it. */
function testsOf(
  dialect: Dialect,
  { address, resources }: Wanted,
  series: Values | null,
  leader: Index | null,
): SQL[] {
  const tests = [
    leader === 'series' ? undefined : series?.is(sql`e.series`),
    leader === 'address' ? undefined : address?.is(sql`e.address`),
    leader === 'resource' ? undefined : resources && dialect.numberIn(sql`e.resource`, resources),
  ].filter(test => test !== undefined)
  // IS TRUE keeps PostgreSQL from making a join of a test: it tests rows in order, and stops when a page is full.
  return tests.map(test => sql`(${test}) IS TRUE`)
}

export function partsOf({ kind, principal, userAgent, address }: Wanted): Values[] {
  return [kind, principal, userAgent, address].filter(part => part !== undefined)
}

/** The series that match what a filter says of kinds, principals and user agents; `null`: it says nothing. */
export async function findSeries(
  { db, dialect, organization }: Log,
  wanted: Wanted,
  walk = WALK_FOR_PAGE,
): Promise<Values | null> {
  const condition = conditionOnSeries(wanted)
  if (condition === null) return null
  const { whole, kind, principal, userAgent } = wanted
  const parts = [kind, principal, userAgent].filter(part => part !== undefined)
  const least = parts.reduce((least, part) => (part.events < least.events ? part : least))
  const is = (
    number: SQL,
  ) => sql`EXISTS (SELECT 1 FROM series s WHERE s.organization = ${organization}
    AND s.number = ${number} AND ${condition})`
  // What is common is read by date, and the series need not be known.
  if (least.events * walk >= whole.events) return { ...least, numbers: null, is }
  const rows = await db.rows<[number, number, number, number]>(
    sql`SELECT s.number, s.events, s.first_at, s.last_at FROM ${seriesOf(dialect, wanted)}
      WHERE s.organization = ${organization} AND s.events > 0 AND ${condition}
      LIMIT ${sql.raw(`${MOST_SERIES + 1}`)}`,
  )
  if (rows.length > MOST_SERIES) return { ...least, numbers: null, is }
  const numbers = rows.map(
    ([number, events, firstAt, lastAt]): Numbered => ({ number, events, firstAt, lastAt }),
  )
  return { ...sumOf(numbers), numbers, is }
}

/** All series, under the alias `s`, by what has the fewest events of what the filter asks for. */
export function seriesOf(dialect: Dialect, { principal, userAgent, kind }: Wanted): SQL {
  const indexes = [
    { index: 'principal', part: principal },
    { index: 'user_agent', part: userAgent },
    { index: 'kind', part: kind },
  ] as const
  const [least] = indexes
    .filter(({ part }) => part !== undefined)
    .sort((a, b) => (a.part?.events ?? 0) - (b.part?.events ?? 0))
  return dialect.series(least?.index ?? null)
}

/** On a row `s`; `null`: the filter says nothing of what series have. */
export function conditionOnSeries({ kind, principal, userAgent }: Wanted): SQL | null {
  const conditions = [
    ...(principal === undefined ? [] : [principal.is(sql`s.principal`)]),
    ...(userAgent === undefined ? [] : [userAgent.is(sql`s.user_agent`)]),
    ...(kind === undefined ? [] : [kind.is(sql`s.kind`)]),
  ]
  return conditions.length === 0 ? null : sql.join(conditions, sql` AND `)
}

function chooseLeader(
  { mostMerged }: Dialect,
  { whole, address, resources }: Wanted,
  series: Values | null,
  range: EventRange,
  walk: number,
): Leader {
  const all: Leader = { by: null, numbers: [], ...whole }
  const listed = (by: Index, values: Values | null | undefined): Leader[] =>
    values?.numbers == null ? [] : [{ by, numbers: values.numbers, ...sumOf(values.numbers) }]
  const known = [...listed('series', series), ...listed('address', address)]
  const least = known.reduce((least, one) => (one.events < least.events ? one : least), all)
  if (resources !== undefined && least.events > FEW) {
    const { firstAt, lastAt } = whole
    const numbers = resources.map(number => ({ number, events: 0, firstAt, lastAt }))
    return { by: 'resource', numbers, ...whole }
  }
  if (least.by === null || least.numbers.length <= mostMerged) return least
  if (least.events * walk >= whole.events) return all
  const isShort = expectedIn(range, whole) < least.numbers.length
  return isShort ? all : least
}

/** About how many of these events lie in the range, were they spread evenly. */
export function expectedIn({ low, high }: EventRange, { events, firstAt, lastAt }: Total): number {
  return (events * (high - low + 1)) / (lastAt - firstAt + 1)
}

/** `isExact`: the leader's events are those that match. */
function planBy(
  { dialect, organization }: Log,
  leader: Leader,
  range: EventRange,
  condition: SQL | null,
  { most, isExact }: { readonly most: number; readonly isExact: boolean },
): Plan {
  const { by } = leader
  const looked = leader.events > most ? leader.events / most : 1
  const ours = sql`e.organization = ${organization}`
  const tested = condition === null ? sql`` : sql` AND ${condition}`

  /** What has no event in the stretch need not be looked up. */
  function numbersIn({ low, high }: EventRange): number[] {
    const found: number[] = []
    for (const { number, firstAt, lastAt } of leader.numbers) {
      if (lastAt >= low && firstAt <= high) found.push(number)
    }
    return found
  }

  function eventsOf(stretch: EventRange, numbers = numbersIn(stretch)): SQL {
    const from = sql`${dialect.events(by ?? 'date')} WHERE ${ours} AND ${within(stretch)}`
    if (by === null) return from
    const column = sql.raw(`e.${by}`)
    return numbers.length === 1
      ? sql`${from} AND ${column} = ${numbers[0]}`
      : sql`${from} AND ${dialect.numberIn(column, numbers)}`
  }

  return {
    range,
    density: (leader.lastAt - leader.firstAt + 1) / leader.events,
    most,
    mostLooked: leader.events,
    lookedFor: found => Math.ceil(found * looked),
    isDirect: isExact && (by === null || leader.numbers.length <= dialect.mostMerged),
    candidates: stretch => sql`SELECT e.created_at FROM ${eventsOf(stretch)}`,
    matching: stretch => sql`(SELECT e.* FROM ${eventsOf(stretch)}${tested}) e`,
    first(columns, stretch, also, order, limit) {
      const tests = also === null ? tested : sql`${tested} AND ${also}`
      const numbers = numbersIn(stretch)
      const isMerged = by !== null && numbers.length > 1 && numbers.length <= dialect.mostMerged
      if (isMerged) {
        const conditions = sql`${within(stretch)}${tests}`
        const found = dialect.merged(by, organization, numbers, conditions, order, limit)
        return sql`SELECT ${columns} FROM ${found}`
      }
      const rest = sql`FROM ${eventsOf(stretch, numbers)}${tests} ${order} LIMIT ${limit}`
      // What has to be sorted is sorted before anything is looked up for it.
      return by === null || numbers.length === 1
        ? sql`SELECT ${columns} ${rest}`
        : sql`SELECT ${columns} FROM (SELECT e.* ${rest}) e`
    },
  }
}
