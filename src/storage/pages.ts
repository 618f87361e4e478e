// Pages of events, ordered by date; and the feed, ordered by arrival. Sequence numbers count within an Organization and are
// never exposed: clients name a position in the feed by the ID of the event before it.

import {
  type EventPage,
  type EventQuery,
  FEED_START,
  type FeedCursor,
  type FeedPage,
  type FeedQuery,
  type Position,
  type RecordedEvent,
} from '../event.ts'
import { isStoredAsBytes } from './codec.ts'
import { type Dialect, type Log, logOf, type Reads } from './database.ts'
import { type SQL, sql } from './drizzle.ts'
import { datesBetween, type EventRange, isEmpty, narrowed } from './event-range.ts'
import { type EventRow, eventColumns, type ReadEvents } from './events.ts'
import { both } from './filter.ts'
import type { VisibleOrganizations } from './organizations.ts'
import { conditionFor, isPlain, type Plan, planAll, planFor } from './plan.ts'

const NOTHING: EventPage = { events: [], hasMore: false }

export async function readEventPage(
  log: Log,
  readEvents: ReadEvents,
  query: EventQuery,
): Promise<EventPage> {
  const { filter, arrivedBy } = query
  if (isPlain(filter) && arrivedBy === undefined) {
    // The page usually lies in the first stretch. One statement reads it, so it sees one consistent state.
    const page = await readPlanned(log, readEvents, query, planAll(log, filter), 1)
    if (page !== null) return page
  }
  const bound = arrivedBy === undefined ? null : await sequenceOf(log, arrivedBy)
  // The Organization has no event with that ID, or the page is as of before the first event.
  if (arrivedBy !== undefined && !bound) return NOTHING
  const plan = await planFor(log, filter, { arrivedBy: bound })
  if (plan === null) return NOTHING
  return (await readPlanned(log, readEvents, query, plan)) ?? NOTHING
}

/** `null` if `mostStretches` are not enough for the page. */
async function readPlanned(
  log: Log,
  readEvents: ReadEvents,
  { limit, after = null, before = null, order, fromEnd = false }: EventQuery,
  plan: Plan,
  mostStretches = Number.POSITIVE_INFINITY,
): Promise<EventPage | null> {
  const newestFirst = (order === 'newest-first') !== fromEnd
  const [start, end] = fromEnd ? [before, after] : [after, before]
  const [older, newer] = newestFirst ? [end, start] : [start, end]
  const range = narrowed(plan.range, datesBetween(older, newer))
  if (isEmpty(range)) return NOTHING
  const rows: EventRow[] = []
  let stretches = 0
  const candidates = plan.isDirect ? null : plan.candidates
  const wanted = plan.candidatesFor(limit + 1)
  const scan = { ...plan, range, newestFirst, wanted, candidates, reads: log.db }
  for await (const stretch of log.dialect.stretches(scan)) {
    if (stretches++ === mostStretches) return null
    const request = { stretch, older, newer, newestFirst, limit: limit + 1 - rows.length }
    rows.push(...(await readStretch(log, plan, request)))
    if (rows.length > limit) break
  }
  const page = rows.slice(0, limit)
  const events = await readEvents(log, fromEnd ? page.reverse() : page)
  return { events, hasMore: rows.length > limit }
}

interface StretchRequest {
  readonly stretch: EventRange
  readonly older: Position | null
  readonly newer: Position | null
  readonly newestFirst: boolean
  readonly limit: number
}

/**
 * The first events of a stretch, in order. Indexes do not have events of the same microsecond in order of ID: if the
 * limit splits such a group, the group is read again, sorted by ID.
 */
async function readStretch(
  { db, dialect }: Log,
  plan: Plan,
  request: StretchRequest,
): Promise<EventRow[]> {
  const rows = await read('created_at', request)
  const last = rows.at(-1)?.[2]
  const isCut = rows.length === request.limit && last !== undefined && last === rows.at(-2)?.[2]
  if (!isCut) return rows
  const kept = rows.filter(([, , createdAt]) => createdAt !== last)
  const group = { stretch: { low: last, high: last }, limit: request.limit - kept.length }
  return [...kept, ...(await read('id', { ...request, ...group }))]

  async function read(
    by: 'created_at' | 'id',
    { stretch, older, newer, newestFirst, limit }: StretchRequest,
  ): Promise<EventRow[]> {
    const order = sql.raw(`ORDER BY e.${by} ${newestFirst ? 'DESC' : 'ASC'}`)
    const also = between(dialect, older, newer)
    const rows = await db.rows<EventRow>(
      plan.first(eventColumns(dialect), stretch, also, order, limit),
    )
    const sign = newestFirst ? -1 : 1
    return rows.sort((a, b) => sign * (a[2] - b[2] || (a[1] < b[1] ? -1 : 1)))
  }
}

/**
 * The condition that an event `e`, whose date is in `datesBetween`, lies strictly between these positions; `null`: no
 * condition.
 */
