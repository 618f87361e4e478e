// The order of arrival. Sequence numbers are counted by Organization, and yet none is ever shown: a place in the order is
// told by the ID of the event before it.

import { FEED_START, type FeedMark, type FeedPage, type FeedQuery } from '../event.ts'
import { isStoredAsBytes } from './codec.ts'
import type { Log } from './database.ts'
import { sql } from './drizzle.ts'
import { type EventReader, type EventRow, eventColumns } from './events.ts'
import { conditionFor } from './plan.ts'

/** So many events are looked at for one page of a filter; the next page looks on. */
const LOOK = 5_000

export async function lastFeedMark({ db, dialect, organization }: Log): Promise<FeedMark> {
  const [row] = await db.rows<[id: unknown]>(
    sql`SELECT i.id FROM ${dialect.sequences} i WHERE i.organization = ${organization}
      ORDER BY i.sequence DESC LIMIT 1`,
  )
  return row === undefined ? FEED_START : dialect.idFrom(row[0])
}

/** `null` where `after` is no event of the Organization. */
export async function readFeedPage(
  log: Log,
  values: EventReader,
  { filter, after, limit }: FeedQuery,
): Promise<FeedPage | null> {
  const { db, dialect, organization } = log
  const from = await sequenceOf(log, after)
  if (from === null) return null
  const isFiltered = Object.values(filter).some(condition => condition !== undefined)
  const look = await lookAhead(log, from, isFiltered ? LOOK : Math.max(1, limit))
  if (look === null) return { events: [], mark: after, hasMore: false }
  const condition = isFiltered ? await conditionFor(log, filter) : sql`true`
  const rows: EventRow[] = []
  if (condition !== null) {
    for (const found of await dialect.bySequence(db, organization, from, look.until)) {
      const statement = sql`SELECT ${eventColumns(dialect, organization)} FROM ${found} WHERE ${condition}
        ORDER BY e.sequence LIMIT ${limit + 1}`
      rows.push(...(await db.rows<EventRow>(statement)))
    }
  }
  rows.sort((a, b) => a[7] - b[7])
  const events = await values.readEvents(log, rows.slice(0, limit))
  if (rows.length > limit) return { events, mark: events.at(-1)?.id ?? after, hasMore: true }
  return { events, mark: look.mark, hasMore: look.hasMore }
}

interface Look {
  /** The last sequence number that is looked at, and the ID of its event. */
  readonly until: number
  readonly mark: FeedMark
  readonly hasMore: boolean
}

/** `null`: there are none. Retention may have left holes, behind which the numbers begin again. */
async function lookAhead(
  { db, dialect, organization }: Log,
  after: number,
  most: number,
): Promise<Look | null> {
  const ahead = sql`FROM ${dialect.sequences} i WHERE i.organization = ${organization} AND i.sequence > ${after}`
  const [row] = await db.rows<[until: number, id: unknown, last: number]>(
    sql`SELECT i.sequence, i.id, (SELECT max(i.sequence) ${ahead}) ${ahead}
      AND i.sequence < (SELECT min(i.sequence) ${ahead}) + CAST(${most} AS bigint) ORDER BY i.sequence DESC LIMIT 1`,
  )
  if (row === undefined) return null
  const [until, id, last] = row
  return { until, mark: dialect.idFrom(id), hasMore: last > until }
}

/** 0 for `FEED_START`; `null` for what is no event of the Organization. */
export async function sequenceOf(
  { db, dialect, organization }: Log,
  mark: FeedMark,
): Promise<number | null> {
  if (mark === FEED_START) return 0
  if (!isStoredAsBytes(mark)) return null
  const [row] = await db.rows<[number]>(
    sql`SELECT i.sequence FROM ${dialect.ids(organization)} WHERE i.id = ${dialect.eventId(mark)}`,
  )
  return row?.[0] ?? null
}
