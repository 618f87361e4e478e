// Plans how the events of a filter are read. The most selective condition (the leader) decides which index is read, and
// the other conditions are tested on each event. If the leader has only a few numbers (of series, resources or
// addresses), their events are merged in order; otherwise they are collected and sorted. If even the most selective
// condition matches at least one in forty of all events, events are scanned by date instead. The known first and last
// dates narrow the range, which is read in stretches (`Dialect.stretches`) until enough events are found.

import type { EventFilter } from '../event.ts'
import type { Dialect, Log } from './database.ts'
import { type SQL, sql } from './drizzle.ts'
import { type EventRange, isEmpty, narrowed, rangeOf, within } from './event-range.ts'
import {
  both,
  isAmong,
  MOST_LISTED,
  MOST_SERIES,
  type Numbered,
  numberedOf,
  type ResolvedFilter,
  resolveFilter,
  sumOf,
  type Total,
  type Values,
} from './filter.ts'

export interface Plan {
  /** Contains every event that matches. */
  readonly range: EventRange
  /** The average time between two candidates, in microseconds; 0: unknown. */
  readonly density: number
  /** An upper bound of the number of events that match. */
  readonly mostMatches: number
  /** An upper bound of the number of candidates. */
  readonly mostCandidates: number
  /** The estimated number of candidates to read until `found` events match, if matches are spread evenly. */
  candidatesFor(found: number): number
  /** A statement that selects the dates of all candidates in a stretch: the events that must be read and tested. */
  candidates(stretch: EventRange): SQL
  /** Whether candidates are read in order of date. */
  readonly isOrdered: boolean
  /** Whether the first events of a stretch are found without reading others. */
  readonly isDirect: boolean
  /** The events of a stretch that match, as a FROM under the alias `e`. */
  matching(stretch: EventRange): SQL
  /**
   * A statement that selects these columns of the first `limit` matching events in `order` that also meet `also`. Does
   * not return them in order.
   */
  first(columns: SQL, stretch: EventRange, also: SQL | null, order: SQL, limit: number): SQL
}

type Index = 'series' | 'resource' | 'address'

/** The condition whose index is read; `null` for `by`: no condition, all events are scanned by date. */
interface Leader extends Total {
  readonly by: Index | null
  readonly numbers: readonly Numbered[]
}

/** For a page, scanning by date is faster if at least one event in this many matches. */
const PAGE_SCAN_RATIO = 40

/** The same for reading all events that match. */
export const FULL_SCAN_RATIO = 3

/** A condition with at most this many events leads in preference to resources, whose number of events is unknown. */
const FEW = 2_000

/** The plan for a filter that has only dates; needs no query. */
export function planAll(log: Log, filter: EventFilter): Plan {
  const events = Number.POSITIVE_INFINITY
  const leader: Leader = { by: null, numbers: [], events, firstAt: 0, lastAt: 0 }
  return planBy(log, leader, rangeOf(filter), null, { mostMatches: events, isExact: true })
}

/** Whether the filter has no conditions except dates. */
export function isPlain({ createdAfter, createdBefore, ...rest }: EventFilter): boolean {
  return Object.values(rest).every(condition => condition === undefined)
}

export interface PlanOptions {
  /** Only events up to this sequence number; `null`: all events that have arrived. */
  readonly arrivedBy?: number | null
  /** Scan by date if at least one event in this many matches. */
  readonly scanRatio?: number
}

/** `null` if no event matches. */
export async function planFor(
  log: Log,
  filter: EventFilter,
  { arrivedBy = null, scanRatio = PAGE_SCAN_RATIO }: PlanOptions = {},
): Promise<Plan | null> {
  const resolved = await resolveFilter(log, filter)
  if (resolved === null) return null
  const series = await findSeries(log, resolved, scanRatio)
  return planOf(log, resolved, series, rangeOf(filter), { arrivedBy, scanRatio })
}

