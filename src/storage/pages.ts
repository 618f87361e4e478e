// Pages of events, ordered by date.

import type { EventPage, EventQuery, Position, RecordedEvent } from '../event.ts'
import { isStoredAsBytes } from './codec.ts'
import { type Dialect, type Log, logOf, type Reads } from './database.ts'
import { type SQL, sql } from './drizzle.ts'
import { datesBetween, type EventRange, isEmpty, narrowed } from './event-range.ts'
import { type EventRow, eventColumns, type ReadEvents } from './events.ts'
import { sequenceOf } from './feed.ts'
import type { VisibleOrganizations } from './organizations.ts'
import { isPlain, type Plan, planAll, planFor } from './plan.ts'

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
  { limit, after, before, order, fromEnd }: EventQuery,
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
  const scan = { range, newestFirst, density: plan.density, wanted, candidates }
  for await (const stretch of log.dialect.stretches({ ...scan, reads: log.db })) {
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
 * The first events of a stretch, in order. Indexes have events of the same microsecond in order of arrival, not of ID:
 * if the limit splits such a group, the group is read again, sorted by ID.
 */
async function readStretch(
  { db, dialect, organization }: Log,
  plan: Plan,
  request: StretchRequest,
): Promise<EventRow[]> {
  const rows = await read('sequence', request)
  const last = rows.at(-1)?.[2]
  const isCut = rows.length === request.limit && last !== undefined && last === rows.at(-2)?.[2]
  const kept = isCut ? rows.filter(([, , createdAt]) => createdAt !== last) : rows
  if (isCut) {
    const stretch = { low: last, high: last }
    kept.push(...(await read('id', { ...request, stretch, limit: request.limit - kept.length })))
  }
  const sign = request.newestFirst ? -1 : 1
  return kept.sort((a, b) => sign * (a[2] - b[2] || (a[1] < b[1] ? -1 : 1)))

  function read(
    then: 'sequence' | 'id',
    { stretch, older, newer, newestFirst, limit }: StretchRequest,
  ): Promise<EventRow[]> {
    const direction = sql.raw(newestFirst ? 'DESC' : 'ASC')
    const order = sql`ORDER BY e.created_at ${direction}, ${sql.raw(`e.${then}`)} ${direction}`
    const columns = eventColumns(dialect, organization)
    return db.rows(plan.first(columns, stretch, between(dialect, older, newer), order, limit))
  }
}

/** The condition that an event `e` lies strictly between these positions; `null`: no condition. */
function between(dialect: Dialect, older: Position | null, newer: Position | null): SQL | null {
  const place = ({ createdAt, id }: Position) => sql`(${createdAt}, ${dialect.eventId(id)})`
  const bounds = [
    ...(older === null ? [] : [sql`(e.created_at, e.id) > ${place(older)}`]),
    ...(newer === null ? [] : [sql`(e.created_at, e.id) < ${place(newer)}`]),
  ]
  return bounds.length === 0 ? null : sql.join(bounds, sql` AND `)
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
  for (const { organization, from } of await dialect.byId(
    reads,
    [...organizations.keys()],
    wanted,
  )) {
    const statement = sql`SELECT ${eventColumns(dialect, organization)} FROM ${from}`
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
