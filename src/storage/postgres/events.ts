// Reads pages of events from PostgreSQL, and counts. The tallies say beforehand how much there is of what a
// filter asks for, how old and how new it is, and so by which index a page is cheapest.

import {
  type ArrivalMark,
  type EventFilter,
  type EventPage,
  type EventQuery,
  NO_ARRIVAL,
  type Position,
  type RecordedEvent,
} from '../../event.ts'
import type { Instant } from '../../instant.ts'
import { isPlainId } from './codec.ts'
import {
  narrowed,
  numbersOf,
  type Range,
  rangeOf,
  tests,
  VALUE_COLUMN,
  type ValueConditions,
  valueConditions,
  within,
} from './conditions.ts'
import type { Readable, Reads, Snapshot } from './database.ts'
import type { Partition, Partitions } from './partitions.ts'
import { and, constant, join, type Sql, sql } from './sql.ts'
import { stretches } from './stretches.ts'
import { VALUE_TABLE, VALUES, type ValueOf } from './values.ts'

/** Up to so many values are read each by itself, along the index, and merged. */
const MOST_MERGED = 16

/** Walking by date is the better way where at least one event in so many matches. */
const WALK_DENSITY = 40

export type EventRow = [
  organization: string,
  id: string,
  createdAt: Instant,
  recordedAt: Instant,
  action: string,
  category: string,
  principal: string,
  resource: string,
  address: string | null,
  userAgent: string | null,
]

export function eventFrom(row: EventRow): RecordedEvent {
  const [organizationId, id, createdAt, recordedAt, action, category, principalId, resourceId] = row
  const [, , , , , , , , ipAddress, userAgent] = row
  return {
    id,
    organizationId,
    createdAt,
    action,
    category,
    resourceId,
    principalId,
    ipAddress,
    userAgent,
    recordedAt,
  }
}

/**
 * Rows of `found` as `EventRow`, with `more` columns; in which Organization values are looked up is said again. Each
 * look-up is one by key: as joins they would become scans, as there is no order that says how few rows there are.
 */
export function withValues(organization: Sql, found: Sql, more = constant('')): Sql {
  const look = (of: ValueOf, column: string) => sql`(SELECT v.${constant(column)}
    FROM ${VALUE_TABLE[of]} v WHERE v.organization = ${organization} AND v.number = ${VALUE_COLUMN[of]})`
  return sql`SELECT e.organization, e.id, e.created_at, e.recorded_at, ${look('kind', 'action')},
      ${look('kind', 'category')}, ${look('principal', 'id')}, e.resource,
      ${look('address', 'text')}, ${look('userAgent', 'text')}${more}
    FROM (${found}) e`
}

export async function readEvents(
  db: Readable,
  partitions: Partitions,
  query: EventQuery,
): Promise<EventPage> {
  const known = await partitions.known()
  if (isPlain(query.filter)) {
    // The page most often lies in the first months, which one statement reads in one state.
    const page = await readPage({ ...db, passing: sql => db.rows(sql) }, known, query, 1)
    if (page !== null) return page
  }
  const page = await db.snapshot(reads => readPage(reads, known, query))
  if (page === null) throw new Error('the last stretch ends every page')
  return page
}

/** Whether it says nothing but dates. */
function isPlain({ createdAfter, createdBefore, ...rest }: EventFilter): boolean {
  return Object.values(rest).every(condition => condition === undefined)
}

/** `null` where so many stretches are too few. */
async function readPage(
  db: Snapshot,
  partitions: readonly Partition[],
  query: EventQuery,
  most = Number.POSITIVE_INFINITY,
): Promise<EventPage | null> {
  const { organizationId, filter, limit, after, before } = query
  const newestFirst = (query.order === 'newest-first') !== query.fromEnd
  const [start, end] = query.fromEnd ? [before, after] : [after, before]
  const [older, newer] = newestFirst ? [end, start] : [start, end]
  const range = narrowed(rangeOf(filter), older?.createdAt ?? null, newer?.createdAt ?? null)
  const conditions = valueConditions(organizationId, filter)
  const between = [
    ...(older === null ? [] : [sql`(e.created_at, e.id) > ${place(older)}`]),
    ...(newer === null ? [] : [sql`(e.created_at, e.id) < ${place(newer)}`]),
    ...(query.arrivedBy === undefined ? [] : [arrivedBy(organizationId, query.arrivedBy)]),
  ]
  const way = await chooseWay(db, organizationId, filter, conditions)
  if (way === null) return { events: [], hasMore: false }
  const direction = constant(newestFirst ? 'DESC' : 'ASC')
  const whole = narrowed(range, way.firstAt, way.lastAt)
  if (whole.low !== null && whole.high !== null && whole.low > whole.high) {
    return { events: [], hasMore: false }
  }

  const rows: EventRow[] = []
  const all = stretches(whole, partitions, newestFirst, way.density * (limit + 1))
  for (const [at, part] of all.entries()) {
    if (rows.length > limit) break
    if (at === most) return null
    const order = sql`ORDER BY e.created_at ${direction}, e.id ${direction}`
    const found = way.find([...within(part), ...between], order, limit + 1 - rows.length)
    const statement = sql`${withValues(sql`${organizationId}::uuid`, found)} ${order}`
    rows.push(...(await db.passing<EventRow>(statement)))
  }
  const events = rows.slice(0, limit).map(eventFrom)
  return { events: query.fromEnd ? events.reverse() : events, hasMore: rows.length > limit }
}