/** Like `planFor`, for a filter that is already resolved, and a range of dates. */
export function planOf(
  log: Log,
  resolved: ResolvedFilter,
  series: Values | null,
  dates: EventRange,
  { arrivedBy = null, scanRatio = PAGE_SCAN_RATIO }: PlanOptions = {},
): Plan | null {
  if (series !== null && series.numbers?.length === 0) return null
  const totals = [resolved.all, series, ...partsOf(resolved)].filter(total => total != null)
  const range = totals.reduce<EventRange>(
    (range, { firstAt, lastAt }) => narrowed(range, { low: firstAt, high: lastAt }),
    dates,
  )
  if (isEmpty(range)) return null
  const leader = chooseLeader(log.dialect, resolved, series, range, scanRatio)
  const bound =
    arrivedBy === null ? resolved.lastSequence : Math.min(arrivedBy, resolved.lastSequence)
  const isLate = arrivedBy !== null && arrivedBy < resolved.lastSequence
  const tests = testsOf(log.dialect, resolved, series, leader.by)
  const known = sql`e.sequence <= ${bound}`
  const mostMatches = Math.min(...totals.map(({ events }) => events))
  const isExact = tests.length === 0 && !isLate
  return planBy(log, leader, range, sql.join([known, ...tests], sql` AND `), {
    mostMatches,
    isExact,
  })
}

/** The whole filter as a condition on an event `e`; `null`: no event matches. */
export async function conditionFor(log: Log, filter: EventFilter): Promise<SQL | null> {
  const resolved = await resolveFilter(log, filter)
  if (resolved === null) return null
  const series = await findSeries(log, resolved)
  return sql.join(
    [within(rangeOf(filter)), ...testsOf(log.dialect, resolved, series, null)],
    sql` AND `,
  )
}

/** The conditions on an event `e`, without the leader's and without dates. */
function testsOf(
  dialect: Dialect,
  { kind, principal, userAgent, address, resources }: ResolvedFilter,
  series: Values | null,
  leader: Index | null,
): SQL[] {
  // The kind is tested in the event itself, which needs no look-up.
  const ofSeries = principal === undefined && userAgent === undefined ? undefined : series
  const tests = [
    ...(leader === 'series' ? [] : [kind?.is(sql`e.kind`), ofSeries?.is(sql`e.series`)]),
    leader === 'address' ? undefined : address?.is(sql`e.address`),
    leader === 'resource'
      ? undefined
      : resources && dialect.isIn('number', sql`e.resource`, resources),
  ].filter(test => test !== undefined)
  // IS TRUE keeps PostgreSQL from turning a test into a join: it tests rows in order and stops when the page is full.
  return tests.map(test => sql`(${test}) IS TRUE`)
}

export function partsOf({ kind, principal, userAgent, address }: ResolvedFilter): Values[] {
  return [kind, principal, userAgent, address].filter(part => part !== undefined)
}

/** The series that match a filter's kinds, principals and user agents; `null`: it has no such conditions. */
export async function findSeries(
  log: Log,
  resolved: ResolvedFilter,
  scanRatio = PAGE_SCAN_RATIO,
): Promise<Values | null> {
  const known = resolved.series.get(scanRatio)
  if (known !== undefined) return known
  const found = await listSeries(log, resolved, scanRatio)
  resolved.series.set(scanRatio, found)
  return found
}

async function listSeries(
  { db, dialect, organization }: Log,
  resolved: ResolvedFilter,
  scanRatio: number,
): Promise<Values | null> {
  const condition = conditionOnSeries(resolved)
  if (condition === null) return null
  const { all, kind, principal, userAgent } = resolved
  const parts = [kind, principal, userAgent].filter(part => part !== undefined)
  const least = parts.reduce((least, part) => (part.events < least.events ? part : least))
  // Looks up the series of each tested event. With EXISTS, PostgreSQL may collect all matching series first, which is
  // faster only if many events are tested: if all are read, or two common values rarely occur together.
  const isQuick = parts.length === 1 && scanRatio === PAGE_SCAN_RATIO
  const is = (number: SQL) => {
    const one = sql`FROM series s WHERE s.organization = ${organization} AND s.number = ${number}`
    return isQuick
      ? sql`(SELECT ${condition} ${one})`
      : sql`EXISTS (SELECT 1 ${one} AND ${condition})`
  }
  // Common values are scanned by date, which does not need the list of series.
  if (least.events * scanRatio >= all.events) return { ...least, numbers: null, is }
  const rows = await db.rows<[number, number, number, number]>(
    sql`SELECT s.number, s.events, s.first_at, s.last_at FROM ${seriesOf(dialect, resolved).from}
      WHERE s.organization = ${organization} AND s.events > 0 AND ${condition}
      LIMIT ${sql.raw(`${MOST_SERIES + 1}`)}`,
  )
  if (rows.length > MOST_SERIES) return { ...least, numbers: null, is }
  const numbers = rows.map(numberedOf)
  const isListed = numbers.length <= MOST_LISTED
  return { ...sumOf(numbers), numbers, is: isListed ? isAmong(dialect, numbers) : is }
}

