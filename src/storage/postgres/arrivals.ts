// The order of arrival, over PostgreSQL. Numbers are given under the Organization's lock, which is held until
// they are visible; NOTIFY in the same transaction wakes who follows, in whichever process.

import { type ArrivalMark, type ArrivalPage, type ArrivalQuery, NO_ARRIVAL } from '../../event.ts'
import type { Instant } from '../../instant.ts'
import { isPlainId } from './codec.ts'
import { narrowed, type Range, rangeOf, tests, valueConditions, within } from './conditions.ts'
import { firstRow, type Listening, type PostgresDatabase, type Reads } from './database.ts'
import { type EventRow, eventFrom, withValues } from './events.ts'
import type { Partitions } from './partitions.ts'
import { and, type Sql, sql } from './sql.ts'
import { stretches } from './stretches.ts'
import { ARRIVALS } from './writes.ts'

/** So many events are looked at for one page of a filter; the next page looks on. */
const LOOK = 5000

export async function lastArrival(db: Reads, organization: string): Promise<ArrivalMark> {
  const row = await firstRow<[id: string]>(
    db,
    sql`SELECT id FROM event_ids WHERE organization = ${organization}::uuid
      ORDER BY arrival DESC LIMIT 1`,
  )
  return row?.[0] ?? NO_ARRIVAL
}

/** `null` where `after` is no event of the Organization. */
export async function readArrivalPage(
  db: Reads,
  partitions: Partitions,
  { organizationId, filter, after, limit }: ArrivalQuery,
): Promise<ArrivalPage | null> {
  if (!isPlainId(after)) return null
  const filtered = Object.keys(filter).length > 0
  const look = await lookAhead(db, organizationId, after, filtered ? LOOK : limit)
  if (look === null) return null
  if (look.mark === null) return { events: [], mark: after, hasMore: look.hasMore }

  const { resourceIds } = filter
  const { from, until } = look
  const matching = [
    sql`e.organization = ${organizationId}::uuid AND e.created_at = i.created_at AND e.id = i.id`,
    ...(resourceIds === undefined ? [] : [sql`e.resource = ANY(${resourceIds}::text[])`]),
    ...tests(valueConditions(organizationId, filter)),
  ]
  const range = narrowed(rangeOf(filter), look.firstAt, look.lastAt)
  const found: [...EventRow, arrival: number][] = []
  // What came together is most often of one month or two; the first of each stretch are the first of all.
  for (const part of stretches(range, await partitions.known(), true)) {
    found.push(...(await db.rows<[...EventRow, arrival: number]>(find(part))))
  }
  found.sort((a, b) => (a.at(-1) as number) - (b.at(-1) as number))
  const events = found.slice(0, limit).map(([...row]) => eventFrom(row.slice(0, 10) as EventRow))
  if (found.length > limit) return { events, mark: events.at(-1)?.id ?? after, hasMore: true }
  return { events, mark: look.mark, hasMore: look.hasMore }

  function find(part: Range): Sql {
    return sql`SELECT * FROM (${withValues(
      sql`${organizationId}::uuid`,
      // The limit keeps the two from becoming a join by which all events might be read.
      sql`SELECT e.*, i.arrival FROM event_ids i
        CROSS JOIN LATERAL (SELECT e.* FROM events e
          WHERE ${and([...matching, ...within(part)])} LIMIT 1) e
        WHERE i.organization = ${organizationId}::uuid
          AND i.arrival > ${from}::bigint AND i.arrival <= ${until}::bigint
        ORDER BY i.arrival LIMIT ${limit + 1}`,
      sql`, e.arrival`,
    )}) page ORDER BY arrival`
  }
}

interface Look {
  /** Arrival numbers: behind the one, up to the other. */
  readonly from: number
  readonly until: number
  /** The dates of what lies between. */
  readonly firstAt: Instant
  readonly lastAt: Instant
  /** The ID of the last; `null`: there is none. */
  readonly mark: ArrivalMark | null
  readonly hasMore: boolean
}

async function lookAhead(
  db: Reads,
  organization: string,
  after: ArrivalMark,
  most: number,
): Promise<Look | null> {
  const from =
    after === NO_ARRIVAL
      ? sql`0::bigint`
      : sql`(SELECT arrival FROM event_ids
          WHERE organization = ${organization}::uuid AND id = ${after}::uuid)`
  const row = await firstRow<
    [
      from: number | null,
      until: number | null,
      firstAt: number,
      lastAt: number,
      mark: string | null,
      last: number | null,
    ]
  >(
    db,
    sql`WITH look AS MATERIALIZED (
        SELECT id, arrival, created_at FROM event_ids
        WHERE organization = ${organization}::uuid AND arrival > ${from}
        ORDER BY arrival LIMIT ${most})
      SELECT ${from}, max(arrival), min(created_at), max(created_at),
        (SELECT id FROM look ORDER BY arrival DESC LIMIT 1),
        (SELECT arrival FROM event_ids WHERE organization = ${organization}::uuid
          ORDER BY arrival DESC LIMIT 1)
      FROM look`,
  )
  const [start = null, until = null, firstAt = 0, lastAt = 0, mark = null, last] = row ?? []
  if (start === null) return null
  return {
    from: start,
    until: until ?? start,
    firstAt,
    lastAt,
    mark,
    hasMore: (last ?? 0) > (until ?? start),
  }
}

/** In milliseconds: wakes everyone for no reason, in case a notice went astray; and soon where none would be heard. */
const WAKE_EVERY = 30_000
const WAKE_DEAF_EVERY = 2_000

export interface ArrivalWatch {
  /** See `LogReader.nextArrival`. */
  next(): Promise<void>
  /** After a commit of this process that added events. */
  came(): void
  end(): Promise<void>
}

/** One for all who wait; listens from the first of them on. */
export function watchArrivals(db: PostgresDatabase): ArrivalWatch {
  let waiting = Promise.withResolvers<void>()
  let listening: Listening | undefined
  let timer: NodeJS.Timeout | undefined
  let woken = 0

  function came(): void {
    woken = Date.now()
    waiting.resolve()
    waiting = Promise.withResolvers()
  }

  function look(): void {
    const every = listening?.hears() === true ? WAKE_EVERY : WAKE_DEAF_EVERY
    if (Date.now() - woken >= every) came()
  }

  return {
    next() {
      if (listening === undefined) {
        listening = db.listen(ARRIVALS, came)
        timer = setInterval(look, WAKE_DEAF_EVERY).unref()
      }
      return waiting.promise
    },
    came,
    async end() {
      clearInterval(timer)
      await listening?.end()
      came()
    },
  }
}
