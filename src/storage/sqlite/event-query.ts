// A filter as SQL. A filter speaks of four things an event has: when, which trails (principal, user agent,
// action, category), which address, which resource. The last three each have an index by (key, position),
// and event-plan.ts decides which one to read the page by. Texts here are constants; every value is bound.

import type { EventFilter } from '../../event.ts'
import { ACTIONS, CATEGORIES } from '../../event.ts'
import {
  asText,
  encodeId,
  FIRST_POSITION,
  instantOf,
  isStoredAsBytes,
  LAST_POSITION,
  lowestPosition,
  POSITION_TO_INSTANT,
} from '../codec.ts'

export type Bound = string | number | bigint | Buffer | null

/** A piece of SQL and what its question marks stand for, in order. */
export interface Sql {
  readonly text: string
  readonly values: readonly Bound[]
}

/** Joins pieces with text between them. */
export function join(pieces: readonly Sql[], separator: string): Sql {
  return {
    text: pieces.map(piece => piece.text).join(separator),
    values: pieces.flatMap(piece => piece.values),
  }
}

/**
 * `column IN (…)`. The list is filled up to a power of two by repeating its last value, so that lists of
 * many lengths make few texts to prepare. An empty list holds for nothing.
 */
export function oneOf(column: string, values: readonly Bound[]): Sql {
  const last = values.at(-1)
  if (last === undefined) return { text: '0', values: [] }
  const size = 2 ** Math.ceil(Math.log2(values.length))
  const filled = [...values, ...new Array<Bound>(size - values.length).fill(last)]
  return { text: `${column} IN (${filled.map(() => '?').join(',')})`, values: filled }
}

/**
 * The same for a column of stored IDs, by the IDs as the domain writes them. They are bound as JSON, which costs less
 * than one by one and is the same text however many there are.
 */
export function oneOfIds(column: string, ids: readonly string[]): Sql {
  const uuids: string[] = []
  const others: string[] = []
  for (const id of ids) (isStoredAsBytes(id) ? uuids : others).push(id)
  return {
    text: `${column} IN (SELECT unhex(value, '-') FROM json_each(?)
      UNION ALL SELECT value FROM json_each(?))`,
    values: [JSON.stringify(uuids), JSON.stringify(others)],
  }
}

/** What a filter says of one thing an event has, over the table that names it (alias as the table's initial). */
export interface Conditions {
  /** For finding trails, by their indexes. */
  readonly trail: Sql | null
  /** The same for one trail that is at hand: finds nothing beforehand. */
  readonly thisTrail: Sql | null
  readonly address: Sql | null
  readonly resource: Sql | null
  /** The highest arrival number; `null`: any. */
  readonly arrivedBy: number | null
}

export function conditionsOf(
  organization: number,
  filter: EventFilter,
  arrivedBy: number | null = null,
): Conditions {
  return {
    arrivedBy,
    trail: trailCondition(organization, filter, (column, found) => ({
      text: `t.${column} IN (SELECT key FROM ${found.text})`,
      values: found.values,
    })),
    thisTrail: trailCondition(organization, filter, (column, found) => ({
      text: `EXISTS (SELECT 1 FROM ${found.text} AND key = t.${column})`,
      values: found.values,
    })),
    address:
      filter.addresses === undefined
        ? null
        : {
            text: 'a.organization = ? AND a.address BETWEEN ? AND ? AND length(a.address) = ?',
            values: [
              organization,
              Buffer.from(filter.addresses.first),
              Buffer.from(filter.addresses.last),
              filter.addresses.first.length,
            ],
          },
    resource:
      filter.resourceIds === undefined
        ? null
        : join(
            [
              { text: 'r.organization = ?', values: [organization] },
              oneOf('r.id', filter.resourceIds.map(encodeId)),
            ],
            ' AND ',
          ),
  }
}

function trailCondition(
  organization: number,
  filter: EventFilter,
  isAmong: (column: 'principal' | 'user_agent', found: Sql) => Sql,
): Sql | null {
  const { principalIds, userAgent, actions, categories } = filter
  const parts: Sql[] = []
  if (principalIds !== undefined) {
    const ids = oneOf('id', principalIds.map(encodeId))
    const found = `principals WHERE organization = ? AND ${ids.text}`
    parts.push(isAmong('principal', { text: found, values: [organization, ...ids.values] }))
  }
  if (userAgent !== undefined) {
    const contains = containsText('text', userAgent)
    const found = `user_agents WHERE organization = ? AND ${contains.text}`
    parts.push(isAmong('user_agent', { text: found, values: [organization, ...contains.values] }))
  }
  // The plus keeps SQLite from finding trails by their kind where fewer belong to the principal or agent.
  parts.push(...kindConditions(parts.length === 0 ? 't' : '+t', actions, categories))
  if (parts.length === 0) return null
  return join([{ text: 't.organization = ?', values: [organization] }, ...parts], ' AND ')
}