/**
 * All series by the index of the filter's most selective condition, as a FROM under the alias `s`. `leading`: that
 * condition; `null`: the filter has none, or not one that the index can answer.
 */
export function seriesOf(
  dialect: Dialect,
  { principal, userAgent, kind }: ResolvedFilter,
): { from: SQL; leading: SQL | null } {
  const indexes = [
    { index: 'principal', part: principal },
    { index: 'user_agent', part: userAgent },
    { index: 'kind', part: kind },
  ] as const
  const [least] = indexes
    .filter(({ part }) => part !== undefined)
    .sort((a, b) => (a.part?.events ?? 0) - (b.part?.events ?? 0))
  const { index = null, part } = least ?? {}
  const leading = part?.numbers ? part.is(sql.raw(`s.${index}`)) : null
  return { from: dialect.series(index), leading }
}

/**
 * The condition on a row `s` of the series; `null`: the filter has no condition on kinds, principals or user agents.
 */
export function conditionOnSeries({ kind, principal, userAgent }: ResolvedFilter): SQL | null {
  return both([
    principal?.is(sql`s.principal`),
    userAgent?.is(sql`s.user_agent`),
    kind?.is(sql`s.kind`),
  ])
}

function chooseLeader(
  { mostMerged }: Dialect,
  { all, address, resources }: ResolvedFilter,
  series: Values | null,
  range: EventRange,
  scanRatio: number,
): Leader {
  const byDate: Leader = { by: null, numbers: [], ...all }
  const listed = (by: Index, values: Values | null | undefined): Leader[] =>
    values?.numbers == null ? [] : [{ by, numbers: values.numbers, ...sumOf(values.numbers) }]
  const known = [...listed('series', series), ...listed('address', address)]
  const least = known.reduce((least, one) => (one.events < least.events ? one : least), byDate)
  if (resources !== undefined && least.events > FEW) {
    const { firstAt, lastAt } = all
    const numbers = resources.map(number => ({ number, events: 0, firstAt, lastAt }))
    return { by: 'resource', numbers, ...all }
  }
  if (least.by === null || least.numbers.length <= mostMerged) return least
  if (least.events * scanRatio >= all.events) return byDate
  const isShort = expectedIn(range, all) < least.numbers.length
  return isShort ? byDate : least
}

/** The estimated number of these events in the range, if they are spread evenly. */
export function expectedIn({ low, high }: EventRange, { events, firstAt, lastAt }: Total): number {
  return (events * (high - low + 1)) / (lastAt - firstAt + 1)
}

/** `isExact`: exactly the leader's events match, so no event must be tested. */
function planBy(
  { dialect, organization }: Log,
  leader: Leader,
  range: EventRange,
  condition: SQL | null,
  { mostMatches, isExact }: { readonly mostMatches: number; readonly isExact: boolean },
): Plan {
  const { by } = leader
  const perMatch = leader.events > mostMatches ? leader.events / mostMatches : 1
  const ours = sql`e.organization = ${organization}`
  const tested = condition === null ? sql`` : sql` AND ${condition}`

  /** The leader's numbers that may have events in the stretch. */
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
      : sql`${from} AND ${dialect.isIn('number', column, numbers)}`
  }

  return {
    range,
    density: (leader.lastAt - leader.firstAt + 1) / leader.events,
    mostMatches,
    mostCandidates: leader.events,
    candidatesFor: found => Math.ceil(found * perMatch),
    isDirect: isExact && (by === null || leader.numbers.length <= dialect.mostMerged),
    isOrdered: by === null || leader.numbers.length === 1,
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
      const from = sql`${eventsOf(stretch, numbers)}${tests}`
      // Events that are in order and need no test are just read.
      return isExact && (by === null || numbers.length === 1)
        ? sql`SELECT ${columns} FROM ${from} ${order} LIMIT ${limit}`
        : dialect.first(columns, from, order, limit)
    },
  }
}