function place({ createdAt, id }: Position): Sql {
  return sql`(${createdAt}::bigint, ${id}::uuid)`
}

/** Whether an event `e` had arrived when that one had. IS TRUE keeps it from becoming a join: see conditions.ts. */
function arrivedBy(organization: string, mark: ArrivalMark): Sql {
  if (!isPlainId(mark) || mark === NO_ARRIVAL) return constant('false')
  const bound = sql`(SELECT m.arrival FROM event_ids m
    WHERE m.organization = ${organization}::uuid AND m.id = ${mark}::uuid)`
  return sql`(EXISTS (SELECT 1 FROM event_ids i WHERE i.organization = ${organization}::uuid
    AND i.id = e.id AND i.arrival <= ${bound})) IS TRUE`
}

interface Way {
  /** The first so many events within these bounds. */
  find(bounds: readonly Sql[], order: Sql, limit: number): Sql
  /** No event that matches is dated outside. */
  readonly firstAt: Instant | null
  readonly lastAt: Instant | null
  /** How long it is from one match to the next, on average; 0: unknown. */
  readonly density: number
}

interface Tally {
  readonly of: ValueOf | null
  readonly events: number
  readonly values: number
  readonly firstAt: Instant
  readonly lastAt: Instant
}

/** `null` where nothing matches. */
async function chooseWay(
  db: Reads,
  organization: string,
  filter: EventFilter,
  conditions: ValueConditions,
): Promise<Way | null> {
  const ours = sql`e.organization = ${organization}::uuid`
  const walk = (rest: readonly Sql[]) => (bounds: readonly Sql[], order: Sql, limit: number) =>
    sql`SELECT e.* FROM events e WHERE ${and([ours, ...bounds, ...rest])} ${order} LIMIT ${limit}`
  const { resourceIds } = filter
  if (isPlain(filter)) {
    return { find: walk([]), firstAt: null, lastAt: null, density: 0 }
  }
  const tallies = await readTallies(db, organization, conditions)
  if (tallies === null) return null
  const [total, ...asked] = tallies
  const least = asked.reduce((least, one) => (one.events < least.events ? one : least), total)
  const firstAt = Math.max(...tallies.map(tally => tally.firstAt))
  const lastAt = Math.min(...tallies.map(tally => tally.lastAt))
  const density = (least.lastAt - least.firstAt + 1) / least.events

  /** The page of each key by itself, along an index that has its events in order; then the first of all. */
  const merge = (keys: Sql, column: Sql, rest: readonly Sql[]): Way['find'] => {
    return (bounds, order, limit) => sql`SELECT e.* FROM (${keys}) AS key (value)
      CROSS JOIN LATERAL (SELECT e.* FROM events e
        WHERE ${and([ours, sql`${column} = key.value`, ...bounds, ...rest])}
        ${order} LIMIT ${limit}) e
      ${order} LIMIT ${limit}`
  }
  if (resourceIds !== undefined) {
    const keys = sql`SELECT DISTINCT unnest(${resourceIds}::text[])`
    const find = merge(keys, constant('e.resource'), tests(conditions))
    // Resources have few events each, too few to fill a page from some months.
    return { find, firstAt, lastAt, density: Number.POSITIVE_INFINITY }
  }
  const { of } = least
  const condition = of === null ? undefined : conditions[of]
  const dense = least.events * WALK_DENSITY >= total.events
  if (of === null || condition === undefined || (least.values > MOST_MERGED && dense)) {
    return { find: walk(tests(conditions)), firstAt, lastAt, density }
  }
  if (least.values <= MOST_MERGED) {
    const find = merge(numbersOf(of, condition), VALUE_COLUMN[of], tests(conditions, of))
    return { find, firstAt, lastAt, density }
  }
  const among = sql`${VALUE_COLUMN[of]} = ANY(ARRAY(${numbersOf(of, condition)}))`
  return { find: walk([among, ...tests(conditions, of)]), firstAt, lastAt, density }
}

