// Reads pages of events. How much there is of what a filter asks for is known beforehand, from tallies kept
// with the events; that decides how the page is read, so that a page costs about the same however rare or
// common, recent or old its events are, and however many there are of others.

import {
  comparePositions,
  type EventFilter,
  type EventPage,
  type EventQuery,
  type Position,
  type RecordedEvent,
} from '../event.ts'
import { decodeAddress, decodeId, encodePosition, lowestPosition, samePosition } from './codec.ts'
import {
  type Conditions,
  conditionsOf,
  type EventRow,
  gather,
  join,
  kindConditions,
  merge,
  type Range,
  rangeOf,
  readPage,
  type Sql,
  type Thing,
  walk,
} from './event-query.ts'
import type { SqliteDatabase } from './sqlite-database.ts'

/** Up to so many index ranges are merged; each costs a few microseconds to begin. */
const MOST_MERGED = 16

/** Walking by date is the better way where at least one event in so many matches. */
const WALK_DENSITY = 40

/** How much there is of one thing a filter asks for. */
interface Tally {
  readonly thing: Thing | null
  readonly events: number
  readonly firstAt: number
  readonly lastAt: number
  /** The keys, where they are few enough to merge. */
  readonly keys: readonly number[] | null
}

export function readEvents(
  db: SqliteDatabase,
  organization: number,
  organizationId: string,
  query: EventQuery,
): EventPage {
  const { filter, limit, after, before } = query
  const newestFirst = (query.order === 'newest-first') !== query.fromEnd
  const [start, end] = query.fromEnd ? [before, after] : [after, before]
  const [older, newer] = newestFirst ? [end, start] : [start, end]
  const range = rangeBetween(rangeOf(filter), older, newer)
  const read = howToRead(db, organization, filter, range, newestFirst)

  // Entries with one position come in no order, and a cursor may lie between them: read a few more than
  // asked, order by the whole ID, and leave out those at the far edge, of which some may still be unread.
  for (let take = limit + 3; ; take *= 2) {
    const rows = read(take)
    const all = rows.length < take
    const events = rows.map(row => eventFrom(row, organizationId))
    events.sort((a, b) => (newestFirst ? comparePositions(b, a) : comparePositions(a, b)))
    const edge = all ? undefined : events.at(-1)
    const found = events.filter(
      event =>
        (edge === undefined || !samePosition(event, edge)) &&
        (older === null || comparePositions(event, older) > 0) &&
        (newer === null || comparePositions(event, newer) < 0),
    )
    if (all || found.length > limit) {
      const page = found.slice(0, limit)
      return { events: query.fromEnd ? page.reverse() : page, hasMore: found.length > limit }
    }
  }
}

export function countEvents(db: SqliteDatabase, organization: number, filter: EventFilter): number {
  const conditions = conditionsOf(organization, filter)
  const tallies = tallyAll(db, organization, filter, conditions)
  const least = smallest(tallies)
  if (least === null) return 0
  const undated = filter.createdAfter === undefined && filter.createdBefore === undefined
  if (undated && tallies.length <= 2 && least.thing !== 'resource') return least.events
  const range = rangeOf(filter)
  const found =
    least.thing === null
      ? walk(organization, conditions, range)
      : gather(least.thing, conditions, range)
  const count = db.row<[number]>({
    text: `SELECT count(*) FROM (${found.text})`,
    values: found.values,
  })
  return count?.[0] ?? 0
}

/** A function that reads the first so many rows of the range, from its newest or its oldest end. */
function howToRead(
  db: SqliteDatabase,
  organization: number,
  filter: EventFilter,
  asked: Range,
  newestFirst: boolean,
): (take: number) => EventRow[] {
  const conditions = conditionsOf(organization, filter)
  const filtered = conditions.trail ?? conditions.address ?? conditions.resource
  const page = (found: Sql, take: number) =>
    db.rows<EventRow>(readPage(organization, found, newestFirst, take))
  if (filtered === null) return take => page(walk(organization, conditions, asked), take)

  const tallies = tallyAll(db, organization, filter, conditions)
  const least = smallest(tallies)
  if (least === null) return () => []
  const range = tallies.reduce(
    (range, { firstAt, lastAt }) => ({
      low: max(range.low, lowestPosition(firstAt)),
      high: min(range.high, lowestPosition(lastAt + 1) - 1n),
    }),
    asked,
  )
  if (range.low > range.high) return () => []
  const { thing, keys } = least
  const total = tallies.find(tally => tally.thing === null)?.events ?? 0
  if (thing === null || (keys === null && least.events * WALK_DENSITY >= total)) {
    return take => page(walk(organization, conditions, range), take)
  }
  if (keys !== null) return take => page(merge(thing, keys, conditions, range), take)

  return take => {
    // As wide as the page's events would need if they were spread evenly, four times over; wider and
    // wider when that was too little.
    const span = lowestPosition(least.lastAt) - lowestPosition(least.firstAt) + 1n
    let width = (span * BigInt(4 * take)) / BigInt(least.events) + 1n
    for (; ; width *= 8n) {
      const part = newestFirst
        ? { low: max(range.low, range.high - width), high: range.high }
        : { low: range.low, high: min(range.high, range.low + width) }
      const rows = page(gather(thing, conditions, part), take)
      if (rows.length >= take || (part.low === range.low && part.high === range.high)) return rows
    }
  }
}

