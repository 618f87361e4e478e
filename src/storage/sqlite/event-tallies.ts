// How much there is of what a filter asks for, from counts that `append` keeps in the transaction of the events.

import type { EventFilter } from '../../event.ts'
import { encodeId, lowestPosition } from '../codec.ts'
import type { SqliteDatabase } from './database.ts'
import {
  type Conditions,
  containsText,
  join,
  kindConditions,
  oneOf,
  type Range,
  type Sql,
  type Thing,
  tableOf,
} from './event-query.ts'

/** Up to so many index ranges are merged; each costs a few microseconds to begin. */
const MOST_MERGED = 16

/** How many events there are, and the dates of the first and last of them. */
export interface Dated {
  readonly events: number
  readonly firstAt: number
  readonly lastAt: number
}

/** How much there is of one thing a filter asks for. */
export interface Tally extends Dated {
  /** `null`: of everything. */
  readonly thing: Thing | null
  /** The keys, where they are few enough to merge. */
  readonly keys: readonly number[] | null
}

/**
 * The tallies of each thing the filter speaks of, and of the whole Organization. Where very many trails match all
 * that is asked of them, the tally of the rarest of that stands for them: there are no more.
 */
export function tallyAll(db: SqliteDatabase, conditions: Conditions, simple: Simple): Tally[] {
  const { whole, parts } = simple
  const tallies = [whole]
  if (conditions.trail !== null) {
    tallies.push(tallyTrails(db, conditions.trail, parts) ?? fewest(parts))
  }
  if (conditions.address !== null) {
    tallies.push(tally(db, 'address', 'addresses a', conditions.address))
  }
  if (conditions.resource !== null) tallies.push(tallyResources(db, whole, conditions.resource))
  return tallies
}

/** So many trails are read at once; that takes some milliseconds. */
const MOST_TRAILS = 5_000

/** Of the trails that match all that is asked of them, exactly; `null` where too many do. */
export function tallyTrails(
  db: SqliteDatabase,
  condition: Sql,
  parts: readonly Tally[],
): Tally | null {
  const [part, another] = parts
  if (part !== undefined && another === undefined) return part
  const [isMore] = db.row<[number]>({
    text: `SELECT 1 FROM trails t WHERE ${condition.text} LIMIT 1 OFFSET ${MOST_TRAILS}`,
    values: condition.values,
  }) ?? [0]
  return isMore === 1 ? null : tally(db, 'trail', 'trails t', condition)
}

/** What is known without reading trails. */
export interface Simple {
  readonly whole: Tally
  /** Of the kinds, of the user agents and of the principals asked for, each alone. */
  readonly parts: readonly Tally[]
}

export function tallySimple(db: SqliteDatabase, organization: number, filter: EventFilter): Simple {
  const parts: Tally[] = []
  const kinds = kindConditions('k', filter.actions, filter.categories)
  if (kinds.length > 0) {
    const ours = { text: 'k.organization = ?', values: [organization] }
    parts.push(tally(db, 'trail', 'kinds k', join([ours, ...kinds], ' AND '), false))
  }
  if (filter.userAgent !== undefined) {
    const ours = { text: 'u.organization = ?', values: [organization] }
    const contains = containsText('u.text', filter.userAgent)
    parts.push(tally(db, 'trail', 'user_agents u', join([ours, contains], ' AND '), false))
  }
  if (filter.principalIds !== undefined) {
    const ours = { text: 'p.organization = ?', values: [organization] }
    const ids = oneOf('p.id', filter.principalIds.map(encodeId))
    parts.push(tally(db, 'trail', 'principals p', join([ours, ids], ' AND '), false))
  }
  return { whole: tallyWhole(db, organization), parts }
}

export function tallyWhole(db: SqliteDatabase, organization: number): Tally {
  return tally(db, null, 'organizations o', { text: 'o.key = ?', values: [organization] })
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
  const rows = countResources(db, condition)
  return {
    thing: 'resource',
    events: rows.reduce((sum, [, events]) => sum + events, 0),
    firstAt: whole.firstAt,
    lastAt: whole.lastAt,
    keys: rows.length <= MOST_MERGED ? rows.map(([key]) => key) : null,
  }
}

/** A resource's events are counted up to so many: enough to know that they are more than are read at once. */
const MOST_OF_RESOURCE = 4000

/** How many events each has, up to `MOST_OF_RESOURCE`. */
function countResources(db: SqliteDatabase, condition: Sql): [key: number, events: number][] {
  return db.rows<[key: number, events: number]>({
    text: `SELECT r.key, (SELECT count(*) FROM
        (SELECT 1 FROM events INDEXED BY events_by_resource WHERE resource = r.key LIMIT ${MOST_OF_RESOURCE}))
      FROM resources r WHERE ${condition.text}`,
    values: condition.values,
  })
}

/** How much there is of one key. */
export interface KeyTally extends Dated {
  readonly key: number
}

/** So many keys of one thing are held at once; to read them takes some milliseconds. */
const MOST_HELD = 10_000

/** Each key of a thing the filter speaks of that has events; `null` where there are too many keys to hold. */
export function keyTallies(
  db: SqliteDatabase,
  conditions: Conditions,
  thing: Thing,
): readonly KeyTally[] | null {
  const condition = conditions[thing] ?? { text: '1', values: [] }
  if (thing === 'resource') {
    return countResources(db, condition).map(([key, events]) => ({
      ...{ key, events, firstAt: Number.MIN_SAFE_INTEGER, lastAt: Number.MAX_SAFE_INTEGER },
    }))
  }
  const rows = db.rows<[number, number, number, number]>({
    text: `SELECT key, events, first_at, last_at FROM ${tableOf(thing)}
      WHERE ${condition.text} AND events > 0 LIMIT ${MOST_HELD + 1}`,
    values: condition.values,
  })
  if (rows.length > MOST_HELD) return null
  return rows.map(([key, events, firstAt, lastAt]) => ({ key, events, firstAt, lastAt }))
}

/** The thing with the fewest events; `null` where there is none at all. */
export function smallest(tallies: readonly Tally[]): Tally | null {
  const least = fewest(tallies)
  return least.events === 0 ? null : least
}

function fewest(tallies: readonly Tally[]): Tally {
  return tallies.reduce((least, tally) => (tally.events < least.events ? tally : least))
}

/** What of the range lies between the first and the last event of each. */
export function narrowed(range: Range, tallies: readonly Dated[]): Range {
  return tallies.reduce(
    (range, { firstAt, lastAt }) => ({
      low: max(range.low, lowestPosition(firstAt)),
      high: min(range.high, lowestPosition(lastAt + 1) - 1n),
    }),
    range,
  )
}

export function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}

export function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}
