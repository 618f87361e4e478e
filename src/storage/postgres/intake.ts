// Takes events into PostgreSQL: their IDs first, which tells those that are new; then the numbers of their
// values; then everything else in one statement, with the tallies and the wake-up for who follows the log.

import type { ReadWindow } from '../../coverage.ts'
import { type Event, NIL_ID } from '../../event.ts'
import type { Instant } from '../../instant.ts'
import { LISTED_KINDS } from '../../principal.ts'
import type { Appended } from '../../store.ts'
import { codeOf, firstRow, type PostgresDatabase, persistently, type Session } from './database.ts'
import { deleteNames } from './names.ts'
import type { Partition, Partitions } from './partitions.ts'
import { constant, join, type Sql, sql } from './sql.ts'
import {
  createValueNumbers,
  type Learned,
  type LockedOrganization,
  lockOrganizations,
  VALUE_TABLE,
  VALUES,
  type ValueOf,
} from './values.ts'

/** Where it is told that events have arrived. */
export const ARRIVALS = 'iam_logs_arrivals'

export interface Intake {
  /** In one transaction. `forgotten` counts the directory entries that the events say were deleted. */
  take(
    events: readonly Event[],
    windows: readonly ReadWindow[],
    recordedAt: Instant,
  ): Promise<Appended & { readonly forgotten: number }>
}

/** Thrown within a transaction to make, outside it, what it needs. */
class MissingPartitions extends Error {
  readonly partitions: readonly Partition[]

  constructor(partitions: readonly Partition[]) {
    super(`partitions to be made: ${partitions.map(({ name }) => name).join(', ')}`)
    this.partitions = partitions
  }
}

/** Of a row that fits no partition, as where retention has just dropped it. */
const NO_PARTITION = '23514'
const MOST_TRIES = 5

export function createIntake(db: PostgresDatabase, partitions: Partitions): Intake {
  const numbers = createValueNumbers()

  async function attempt(
    events: readonly Event[],
    windows: readonly ReadWindow[],
    recordedAt: Instant,
  ) {
    const learned: Learned = []
    const taken = await db.transaction(async session => {
      const own = Map.groupBy(events, ({ organizationId }) => organizationId)
      const ids = [...own.keys(), ...windows.map(({ organizationId }) => organizationId)]
      let [added, forgotten] = [0, 0]
      for (const organization of await lockOrganizations(session, ids)) {
        const fresh = await takeIds(session, organization, own.get(organization.id) ?? [])
        if (fresh.length === 0) continue
        const missing = partitions.missing(fresh.map(({ event }) => event.createdAt))
        if (missing.length > 0) throw new MissingPartitions(missing)
        const { id, epoch } = organization
        const known = numbers.within(session, id, epoch, learned)
        const kept = fresh.map(({ event }) => event)
        const values = {} as Record<ValueOf, (number | null)[]>
        for (const of of VALUES) values[of] = await known.find(kept, of)
        forgotten += await write(session, id, fresh, values, recordedAt)
        added += fresh.length
      }
      for (const window of windows) await noteRead(session, window)
      return { added, known: events.length - added, forgotten }
    })
    numbers.remember(learned)
    return taken
  }

  /** Makes the partitions that are likely to be needed: within the transaction it would have to begin anew. */
  async function prepare(events: readonly Event[]): Promise<void> {
    if (partitions.missing(events.map(({ createdAt }) => createdAt)).length === 0) return
    const ids = [...new Set(events.map(({ organizationId }) => organizationId))]
    const keptFrom = new Map(
      await db.rows<[id: string, keptFrom: number]>(
        sql`SELECT id, kept_from FROM organizations
          WHERE id = ANY(${ids}::uuid[]) AND kept_from IS NOT NULL`,
      ),
    )
    const kept = events.filter(
      ({ organizationId, createdAt }) => !(createdAt < (keptFrom.get(organizationId) ?? createdAt)),
    )
    const missing = partitions.missing(kept.map(({ createdAt }) => createdAt))
    if (missing.length > 0) await partitions.make(missing)
  }

  return {
    async take(given, windows, recordedAt) {
      const events = given.map(event =>
        event.principalId === '' ? { ...event, principalId: NIL_ID } : event,
      )
      await prepare(events)
      for (let tries = 1; ; tries++) {
        try {
          return await persistently(() => attempt(events, windows, recordedAt))
        } catch (error) {
          const retention = codeOf(error) === NO_PARTITION
          if (!(error instanceof MissingPartitions || retention) || tries === MOST_TRIES)
            throw error
          if (error instanceof MissingPartitions) await partitions.make(error.partitions)
          else await partitions.refresh()
        }
      }
    },
  }
}

interface Fresh {
  readonly event: Event
  readonly arrival: number
}