/** Conditions on the columns `action` and `category` of a table; none where the filter says nothing of them. */
export function kindConditions(
  alias: string,
  actions: EventFilter['actions'],
  categories: EventFilter['categories'],
): Sql[] {
  const parts: Sql[] = []
  if (actions !== undefined) parts.push(oneOfWords(`${alias}.action`, actions, ACTIONS))
  if (categories !== undefined) parts.push(oneOfWords(`${alias}.category`, categories, CATEGORIES))
  return parts
}

/** `unknown` stands for every word that is not one of the others. */
function oneOfWords(column: string, wanted: readonly string[], all: readonly string[]): Sql {
  if (!wanted.includes('unknown')) return oneOf(column, wanted)
  const others = all.filter(word => !wanted.includes(word))
  if (others.length === 0) return { text: '1', values: [] }
  const { text, values } = oneOf(column, others)
  return { text: `NOT (${text})`, values }
}

/** Plain text, not a pattern; the case of ASCII letters does not matter, which is LIKE's own way. */
export function containsText(column: string, part: string): Sql {
  const literal = part.replace(/[\\%_]/g, character => `\\${character}`)
  return { text: `${column} LIKE ? ESCAPE '\\'`, values: [`%${literal}%`] }
}

/** A range of positions, both ends included. */
export interface Range {
  readonly low: bigint
  readonly high: bigint
}

/** Stretches of figures may begin or end beyond what a position can be. */
export function rangeOf({ createdAfter, createdBefore }: EventFilter): Range {
  const low = createdAfter === undefined ? FIRST_POSITION : lowestPosition(createdAfter)
  const high = createdBefore === undefined ? LAST_POSITION : lowestPosition(createdBefore) - 1n
  return {
    low: low < FIRST_POSITION ? FIRST_POSITION : low,
    high: high > LAST_POSITION ? LAST_POSITION : high,
  }
}

const INDEX = {
  trail: { column: 'e.trail', index: 'events_by_trail', table: 'trails t' },
  address: { column: 'e.address', index: 'events_by_address', table: 'addresses a' },
  resource: { column: 'e.resource', index: 'events_by_resource', table: 'resources r' },
} as const

export type Thing = keyof typeof INDEX

export const THINGS = ['trail', 'address', 'resource'] as const satisfies readonly Thing[]

/** The table that names it, with its alias. */
export function tableOf(thing: Thing): string {
  return INDEX[thing].table
}

/** Tests the conditions on an event `e` one by one, except on the thing it was found by. */
function tests(conditions: Conditions, foundBy: Thing | null): Sql {
  const tested = THINGS.filter(thing => thing !== foundBy)
  return join(
    [hasArrivedBy(conditions.arrivedBy), ...tested.map(thing => testOf(conditions, thing, null))],
    '',
  )
}

/** Tests an event `e` by its arrival number. */
export function hasArrivedBy(arrival: number | null): Sql {
  return arrival === null
    ? { text: '', values: [] }
    : { text: ' AND e.arrival <= ?', values: [arrival] }
}

/** Tests an event `e` by its thing's key, where all keys that match are at hand; or else by what it stands for. */
export function testOf(conditions: Conditions, thing: Thing, keys: readonly number[] | null): Sql {
  const condition = conditions[thing === 'trail' ? 'thisTrail' : thing]
  const { column, table } = INDEX[thing]
  if (condition === null) return { text: '', values: [] }
  if (keys !== null) {
    const values = [JSON.stringify(keys)]
    return { text: ` AND ${column} IN (SELECT value FROM json_each(?))`, values }
  }
  const found = `SELECT 1 FROM ${table} WHERE ${table.at(-1)}.key = ${column}`
  return { text: ` AND EXISTS (${found} AND ${condition.text})`, values: condition.values }
}

/** Of no filter. */
export const NO_CONDITIONS: Conditions = {
  trail: null,
  thisTrail: null,
  address: null,
  resource: null,
  arrivedBy: null,
}

/** Every event of these keys within the range, in no order. */
export function withKeys(thing: Thing, keys: readonly number[], range: Range): Sql {
  const { column, index } = INDEX[thing]
  return {
    text: `SELECT e.position, e.arrival FROM json_each(?) j CROSS JOIN events e INDEXED BY ${index}
      ON ${column} = j.value AND e.position BETWEEN ? AND ? WHERE 1`,
    values: [JSON.stringify(keys), range.low, range.high],
  }
}

