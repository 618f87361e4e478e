// Pages of events in the order by date, and how many there are of a filter.

import { type EventPage, type EventQuery, NO_ARRIVAL, type Position } from '../event.ts'
import { isStoredAsBytes } from './codec.ts'
import type { Dialect, OrganizationKey, Reads } from './database.ts'
import { type SQL, sql } from './drizzle.ts'
import { EVENT_COLUMNS, type EventReader, type EventRow } from './events.ts'
import { isPlain, type Plan, planAll, planFor } from './plan.ts'
import { between, isEmpty, narrowed } from './range.ts'

const NOTHING: EventPage = { events: [], hasMore: false }

export async function readEventPage(
  reads: Reads,
  dialect: Dialect,
  values: EventReader,
  organization: OrganizationKey,
  query: EventQuery,
): Promise<EventPage> {
  const { filter, arrivedBy } = query
  if (isPlain(filter) && arrivedBy === undefined) {
    // The page most often lies in the first stretch, which one statement reads in one state.
    const page = await readPlanned(
      reads,
      dialect,
      values,
      query,
      planAll(dialect, organization, filter),
      1,
    )
    if (page !== null) return page
  }
  const bound = await sequenceOf(reads, dialect, organization, arrivedBy)
  if (bound === 'none') return NOTHING
  const plan = await planFor(reads, dialect, organization, filter, { arrivedBy: bound })
  if (plan === null) return NOTHING
  return (await readPlanned(reads, dialect, values, query, plan)) ?? NOTHING
}

/** `null` where so many stretches are too few. */
async function readPlanned(
  reads: Reads,
  dialect: Dialect,
  values: EventReader,
  { organizationId, limit, after, before, order, fromEnd }: EventQuery,
  plan: Plan,
  mostStretches = Number.POSITIVE_INFINITY,
): Promise<EventPage | null> {
  const newestFirst = (order === 'newest-first') !== fromEnd
  const [start, end] = fromEnd ? [before, after] : [after, before]
  const [older, newer] = newestFirst ? [end, start] : [start, end]
  const range = narrowed(plan.range, between(older, newer))
  if (isEmpty(range)) return NOTHING
  const bounds = [
    ...(older === null ? [] : [sql`(e.created_at, e.id) > ${placeOf(dialect, older)}`]),
    ...(newer === null ? [] : [sql`(e.created_at, e.id) < ${placeOf(dialect, newer)}`]),
  ]
  const also = bounds.length === 0 ? null : sql.join(bounds, sql` AND `)
  const direction = newestFirst ? sql`DESC` : sql`ASC`
  const by = sql`ORDER BY e.created_at ${direction}, e.id ${direction}`
  const rows: EventRow[] = []
  let stretches = 0
  for await (const stretch of dialect.stretches({
    range,
    newestFirst,
    density: plan.density,
    wanted: limit + 1,
    candidates: plan.isDirect ? null : plan.candidates,
    reads,
  })) {
    if (stretches++ === mostStretches) return null
    const found = plan.first(stretch, also, by, limit + 1 - rows.length)
    rows.push(...(await reads.rows<EventRow>(sql`SELECT ${EVENT_COLUMNS} FROM ${found} ${by}`)))
    if (rows.length > limit) break
  }
  const page = rows.slice(0, limit)
  const events = await values.readEvents(
    reads,
    fromEnd ? page.reverse() : page,
    () => organizationId,
  )
  return { events, hasMore: rows.length > limit }
}

function placeOf(dialect: Dialect, { createdAt, id }: Position): SQL {
  return sql`(${createdAt}, ${dialect.eventId(id)})`
}

/** Of the last event that counts; `null`: any counts; `none`: no event of the Organization has that ID. */
async function sequenceOf(
  reads: Reads,
  dialect: Dialect,
  organization: OrganizationKey,
  id: string | undefined,
): Promise<number | null | 'none'> {
  if (id === undefined) return null
  if (id === NO_ARRIVAL || !isStoredAsBytes(id)) return 'none'
  const [row] = await reads.rows<[number]>(dialect.located(organization, id))
  return row === undefined ? 'none' : row[0]
}

/** One by one, of those that match: for filters of which no totals are kept. */
export async function countMatching(reads: Reads, dialect: Dialect, plan: Plan): Promise<number> {
  let count = 0
  for await (const stretch of dialect.stretches({
    range: plan.range,
    newestFirst: true,
    density: plan.density,
    wanted: plan.most,
    candidates: plan.candidates,
    reads,
  })) {
    const [row] = await reads.rows<[number]>(sql`SELECT count(*) FROM ${plan.matching(stretch)}`)
    count += row?.[0] ?? 0
  }
  return count
}

/** Events by ID, in no order. */
export async function readEventsById(
  reads: Reads,
  dialect: Dialect,
  values: EventReader,
  organizations: ReadonlyMap<OrganizationKey, string>,
  ids: readonly string[],
) {
  const wanted = [...new Set(ids)].filter(isStoredAsBytes)
  if (organizations.size === 0 || wanted.length === 0) return []
  const rows: EventRow[] = []
  for (const found of await dialect.byId(reads, [...organizations.keys()], wanted)) {
    rows.push(...(await reads.rows<EventRow>(sql`SELECT ${EVENT_COLUMNS} FROM ${found}`)))
  }
  return values.readEvents(reads, rows, key => organizations.get(key) ?? '')
}