/** Notes the IDs of those that are new, in their order; of equal ones, the first. */
async function takeIds(
  session: Session,
  { id, lastArrival, keptFrom }: LockedOrganization,
  given: readonly Event[],
): Promise<Fresh[]> {
  const events = new Map<string, Event>()
  for (const event of given) {
    const kept = keptFrom === null || !(event.createdAt < keptFrom)
    if (kept && !events.has(event.id)) events.set(event.id, event)
  }
  const ordered = [...events.values()]
  if (ordered.length === 0) return []
  // In the order of the IDs, so that what goes into one page of the index is written together.
  const rows = await session.rows<[arrival: number]>(
    sql`INSERT INTO event_ids (organization, id, created_at, arrival)
      SELECT ${id}::uuid, x.id, x.created_at, ${lastArrival}::bigint + x.place
      FROM unnest(${ordered.map(event => event.id)}::uuid[],
        ${ordered.map(event => event.createdAt)}::bigint[])
        WITH ORDINALITY AS x (id, created_at, place)
      ORDER BY x.id ON CONFLICT (organization, id) DO NOTHING RETURNING arrival`,
  )
  return rows
    .map(([arrival]) => arrival)
    .sort((a, b) => a - b)
    .flatMap(arrival => {
      const event = ordered[arrival - lastArrival - 1]
      return event === undefined ? [] : [{ event, arrival }]
    })
}

/** How many directory entries were forgotten. */
async function write(
  session: Session,
  organization: string,
  fresh: readonly Fresh[],
  values: Record<ValueOf, readonly (number | null)[]>,
  recordedAt: Instant,
): Promise<number> {
  const events = fresh.map(({ event }) => event)
  const dates = events.map(({ createdAt }) => createdAt)
  const deleted = events.filter(
    ({ action, category }) =>
      action === 'deleted' && (LISTED_KINDS as readonly string[]).includes(category),
  )
  const tallies = VALUES.map(of => tallied(organization, of, values[of], dates))
  const [first, last] = rangeOf(dates)
  const lastArrival = fresh.reduce((last, { arrival }) => Math.max(last, arrival), 0)
  const row = await firstRow<[forgotten: number]>(
    session,
    sql`WITH written AS (
        INSERT INTO events (organization, id, created_at, recorded_at, kind, principal, user_agent,
          address, resource)
        SELECT ${organization}::uuid, x.id, x.created_at,
          ${Math.floor(recordedAt / 1000) * 1000}::bigint, x.kind, x.principal, x.user_agent,
          x.address, x.resource
        FROM unnest(${events.map(({ id }) => id)}::uuid[], ${dates}::bigint[],
          ${values.kind}::int[], ${values.principal}::int[], ${values.userAgent}::int[],
          ${values.address}::int[], ${events.map(({ resourceId }) => resourceId)}::text[])
          AS x (id, created_at, kind, principal, user_agent, address, resource)),
      ${join(tallies, ', ')},
      total AS (
        UPDATE organizations SET events = events + ${events.length}::bigint,
          first_at = least(first_at, ${first}::bigint),
          last_at = greatest(last_at, ${last}::bigint), last_arrival = ${lastArrival}::bigint
        WHERE id = ${organization}::uuid),
      forgotten AS (
        DELETE FROM directory d
        USING unnest(${deleted.map(({ resourceId }) => resourceId)}::text[],
          ${deleted.map(({ category }) => category)}::text[],
          ${deleted.map(({ createdAt }) => createdAt)}::bigint[]) AS x (id, kind, deleted_at)
        WHERE d.organization = ${organization}::uuid AND d.id = x.id AND d.kind = x.kind
          AND (d.created_at IS NULL OR d.created_at <= x.deleted_at)
        RETURNING d.id),
      nameless AS (${deleteNames(organization, constant('forgotten'))})
      SELECT (SELECT count(*) FROM forgotten), pg_notify(${ARRIVALS}, '')`,
  )
  return row?.[0] ?? 0
}

/** Adds to the tallies of one kind of value; part of a WITH. */
function tallied(
  organization: string,
  of: ValueOf,
  numbers: readonly (number | null)[],
  dates: readonly Instant[],
): Sql {
  const due = new Map<number, { events: number; first: Instant; last: Instant }>()
  numbers.forEach((number, at) => {
    const date = dates[at]
    if (number === null || date === undefined) return
    const owed = due.get(number)
    if (owed === undefined) {
      due.set(number, { events: 1, first: date, last: date })
      return
    }
    owed.events++
    if (date < owed.first) owed.first = date
    if (date > owed.last) owed.last = date
  })
  const all = [...due.values()]
  const table = VALUE_TABLE[of]
  return sql`${constant(`of_${of}`)} AS (
    UPDATE ${table} t SET events = t.events + x.events, first_at = least(t.first_at, x.first_at),
      last_at = greatest(t.last_at, x.last_at)
    FROM unnest(${[...due.keys()]}::int[], ${all.map(({ events }) => events)}::bigint[],
      ${all.map(({ first }) => first)}::bigint[], ${all.map(({ last }) => last)}::bigint[])
      AS x (number, events, first_at, last_at)
    WHERE t.organization = ${organization}::uuid AND t.number = x.number)`
}

function rangeOf(dates: readonly Instant[]): [first: Instant, last: Instant] {
  let [first, last] = [dates[0] ?? 0, dates[0] ?? 0]
  for (const date of dates) {
    if (date < first) first = date
    if (date > last) last = date
  }
  return [first, last]
}

/** Within a transaction: notes a window as read, in place of those it overlaps. */
async function noteRead(session: Session, window: ReadWindow): Promise<void> {
  const { organizationId, from, until, events, readAt } = window
  await session.run(
    sql`DELETE FROM read_windows WHERE organization = ${organizationId}::uuid
      AND "from" < ${until}::bigint AND until > ${from}::bigint`,
  )
  await session.run(
    sql`INSERT INTO read_windows (organization, "from", until, events, read_at)
      VALUES (${organizationId}::uuid, ${from}, ${until}, ${events}, ${readAt})`,
  )
}
