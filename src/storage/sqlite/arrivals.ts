// The order of arrival, over SQLite. Arrival numbers are counted over all Organizations, so none is ever
// shown: a place in the order is told by the ID of the event before it.

import { type ArrivalMark, type ArrivalPage, type ArrivalQuery, NO_ARRIVAL } from '../../event.ts'
import { decodeId, encodeId } from '../codec.ts'
import type { SqliteDatabase } from './database.ts'
import { conditionsOf, type EventRow, rangeOf, readArrivals } from './event-query.ts'
import { eventFrom } from './event-rows.ts'
import { BITS } from './sums.ts'

/** So many events are looked at for one page of a filter; the next page looks on. */
const LOOK = 5000

/** Within a transaction: these arrival numbers, of one Organization, are the newest of all; `sum` is that of the hashes of their events. */
export function noteArrivals(
  db: SqliteDatabase,
  organization: number,
  first: number,
  last: number,
  newestBefore: number,
  sum: number,
): void {
  const extended = db.run(
    `UPDATE arrivals SET last = ?, sum = (sum + ?) & ${BITS - 1}
      WHERE organization = ? AND last = ? AND sum IS NOT NULL AND first =
      (SELECT max(first) FROM arrivals WHERE organization = ?)`,
    ...[last, sum, organization, newestBefore, organization],
  )
  if (extended === 0) {
    db.run(
      'INSERT INTO arrivals (organization, first, last, sum) VALUES (?, ?, ?, ?)',
      ...[organization, first, last, sum],
    )
  }
}

export function lastArrival(db: SqliteDatabase, organization: number): ArrivalMark {
  const last = db.row<[number | null]>({
    text: 'SELECT max(last) FROM arrivals WHERE organization = ?',
    values: [organization],
  })?.[0]
  return last == null ? NO_ARRIVAL : markAt(db, organization, last)
}

/** `null` where `after` is no event of the Organization. */
export function readArrivalPage(
  db: SqliteDatabase,
  organization: number,
  { organizationId, filter, after, limit }: ArrivalQuery,
): ArrivalPage | null {
  const from = arrivalOf(db, organization, after)
  if (from === null) return null
  const conditions = conditionsOf(organization, filter)
  for (let start = from; ; ) {
    const runs = db.rows<[first: number, last: number]>({
      text: `SELECT first, last FROM arrivals WHERE organization = ? AND last > ? ORDER BY first LIMIT ?`,
      values: [organization, start, LOOK + 1],
    })
    const end = endOfLook(runs, start)
    if (end === null) return { events: [], mark: after, hasMore: false }

    const found = db.rows<EventRow>(
      readArrivals(
        organization,
        { first: start + 1, last: end },
        conditions,
        rangeOf(filter),
        limit + 1,
      ),
    )
    const events = found.slice(0, limit).map(row => eventFrom(row, organizationId))
    if (found.length > limit) return { events, mark: events.at(-1)?.id ?? after, hasMore: true }
    const hasMore = end < (runs.at(-1)?.[1] ?? end)
    const mark = markAt(db, organization, end)
    // Events that were known leave holes in a run, and one as long as a look would lead nowhere.
    if (mark !== after || !hasMore) return { events, mark, hasMore }
    start = end
  }
}

/** The arrival number up to which `LOOK` numbers of these runs lie; `null` where there are none. */
function endOfLook(runs: readonly [first: number, last: number][], from: number): number | null {
  let left = LOOK
  let end: number | null = null
  for (const [first, last] of runs) {
    const start = Math.max(first, from + 1)
    end = Math.min(last, start + left - 1)
    left -= end - start + 1
    if (left === 0) break
  }
  return end
}

/** The arrival number of an event: 0 for `NO_ARRIVAL`; `null` for what is no event of the Organization. */
export function arrivalOf(
  db: SqliteDatabase,
  organization: number,
  mark: ArrivalMark,
): number | null {
  if (mark === NO_ARRIVAL) return 0
  const id = encodeId(mark)
  const found = db.row<[number]>({
    text: `SELECT arrival FROM event_ids WHERE organization = ? AND id = ?
      UNION ALL SELECT arrival FROM new_event_ids WHERE organization = ? AND id = ?`,
    values: [organization, id, organization, id],
  })
  return found?.[0] ?? null
}

/** The ID of the Organization's last event up to this number. */
function markAt(db: SqliteDatabase, organization: number, arrival: number): ArrivalMark {
  const row = db.row<[Buffer]>({
    text: `SELECT e.id FROM arrivals s CROSS JOIN events e NOT INDEXED ON e.arrival BETWEEN s.first AND min(s.last, ?)
      WHERE s.organization = ? AND s.first <= ? AND e.organization = ?
      ORDER BY s.first DESC, e.arrival DESC LIMIT 1`,
    values: [arrival, organization, arrival, organization],
  })
  return row === null ? NO_ARRIVAL : decodeId(row[0])
}

/** How often other processes' writes are looked for, in milliseconds. */
const LOOK_EVERY = 250

export interface ArrivalWatch {
  /** See `LogReader.nextArrival`. */
  next(): Promise<void>
  /** After a commit of this process that added events. */
  came(): void
  end(): void
}

/** One for all who wait: they share one promise, and one timer that begins with the first of them. */
export function watchArrivals(db: SqliteDatabase): ArrivalWatch {
  let waiting = Promise.withResolvers<void>()
  let timer: NodeJS.Timeout | undefined
  let seen: number | undefined

  function came(): void {
    waiting.resolve()
    waiting = Promise.withResolvers()
  }

  /** Changes when another connection has written. */
  function version(): number | undefined {
    return db.row<[number]>({ text: 'PRAGMA data_version', values: [] })?.[0]
  }

  function look(): void {
    const now = version()
    if (now !== seen) came()
    seen = now
  }

  return {
    next() {
      if (timer === undefined) {
        seen = version()
        timer = setInterval(look, LOOK_EVERY).unref()
      }
      return waiting.promise
    },
    came,
    end() {
      clearInterval(timer)
      came()
    },
  }
}
