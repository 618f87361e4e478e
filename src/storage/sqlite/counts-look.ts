// Figures that no list tells, by looking at events: at all that match where they are few, and otherwise at the
// newest, as many as can be looked at while others wait.

import type { EventFilter } from '../../event.ts'
import type { Instant } from '../../instant.ts'
import { instantOf, lowestPosition, POSITION_TO_INSTANT } from '../codec.ts'
import type { SqliteDatabase } from './database.ts'
import {
  type Conditions,
  conditionsOf,
  gather,
  join,
  type Range,
  rangeOf,
  type Sql,
  type Thing,
  walk,
} from './event-query.ts'
import { smallest, tallyAll, tallySimple } from './event-tallies.ts'
import { inTurns, partsOf } from './turns.ts'

/** So many events are looked at; it takes about a tenth of a second, in turns. */
const MOST = 20_000

/** So many at once; that takes some milliseconds. */
const AT_ONCE = 1000

/** Where at least one event in so many may match, they are looked at in the order by date. */
const WALK_DENSITY = 4

type LookedAt = [createdAt: Instant, principal: number, kind: string]

export interface Look {
  /** From this instant on every event that matches is looked at, and none before; `null`: all are. */
  readonly since: Instant | null
  /** With the key of the principal, and the action and the category with \0 between. Looked at once, when first asked for. */
  events(): Promise<readonly LookedAt[]>
}

export function look(db: SqliteDatabase, organization: number, filter: EventFilter): Look {
  const conditions = conditionsOf(organization, filter)
  const simple = tallySimple(db, organization, filter)
  const least = smallest(tallyAll(db, conditions, simple))
  if (least === null) return { since: null, events: async () => [] }
  const isCommon = least.events * WALK_DENSITY >= simple.whole.events
  const thing = isCommon ? null : least.thing
  const asked = rangeOf(filter)
  const dated = rangeOf({ createdAfter: least.firstAt, createdBefore: least.lastAt + 1 })
  const range = {
    low: asked.low > dated.low ? asked.low : dated.low,
    high: asked.high < dated.high ? asked.high : dated.high,
  }
  const since = beginOfLook(db, organization, conditions, thing, range, least.events)
  const part = since === null ? range : { low: lowestPosition(since), high: range.high }
  let events: Promise<readonly LookedAt[]> | undefined
  return {
    since,
    events() {
      events ??= lookAt(
        db,
        organization,
        candidates(organization, conditions, thing, part),
        conditions,
      )
      return events
    },
  }
}

/** Those of the candidates that match. */
async function lookAt(
  db: SqliteDatabase,
  organization: number,
  { text, values }: Sql,
  { thisTrail, address, resource }: Conditions,
): Promise<LookedAt[]> {
  const conditions: Sql[] = []
  if (thisTrail !== null) conditions.push(thisTrail)
  if (address !== null) conditions.push(exists('addresses a', 'a.key = e.address', address))
  if (resource !== null) conditions.push(exists('resources r', 'r.key = e.resource', resource))
  const matching = join(conditions, ' AND ')
  const arrivals = db.rows<[number]>({ text: `SELECT arrival FROM (${text})`, values }).flat()
  const found: LookedAt[] = []
  await inTurns(partsOf(arrivals, AT_ONCE), part => {
    const rows = db.rows<LookedAt>({
      text: `SELECT e.position ${POSITION_TO_INSTANT}, t.principal, t.action || char(0) || t.category
        FROM json_each(?) j CROSS JOIN events e ON e.arrival = j.value AND e.organization = ?
        CROSS JOIN trails t ON t.key = e.trail WHERE ${matching.text}`,
      values: [JSON.stringify(part), organization, ...matching.values],
    })
    found.push(...rows)
  })
  return found
}

function exists(table: string, on: string, { text, values }: Sql): Sql {
  return { text: `EXISTS (SELECT 1 FROM ${table} WHERE ${on} AND ${text})`, values }
}

/** Events that may match, by the index that has the fewest: nothing but the index is read. */
function candidates(
  organization: number,
  conditions: Conditions,
  thing: Thing | null,
  range: Range,
): Sql {
  const none = { trail: null, thisTrail: null, address: null, resource: null, arrivedBy: null }
  return thing === null
    ? walk(organization, none, range)
    : gather(thing, { ...none, [thing]: conditions[thing] }, range)
}

/** The instant from which on there are about `MOST` events to look at, no more; `null` where all are so few. */
function beginOfLook(
  db: SqliteDatabase,
  organization: number,
  conditions: Conditions,
  thing: Thing | null,
  range: Range,
  expected: number,
): Instant | null {
  const [first, last] = [Number(instantOf(range.low)), Number(instantOf(range.high))]
  const isFew = (from: Instant) => {
    const part = { low: lowestPosition(from), high: range.high }
    const { text, values } = candidates(organization, conditions, thing, part)
    const [count] = db.row<[number]>({
      text: `SELECT count(*) FROM (SELECT 1 FROM (${text}) LIMIT ${MOST + 1})`,
      values,
    }) ?? [0]
    return count <= MOST
  }
  if (first > last || isFew(first)) return null
  let width = Math.floor(((last - first) * MOST) / Math.max(expected, MOST))
  while (width > 0 && !isFew(last - width)) width = Math.floor(width / 2)
  if (width === 0) return last + 1
  while (isFew(last - 2 * width)) width *= 2
  return last - width
}