/** The events with these arrival numbers. */
export function withArrivals(arrivals: readonly number[]): Sql {
  return {
    text: `SELECT e.position, e.arrival FROM json_each(?) j CROSS JOIN events e ON e.arrival = j.value`,
    values: [JSON.stringify(arrivals)],
  }
}

/** Positions and arrival numbers of events; and maybe where else the events themselves come in the same order. */
export interface Entries extends Sql {
  /** Between FROM and ORDER BY, with the events as `e`. */
  readonly rows?: { readonly from: string; readonly where: string }
}

/** All events of the Organization, by the index on the date, each tested. */
export function walk(organization: number, conditions: Conditions, range: Range): Entries {
  const rest = tests(conditions, null)
  const from = 'events e INDEXED BY events_by_date'
  const where = `e.organization = ? AND e.position BETWEEN ? AND ?${rest.text}`
  return {
    text: `SELECT e.position, e.arrival FROM ${from} WHERE ${where}`,
    rows: { from, where },
    values: [organization, range.low, range.high, ...rest.values],
  }
}

/** One index range a key; SQLite merges them as they come, so that only the page's own entries are read. */
export function merge(
  thing: Thing,
  keys: readonly number[],
  conditions: Conditions,
  range: Range,
): Sql {
  const { column, index } = INDEX[thing]
  const rest = tests(conditions, thing)
  const branch = `SELECT e.position, e.arrival FROM events e INDEXED BY ${index}
    WHERE ${column} = ? AND e.position BETWEEN ? AND ?${rest.text}`
  return join(
    keys.map(key => ({ text: branch, values: [key, range.low, range.high, ...rest.values] })),
    ' UNION ALL ',
  )
}

/** Only the first so many of these entries are looked at, in the direction of the index, and tested. */
export function first(
  entries: Sql,
  conditions: Conditions,
  foundBy: Thing | null,
  newestFirst: boolean,
  most: number,
): Sql {
  const rest = tests(conditions, foundBy)
  const looked = `(${entries.text} ORDER BY position ${newestFirst ? 'DESC' : 'ASC'} LIMIT ?)`
  const isTold = THINGS.every(thing => thing === foundBy || conditions[thing] === null)
  // An entry tells by itself when its event arrived. The position is the entry's: by the event's, all would be sorted.
  const [position, events] = isTold
    ? ['e.position', `${looked} e`]
    : ['seen.position', `${looked} seen CROSS JOIN events e ON e.arrival = seen.arrival`]
  return {
    text: `SELECT ${position} AS position, e.arrival FROM ${events} WHERE 1${rest.text}`,
    values: [...entries.values, most, ...rest.values],
  }
}

/** Every event of the thing within the range, through its index, in no order: for ranges known to hold few. */
export function gather(thing: Thing, conditions: Conditions, range: Range): Sql {
  const { column, index, table } = INDEX[thing]
  const condition = conditions[thing] ?? { text: '1', values: [] }
  const rest = tests(conditions, thing)
  const alias = table.at(-1)
  // What has no event within the range need not be looked up; of resources no dates are kept.
  const within: Sql =
    thing === 'resource'
      ? { text: '', values: [] }
      : {
          text: ` AND ${alias}.last_at >= ? AND ${alias}.first_at <= ?`,
          values: [instantOf(range.low), instantOf(range.high)],
        }
  return {
    text: `SELECT e.position, e.arrival FROM ${table} CROSS JOIN events e INDEXED BY ${index}
      ON ${column} = ${alias}.key AND e.position BETWEEN ? AND ?
      WHERE ${condition.text}${within.text}${rest.text}`,
    values: [range.low, range.high, ...condition.values, ...within.values, ...rest.values],
  }
}

/** What one row that `readPage` and `readById` read holds; IDs and the address by `asText`. */
export type EventRow = [
  createdAt: number,
  id: string,
  recordedAt: number,
  action: string,
  category: string,
  principalId: string,
  resourceId: string,
  address: string | null,
  userAgent: string | null,
  organization: number,
  trail: number,
  address: number,
]

/** The same of an event, with the keys of what is remembered of it. */
export type KeyRow = [
  createdAt: number,
  id: string,
  recordedAt: number,
  resourceId: string,
  trail: number,
  address: number,
]

const EVENT_COLUMNS = `e.position ${POSITION_TO_INSTANT}, hex(e.id), e.recorded_at, t.action, t.category,
  ${asText('p.id')}, ${asText('r.id')}, ${asText('a.address')}, u.text, e.organization, e.trail, e.address`

