// Reads pages of events from PostgreSQL, and counts. The tallies say beforehand how much there is of what a
// filter asks for, how old and how new it is, and so by which index a page is cheapest.

import type { EventFilter, EventPage, EventQuery, Position, RecordedEvent } from '../../event.ts'
import type { Instant } from '../../instant.ts'
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
import { firstRow, type Readable, type Reads } from './database.ts'
import type { Partition } from './partitions.ts'
import { and, constant, join, type Sql, sql } from './sql.ts'
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

/** `partitions` are those known of; they only decide how far is looked at first. */
export function readEvents(
  db: Readable,
  partitions: readonly Partition[],
  query: EventQuery,
): Promise<EventPage> {
  // Without a filter the page is one statement, which is one state by itself.
  return isPlain(query.filter)
    ? readPage(db, partitions, query)
    : db.snapshot(reads => readPage(reads, partitions, query))
}

/** Whether it says nothing but dates. */
function isPlain({ createdAfter, createdBefore, ...rest }: EventFilter): boolean {
  return Object.values(rest).every(condition => condition === undefined)
}

async function readPage(
  db: Reads,
  partitions: readonly Partition[],
  query: EventQuery,
): Promise<EventPage> {
  const { organizationId, filter, limit, after, before } = query
  const newestFirst = (query.order === 'newest-first') !== query.fromEnd
  const [start, end] = query.fromEnd ? [before, after] : [after, before]
  const [older, newer] = newestFirst ? [end, start] : [start, end]
  const range = narrowed(rangeOf(filter), older?.createdAt ?? null, newer?.createdAt ?? null)
  const conditions = valueConditions(organizationId, filter)
  const between = [
    ...(older === null ? [] : [sql`(e.created_at, e.id) > ${place(older)}`]),
    ...(newer === null ? [] : [sql`(e.created_at, e.id) < ${place(newer)}`]),
  ]
  const way = await chooseWay(db, organizationId, filter, conditions)
  if (way === null) return { events: [], hasMore: false }
  const direction = constant(newestFirst ? 'DESC' : 'ASC')
  const whole = narrowed(range, way.firstAt, way.lastAt)
  if (whole.low !== null && whole.high !== null && whole.low > whole.high) {
    return { events: [], hasMore: false }
  }

  for (const part of parts(whole, partitions, newestFirst, way.density * (limit + 1))) {
    const order = sql`ORDER BY e.created_at ${direction}, e.id ${direction}`
    const found = way.find([...within(part), ...between], order, limit + 1)
    const statement = sql`${withValues(sql`${organizationId}::uuid`, found)} ${order}`
    const rows = await db.rows<EventRow>(statement)
    if (rows.length <= limit && part !== whole) continue
    const events = rows.slice(0, limit).map(eventFrom)
    return { events: query.fromEnd ? events.reverse() : events, hasMore: rows.length > limit }
  }
  throw new Error('the whole range is the last part of it')
}

function place({ createdAt, id }: Position): Sql {
  return sql`(${createdAt}::bigint, ${id}::uuid)`
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

/**
 * The range in parts to try, each with all of the one before, the whole last: PostgreSQL plans and locks every
 * partition a statement may look into, and most pages lie in one or two.
 */
function* parts(
  whole: Range,
  partitions: readonly Partition[],
  newestFirst: boolean,
  width: number,
): Generator<Range> {
  const ordered = newestFirst ? partitions.toReversed() : partitions
  const within = ordered.filter(
    ({ from, until }) =>
      (whole.high === null || from === null || from <= whole.high) &&
      (whole.low === null || until === null || until > whole.low),
  )
  const [near] = within
  if (near !== undefined) {
    const edge = newestFirst
      ? Math.min(
          whole.high ?? Number.POSITIVE_INFINITY,
          (near.until ?? Number.POSITIVE_INFINITY) - 1,
        )
      : Math.max(whole.low ?? Number.NEGATIVE_INFINITY, near.from ?? Number.NEGATIVE_INFINITY)
    for (const [least, times] of [
      [2, 4],
      [6, 32],
    ] as const) {
      const far = within.findIndex(({ from, until }, at) => {
        const bound = newestFirst ? from : until
        const reached = bound === null || Math.abs(edge - bound) >= width * times
        return at >= least - 1 && reached
      })
      const bound =
        far < 0 ? null : ((newestFirst ? within[far]?.from : within[far]?.until) ?? null)
      if (bound === null || far >= within.length - 1) break
      yield newestFirst ? narrowed(whole, bound, null) : narrowed(whole, null, bound - 1)
    }
  }
  yield whole
}

export function countEvents(
  db: Readable,
  organization: string,
  filter: EventFilter,
): Promise<number> {
  return db.snapshot(reads => countWithin(reads, organization, filter))
}

async function countWithin(db: Reads, organization: string, filter: EventFilter): Promise<number> {
  const asked = Object.keys(valueConditions(organization, filter)).length
  const undated = filter.createdAfter === undefined && filter.createdBefore === undefined
  const matching = await matchingEvents(db, organization, filter)
  if (matching === null) return 0
  if (undated && filter.resourceIds === undefined && asked <= 1) return matching.most
  const row = await firstRow<[number]>(
    db,
    sql`SELECT count(*) FROM events e WHERE ${matching.condition}`,
  )
  return row?.[0] ?? 0
}

/** All events `e` that match, in no order; `null` where none does. `most`: there are no more. */
export async function matchingEvents(
  db: Reads,
  organization: string,
  filter: EventFilter,
): Promise<{ readonly condition: Sql; readonly most: number } | null> {
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
  const condition = and([
    sql`e.organization = ${organization}::uuid`,
    ...within(range),
    ...(filter.resourceIds === undefined
      ? []
      : [sql`e.resource = ANY(${filter.resourceIds}::text[])`]),
    ...(least.of === null || among === undefined
      ? []
      : [sql`${VALUE_COLUMN[least.of]} = ANY(ARRAY(${numbersOf(least.of, among)}))`]),
    ...tests(conditions, least.of),
  ])
  return { condition, most: least.events }
}

/** Events by ID, of these Organizations, in no order. */
export async function readById(
  db: Reads,
  organizations: readonly string[],
  ids: readonly string[],
): Promise<RecordedEvent[]> {
  const found = await db.rows<[createdAt: Instant]>(
    sql`SELECT DISTINCT created_at FROM event_ids
      WHERE organization = ANY(${organizations}::uuid[]) AND id = ANY(${ids}::uuid[])`,
  )
  if (found.length === 0) return []
  // Their dates lead to their partitions; an event never changes, so the second look finds the same.
  const dates = found.map(([createdAt]) => createdAt)
  const rows = await db.rows<EventRow>(
    withValues(
      constant('e.organization'),
      sql`SELECT e.* FROM events e WHERE e.organization = ANY(${organizations}::uuid[])
        AND e.created_at = ANY(${dates}::bigint[]) AND e.id = ANY(${ids}::uuid[])`,
    ),
  )
  return rows.map(eventFrom)
}