/** Of the Organization, then of each value asked for; `null` where there is nothing of one of them. */
async function readTallies(
  db: Reads,
  organization: string,
  conditions: ValueConditions,
): Promise<[Tally, ...Tally[]] | null> {
  const total = sql`SELECT '', events, 1, first_at, last_at FROM organizations
    WHERE id = ${organization}::uuid`
  const each = VALUES.flatMap(of => {
    const condition = conditions[of]
    if (condition === undefined) return []
    return [
      sql`SELECT ${constant(`'${of}'`)}, coalesce(sum(v.events), 0)::bigint, count(*)::int,
        min(v.first_at), max(v.last_at) FROM ${VALUE_TABLE[of]} v WHERE ${condition}`,
    ]
  })
  const rows = await db.rows<
    [of: ValueOf | '', events: number, values: number, firstAt: number, lastAt: number]
  >(join([total, ...each], ' UNION ALL '))
  const tallies = rows.map(([of, events, values, firstAt, lastAt]): Tally => {
    return { of: of === '' ? null : of, events, values, firstAt, lastAt }
  })
  const whole = tallies.find(({ of }) => of === null)
  if (whole === undefined || tallies.some(({ events }) => events === 0)) return null
  return [whole, ...tallies.filter(({ of }) => of !== null)]
}

export async function countEvents(
  db: Readable,
  partitions: Partitions,
  organization: string,
  filter: EventFilter,
): Promise<number> {
  const known = await partitions.known()
  return db.snapshot(async reads => {
    const asked = Object.keys(valueConditions(organization, filter)).length
    const undated = filter.createdAfter === undefined && filter.createdBefore === undefined
    const matching = await matchingEvents(reads, known, organization, filter)
    if (matching === null) return 0
    if (undated && filter.resourceIds === undefined && asked <= 1) return matching.most
    let count = 0
    for (const condition of matching.stretches) {
      const [row] = await reads.passing<[number]>(
        sql`SELECT count(*) FROM events e WHERE ${condition}`,
      )
      count += row?.[0] ?? 0
    }
    return count
  })
}

/** All events `e` that match, the newest stretch first; `null` where none does. `most`: there are no more. */
export async function matchingEvents(
  db: Reads,
  partitions: readonly Partition[],
  organization: string,
  filter: EventFilter,
): Promise<{ readonly stretches: readonly Sql[]; readonly most: number } | null> {
  const conditions = valueConditions(organization, filter)
  const tallies = await readTallies(db, organization, conditions)
  if (tallies === null) return null
  const [total, ...asked] = tallies
  const least = asked.reduce((least, one) => (one.events < least.events ? one : least), total)
  const among = least.of === null ? undefined : conditions[least.of]
  const range = narrowed(
    rangeOf(filter),
    Math.max(...tallies.map(({ firstAt }) => firstAt)),
    Math.min(...tallies.map(({ lastAt }) => lastAt)),
  )
  const condition = [
    sql`e.organization = ${organization}::uuid`,
    ...(filter.resourceIds === undefined
      ? []
      : [sql`e.resource = ANY(${filter.resourceIds}::text[])`]),
    ...(least.of === null || among === undefined
      ? []
      : [sql`${VALUE_COLUMN[least.of]} = ANY(ARRAY(${numbersOf(least.of, among)}))`]),
    ...tests(conditions, least.of),
  ]
  const parts = stretches(range, partitions, true)
  return {
    stretches: parts.map(part => and([...condition, ...within(part)])),
    most: least.events,
  }
}

/** Events by ID, of these Organizations, in no order. */
export async function readById(
  db: Reads,
  partitions: Partitions,
  organizations: readonly string[],
  ids: readonly string[],
): Promise<RecordedEvent[]> {
  const found = await db.rows<[organization: string, id: string, createdAt: Instant]>(
    sql`SELECT organization, id, created_at FROM event_ids
      WHERE organization = ANY(${organizations}::uuid[]) AND id = ANY(${ids}::uuid[])`,
  )
  // Their dates lead to their partitions; an event never changes, so the second look finds the same.
  const events: RecordedEvent[] = []
  for (const part of stretches({ low: null, high: null }, await partitions.known(), true)) {
    const here = found.filter(([, , createdAt]) => lies(createdAt, part))
    if (here.length === 0) continue
    const ours = sql`e.organization = x.organization AND e.created_at = x.created_at AND e.id = x.id`
    const rows = await db.rows<EventRow>(
      withValues(
        constant('e.organization'),
        sql`SELECT e.* FROM (SELECT unnest(${here.map(([organization]) => organization)}::uuid[])
            AS organization, unnest(${here.map(([, id]) => id)}::uuid[]) AS id,
            unnest(${here.map(([, , createdAt]) => createdAt)}::bigint[]) AS created_at) x
          CROSS JOIN LATERAL (SELECT e.* FROM events e WHERE ${and([ours, ...within(part)])} LIMIT 1) e`,
      ),
    )
    events.push(...rows.map(eventFrom))
  }
  return events
}

function lies(date: Instant, { low, high }: Range): boolean {
  return (low === null || date >= low) && (high === null || date <= high)
}
