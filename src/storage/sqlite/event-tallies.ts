// How much there is of what a filter asks for, from counts that `append` keeps in the transaction of the events.

import type { EventFilter } from '../../event.ts'
import { encodeId } from '../codec.ts'
import type { SqliteDatabase } from './database.ts'
import {
  type Conditions,
  containsText,
  join,
  kindConditions,
  oneOf,
  type Sql,
  type Thing,
} from './event-query.ts'

/** Up to so many index ranges are merged; each costs a few microseconds to begin. */
const MOST_MERGED = 16

/** How much there is of one thing a filter asks for. */
export interface Tally {
  /** `null`: of everything. */
  readonly thing: Thing | null
  readonly events: number
  readonly firstAt: number
  readonly lastAt: number
  /** The keys, where they are few enough to merge. */
  readonly keys: readonly number[] | null
}

/** The tallies of each thing the filter speaks of, and of the whole Organization. */
export function tallyAll(db: SqliteDatabase, conditions: Conditions, simple: Simple): Tally[] {
  const { whole, parts } = simple
  const tallies = [whole]
  if (conditions.trail !== null) {
    const [part, another] = parts
    tallies.push(
      part !== undefined && another === undefined
        ? part
        : tally(db, 'trail', 'trails t', conditions.trail),
    )
  }
  if (conditions.address !== null) {
    tallies.push(tally(db, 'address', 'addresses a', conditions.address))
  }
  if (conditions.resource !== null) tallies.push(tallyResources(db, whole, conditions.resource))
  return tallies
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
  const whole = tally(db, null, 'organizations o', { text: 'o.key = ?', values: [organization] })
  return { whole, parts }
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
export function smallest(tallies: readonly Tally[]): Tally | null {
  const least = tallies.reduce((least, tally) => (tally.events < least.events ? tally : least))
  return least.events === 0 ? null : least
}