/** The tallies of the Organization and of each thing the filter speaks of. */
function tallyAll(
  db: SqliteDatabase,
  organization: number,
  filter: EventFilter,
  conditions: Conditions,
): Tally[] {
  const whole = tally(db, null, 'organizations o', { text: 'o.key = ?', values: [organization] })
  const tallies = [whole]
  if (conditions.trail !== null) {
    const rough = roughTally(db, organization, filter)
    tallies.push(
      rough !== null && rough.events * WALK_DENSITY >= whole.events
        ? rough
        : tally(db, 'trail', 'trails t', conditions.trail),
    )
  }
  if (conditions.address !== null) {
    tallies.push(tally(db, 'address', 'addresses a', conditions.address))
  }
  if (conditions.resource !== null) tallies.push(tallyResources(db, whole, conditions.resource))
  return tallies
}

/** From a smaller table than the trails, where the filter speaks only of kinds or only of the user agent. */
function roughTally(db: SqliteDatabase, organization: number, filter: EventFilter): Tally | null {
  if (filter.principalIds !== undefined) return null
  const kinds = kindConditions('k', filter.actions, filter.categories)
  if (filter.userAgent === undefined) {
    const ours = { text: 'k.organization = ?', values: [organization] }
    return tally(db, 'trail', 'kinds k', join([ours, ...kinds], ' AND '), false)
  }
  if (kinds.length > 0) return null
  return tally(
    db,
    'trail',
    'user_agents u',
    {
      text: 'u.organization = ? AND instr(lower(u.text), lower(?)) > 0',
      values: [organization, filter.userAgent],
    },
    false,
  )
}

function tally(
  db: SqliteDatabase,
  thing: Thing | null,
  table: string,
  condition: Sql,
  withKeys = thing !== null,
): Tally {
  const keys = withKeys
    ? `CASE WHEN count(*) <= ${MOST_MERGED} THEN json_group_array(key) END`
    : 'NULL'
  const row = db.row<[number, number, number, string | null]>({
    text: `SELECT total(events), coalesce(min(first_at), 0), coalesce(max(last_at), 0), ${keys}
      FROM ${table} WHERE events > 0 AND ${condition.text}`,
    values: condition.values,
  })
  if (row === null) throw new Error('an aggregate gave no row')
  const [events, firstAt, lastAt, list] = row
  return { thing, events, firstAt, lastAt, keys: list === null ? null : JSON.parse(list) }
}

/** Resources are many and have few events each, so no tally is kept of them: the index is asked. */
function tallyResources(db: SqliteDatabase, whole: Tally, condition: Sql): Tally {
  const rows = db.rows<[key: number, events: number]>({
    text: `SELECT r.key, (SELECT count(*) FROM
        (SELECT 1 FROM events INDEXED BY events_by_resource WHERE resource = r.key LIMIT 1000))
      FROM resources r WHERE ${condition.text}`,
    values: condition.values,
  })
  return {
    thing: 'resource',
    events: rows.reduce((sum, [, events]) => sum + events, 0),
    firstAt: whole.firstAt,
    lastAt: whole.lastAt,
    keys: rows.length <= MOST_MERGED ? rows.map(([key]) => key) : null,
  }
}

/** The thing with the fewest events; `null` where there is none at all. */
function smallest(tallies: readonly Tally[]): Tally | null {
  const least = tallies.reduce((least, tally) => (tally.events < least.events ? tally : least))
  return least.events === 0 ? null : least
}

function rangeBetween(range: Range, older: Position | null, newer: Position | null): Range {
  return {
    low: older === null ? range.low : max(range.low, encodePosition(older)),
    high: newer === null ? range.high : min(range.high, encodePosition(newer)),
  }
}

export function eventFrom(row: EventRow, organizationId: string): RecordedEvent {
  const [createdAt, id, recordedAt, action, category, principal, resource, address, userAgent] = row
  return {
    id: decodeId(id),
    organizationId,
    createdAt,
    action,
    category,
    resourceId: decodeId(resource),
    principalId: decodeId(principal),
    ipAddress: address === null ? null : decodeAddress(address),
    userAgent,
    recordedAt: recordedAt * 1000,
  }
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}
