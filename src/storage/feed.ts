// Events in order of arrival. Sequence numbers count within an Organization and are never exposed: clients name a
// position by the ID of the event before it.

import { FEED_START, type FeedCursor, type FeedPage, type FeedQuery } from '../event.ts'
import { isStoredAsBytes } from './codec.ts'
import type { Log } from './database.ts'
import { sql } from './drizzle.ts'
import { type EventRow, eventColumns, type ReadEvents } from './events.ts'
import { conditionFor } from './plan.ts'

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
      const statement = sql`SELECT ${eventColumns(dialect, organization)} FROM ${found} WHERE ${condition}
        ORDER BY e.sequence LIMIT ${limit + 1}`
      rows.push(...(await db.rows<EventRow>(statement)))
    }
  }
  rows.sort((a, b) => a[7] - b[7])
  const events = await readEvents(log, rows.slice(0, limit))
  if (rows.length > limit) return { events, cursor: events.at(-1)?.id ?? after, hasMore: true }
  return { events, cursor: window.cursor, hasMore: window.hasMore }
}

interface FeedWindow {
  /** The last sequence number of the window, and the ID of its event. */
  readonly until: number
  readonly cursor: FeedCursor
  readonly hasMore: boolean
}

/** `null`: no events follow. Retention may have left gaps: the window starts at the next number that exists. */
async function nextWindow(
  { db, dialect, organization }: Log,
  after: number,
  most: number,
): Promise<FeedWindow | null> {
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
export async function sequenceOf(
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