function between(dialect: Dialect, older: Position | null, newer: Position | null): SQL | null {
  const apart = ({ createdAt, id }: Position, sign: '<' | '>') =>
    sql`(e.created_at <> ${createdAt} OR ${dialect.idOf} ${sql.raw(sign)} ${dialect.eventId(id)})`
  return both([
    older === null ? undefined : apart(older, '>'),
    newer === null ? undefined : apart(newer, '<'),
  ])
}

/** The events of these Organizations with these IDs, in no order. */
export async function readEventsById(
  reads: Reads,
  readEvents: ReadEvents,
  organizations: VisibleOrganizations,
  ids: readonly string[],
): Promise<RecordedEvent[]> {
  const wanted = [...new Set(ids)].filter(isStoredAsBytes)
  if (organizations.size === 0 || wanted.length === 0) return []
  const { dialect } = reads
  const rows: EventRow[] = []
  for (const from of await dialect.byId(reads, [...organizations.keys()], wanted)) {
    const statement = sql`SELECT ${eventColumns(dialect)} FROM ${from}`
    rows.push(...(await reads.rows<EventRow>(statement)))
  }
  const events: RecordedEvent[] = []
  for (const [organization, own] of Map.groupBy(rows, ([organization]) => organization)) {
    const organizationId = organizations.get(organization)?.id ?? ''
    const log = logOf(reads, organization, organizationId)
    events.push(...(await readEvents(log, own)))
  }
  return events
}

/** The maximum number of events scanned for one filtered page; the next page continues from there. */
const MOST_SCANNED = 5_000

export async function lastFeedCursor({ db, dialect, organization }: Log): Promise<FeedCursor> {
  const [row] = await db.rows<[id: unknown]>(
    sql`SELECT i.id FROM ${dialect.sequences} i WHERE i.organization = ${organization}
      ORDER BY i.sequence DESC LIMIT 1`,
  )
  return row === undefined ? FEED_START : dialect.idFrom(row[0])
}

/** `null` if `after` is no event of the Organization, or one after which retention has deleted others. */
export async function readFeedPage(
  log: Log,
  readEvents: ReadEvents,
  { filter, after, limit }: FeedQuery,
): Promise<FeedPage | null> {
  const { db, dialect, organization } = log
  const from = (await sequenceOf(log, after)) ?? (await droppedSequence(log, after))
  if (from === null) return null
  const isFiltered = Object.values(filter).some(condition => condition !== undefined)
  const window = await nextWindow(log, from, isFiltered ? MOST_SCANNED : Math.max(1, limit))
  if (window === null) return { events: [], cursor: after, hasMore: false }
  const condition = isFiltered ? await conditionFor(log, filter) : sql`true`
  const rows: EventRow[] = []
  if (condition !== null) {
    for (const found of await dialect.bySequence(db, organization, from, window.until)) {
      const statement = sql`SELECT ${eventColumns(dialect)} FROM ${found} WHERE ${condition}
        ORDER BY e.sequence LIMIT ${limit + 1}`
      rows.push(...(await db.rows<EventRow>(statement)))
    }
  }
  rows.sort((a, b) => a[7] - b[7])
  const events = await readEvents(log, rows.slice(0, limit))
  if (rows.length > limit) return { events, cursor: events.at(-1)?.id ?? after, hasMore: true }
  return { events, cursor: window.cursor, hasMore: window.hasMore }
}

/**
 * The last sequence number of the window, and the ID of its event; `null`: no events follow. Retention may have left
 * gaps: the window starts at the next number that exists.
 */
async function nextWindow({ db, dialect, organization }: Log, after: number, most: number) {
  const ahead = sql`FROM ${dialect.sequences} i WHERE i.organization = ${organization} AND i.sequence > ${after}`
  const [row] = await db.rows<[until: number, id: unknown, last: number]>(
    sql`SELECT i.sequence, i.id, (SELECT max(i.sequence) ${ahead}) ${ahead}
      AND i.sequence < (SELECT min(i.sequence) ${ahead}) + CAST(${most} AS bigint) ORDER BY i.sequence DESC LIMIT 1`,
  )
  if (row === undefined) return null
  const [until, id, last] = row
  return { until, cursor: dialect.idFrom(id), hasMore: last > until }
}

/** 0 for `FEED_START`; `null` if `cursor` is not an event of the Organization. */
async function sequenceOf(
  { db, dialect, organization }: Log,
  cursor: FeedCursor,
): Promise<number | null> {
  if (cursor === FEED_START) return 0
  if (!isStoredAsBytes(cursor)) return null
  const [row] = await db.rows<[number]>(
    sql`SELECT i.sequence FROM ${dialect.ids(organization)} WHERE i.id = ${dialect.eventId(cursor)}`,
  )
  return row?.[0] ?? null
}

/** Of a deleted event after which none was deleted, so that nothing is missing between it and the next one. */
async function droppedSequence(
  { db, dialect, organization }: Log,
  cursor: FeedCursor,
): Promise<number | null> {
  if (!isStoredAsBytes(cursor)) return null
  const [row] = await db.rows<[number]>(
    sql`SELECT dropped_sequence FROM organizations
      WHERE key = ${organization} AND dropped_id = ${dialect.eventId(cursor)}`,
  )
  return row?.[0] ?? null
}
