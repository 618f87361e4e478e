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
import { inTurns, partsOf, turnByTurn } from './turns.ts'

/** So many events are looked at for figures that all come from one look; it takes about a tenth of a second, in turns. */
export const MOST_FOR_ALL = 20_000

/** So many where lists tell the other figures, and only addresses and user agents need a look. */
export const MOST_FOR_VALUES = 10_000

/** So many at once; that takes some milliseconds. */
const AT_ONCE = 1000

/** Where at least one event in so many may match, they are looked at in the order by date. */
const WALK_DENSITY = 4

export type LookedAt = [
  createdAt: Instant,
  principal: number,
  kind: string,
  address: number,
  userAgent: number,
]

export interface Look {
  /** From this instant on every event that matches is looked at, and none before; `null`: all are. */
  readonly since: Instant | null
  /**
   * With the keys of what they have, 0 where it is nothing; the action and the category with \0 between. Looked at
   * once, when first asked for.
   */
  events(): Promise<readonly LookedAt[]>
}

/** At `most` events, or fewer. */
export async function look(
  db: SqliteDatabase,
  organization: number,
  filter: EventFilter,
  most: number,
): Promise<Look> {
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
  const since = await beginOfLook(db, organization, conditions, thing, range, least.events, most)
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
  const conditions: Sql[] = [{ text: 'e.organization = ?', values: [organization] }]
  if (thisTrail !== null) conditions.push(thisTrail)
  if (address !== null) conditions.push(exists('addresses a', 'a.key = e.address', address))
  if (resource !== null) conditions.push(exists('resources r', 'r.key = e.resource', resource))
  const matching = join(conditions, ' AND ')
  const arrivals = db.rows<[number]>({ text: `SELECT arrival FROM (${text})`, values }).flat()
  const found: LookedAt[] = []
  await inTurns(partsOf(arrivals, AT_ONCE), part => {
    const rows = db.rows<LookedAt>({
      text: `SELECT e.position ${POSITION_TO_INSTANT}, t.principal,
          t.action || char(0) || t.category, e.address, t.user_agent
        FROM json_each(?) j CROSS JOIN events e ON e.arrival = j.value
        CROSS JOIN trails t ON t.key = e.trail WHERE ${matching.text}`,
      values: [JSON.stringify(part), ...matching.values],
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

/** The instant from which on there are about `most` events to look at, no more; `null` where all are so few. */
async function beginOfLook(
  db: SqliteDatabase,
  organization: number,
  conditions: Conditions,
  thing: Thing | null,
  range: Range,
  expected: number,
  most: number,
): Promise<Instant | null> {
  const othersFirst = turnByTurn()
  const [first, last] = [Number(instantOf(range.low)), Number(instantOf(range.high))]
  const isFew = async (from: Instant) => {
    await othersFirst()
    const part = { low: lowestPosition(from), high: range.high }
    const { text, values } = candidates(organization, conditions, thing, part)
    const [count] = db.row<[number]>({
      text: `SELECT count(*) FROM (SELECT 1 FROM (${text}) LIMIT ${most + 1})`,
      values,
    }) ?? [0]
    return count <= most
  }
  if (first > last || (await isFew(first))) return null
  let width = Math.floor(((last - first) * most) / Math.max(expected, most))
  while (width > 0 && !(await isFew(last - width))) width = Math.floor(width / 2)
  if (width === 0) return last + 1
  while (await isFew(last - 2 * width)) width *= 2
  return last - width
}