const EVENT_JOINS = `JOIN trails t ON t.key = e.trail
  JOIN principals p ON p.key = t.principal
  JOIN resources r ON r.key = e.resource
  LEFT JOIN addresses a ON a.key = e.address
  LEFT JOIN user_agents u ON u.key = t.user_agent`

/** The rows of the first `limit` entries that `found` yields, in the direction of the index. */
export function readPage(
  organization: number,
  found: Sql,
  newestFirst: boolean,
  limit: number,
): Sql {
  return {
    text: `SELECT ${EVENT_COLUMNS}
      FROM (${found.text} ORDER BY position ${newestFirst ? 'DESC' : 'ASC'} LIMIT ?) page
      CROSS JOIN events e ON e.arrival = page.arrival AND e.organization = ?
      ${EVENT_JOINS}`,
    values: [...found.values, limit, organization],
  }
}

/** As `readPage`, but that trails and addresses are left as keys. */
export function readKeys(
  organization: number,
  found: Entries,
  newestFirst: boolean,
  limit: number,
): Sql {
  const columns = `e.position ${POSITION_TO_INSTANT}, hex(e.id), e.recorded_at, ${asText('r.id')}, e.trail, e.address`
  const resources = 'CROSS JOIN resources r ON r.key = e.resource'
  const first = `ORDER BY position ${newestFirst ? 'DESC' : 'ASC'} LIMIT ?`
  // Looking up each event anew by its arrival number would cost a sixth of the page.
  if (found.rows !== undefined) {
    const { from, where } = found.rows
    return {
      text: `SELECT ${columns} FROM ${from} ${resources} WHERE ${where} ${first}`,
      values: [...found.values, limit],
    }
  }
  return {
    text: `SELECT ${columns} FROM (${found.text} ${first}) page
      CROSS JOIN events e ON e.arrival = page.arrival AND e.organization = ? ${resources}`,
    values: [...found.values, limit, organization],
  }
}

/** Events whose arrival numbers lie between the two, both included, in that order. */
export function readArrivals(
  organization: number,
  { first, last }: { readonly first: number; readonly last: number },
  conditions: Conditions,
  range: Range,
  limit: number,
): Sql {
  const rest = tests(conditions, null)
  return {
    text: `SELECT ${EVENT_COLUMNS} FROM (
        SELECT e.arrival FROM arrivals s
        CROSS JOIN events e NOT INDEXED ON e.arrival BETWEEN max(s.first, ?) AND min(s.last, ?)
        WHERE s.organization = ? AND s.first <= ? AND s.last >= ? AND e.organization = ?
          AND e.position BETWEEN ? AND ?${rest.text}
        ORDER BY s.first, e.arrival LIMIT ?) page
      CROSS JOIN events e ON e.arrival = page.arrival AND e.organization = ?
      ${EVENT_JOINS} ORDER BY e.arrival`,
    values: [
      ...[first, last, organization, last, first, organization, range.low, range.high],
      ...rest.values,
      ...[limit, organization],
    ],
  }
}

/** The first `limit` events behind a number of arrival, each row with its own number at the end. */
export function readArrived(organization: number, after: number, limit: number): Sql {
  return {
    text: `SELECT ${EVENT_COLUMNS}, e.arrival FROM (
        SELECT e.arrival FROM arrivals s
        CROSS JOIN events e NOT INDEXED ON e.arrival BETWEEN max(s.first, ?) AND s.last
        WHERE s.organization = ? AND e.organization = ? AND s.first >= coalesce(
          (SELECT max(first) FROM arrivals WHERE organization = ? AND first <= ?), 0)
        ORDER BY s.first, e.arrival LIMIT ?) page
      CROSS JOIN events e ON e.arrival = page.arrival AND e.organization = ?
      ${EVENT_JOINS} ORDER BY e.arrival`,
    values: [after + 1, organization, organization, organization, after + 1, limit, organization],
  }
}

/** Events by ID, in whichever of the two tables their IDs are. */
export function readById(organizations: readonly number[], ids: readonly Buffer[]): Sql {
  const within = join([oneOf('organization', organizations), oneOf('id', ids)], ' AND ')
  return {
    text: `SELECT ${EVENT_COLUMNS} FROM (
        SELECT organization, arrival FROM event_ids WHERE ${within.text}
        UNION ALL SELECT organization, arrival FROM new_event_ids WHERE ${within.text}) found
      CROSS JOIN events e ON e.arrival = found.arrival AND e.organization = found.organization
      ${EVENT_JOINS}`,
    values: [...within.values, ...within.values],
  }
}
