// What the lists of slots tell: how many events match, of each kind or principal (counts-times.ts: in each stretch of
// time). By kind there are few lists, and long ones; by trail many short ones, which are read in turns. Between turns events
// may arrive; as none ever goes or changes, each that was there is counted once, and none twice.

import type { EventFilter } from '../../event.ts'
import { readSlots, SPAN, type Stretch, spanOf, stretchOf } from './counts-slots.ts'
import type { SqliteDatabase } from './database.ts'
import {
  type Bound,
  conditionsOf,
  join,
  kindConditions,
  oneOf,
  rangeOf,
  type Sql,
} from './event-query.ts'
import { inTurns, partsOf } from './turns.ts'

/** So many trails are read at once; that takes some milliseconds. */
export const MOST_TRAILS = 1000

/** So many keys of trails are read at once; that takes as long. */
const MOST_KEYS = 5000

/** A filter of which the lists tell everything. */
export type ListedFilter = Omit<EventFilter, 'addresses' | 'resourceIds'>

/** How many events match, by kind: its action and category with \0 between. */
export type KindSums = ReadonlyMap<string, number>

export async function sumKinds(
  db: SqliteDatabase,
  organization: number,
  filter: ListedFilter,
): Promise<KindSums> {
  if (isNever(filter)) return new Map()
  if (!needsTrails(filter)) return sumKindLists(db, organization, filter)
  const keys = await trailKeys(db, organization, filter, null)
  return sumTrails(db, organization, filter, keys, `t.action || char(0) || t.category`)
}

/** How many events match, by the key of the principal. */
export async function sumPrincipals(
  db: SqliteDatabase,
  organization: number,
  filter: ListedFilter,
): Promise<ReadonlyMap<number, number>> {
  if (isNever(filter)) return new Map()
  if (needsTrails(filter) || filter.actions !== undefined || filter.categories !== undefined) {
    const keys = await trailKeys(db, organization, filter, null)
    return sumTrails(db, organization, filter, keys, 't.principal')
  }
  // Whoever acted only within the dates needs no look at trails.
  const { createdAfter = Number.MIN_SAFE_INTEGER, createdBefore = Number.MAX_SAFE_INTEGER } = filter
  const tallies = db.rows<[principal: number, events: number]>({
    text: 'SELECT key, events FROM principals WHERE organization = ? AND events > 0 AND first_at >= ? AND last_at < ?',
    values: [organization, createdAfter, createdBefore],
  })
  const keys = await trailKeys(db, organization, filter, {
    text: `+t.principal IN (SELECT key FROM principals WHERE organization = ?
      AND last_at >= ? AND first_at < ? AND NOT (first_at >= ? AND last_at < ?))`,
    values: [organization, createdAfter, createdBefore, createdAfter, createdBefore],
  })
  const sums = await sumTrails<number>(db, organization, filter, keys, 't.principal')
  // Who acted at other times as well meanwhile is in both: what the tally told is all that was there before.
  return new Map([...sums, ...tallies])
}

/** Nothing lies between the dates. */
function isNever({ createdAfter, createdBefore }: ListedFilter): boolean {
  return createdAfter !== undefined && createdBefore !== undefined && createdAfter >= createdBefore
}

/** Whether the filter asks for more than kinds and dates. */
export function needsTrails({ principalIds, userAgent }: ListedFilter): boolean {
  return principalIds !== undefined || userAgent !== undefined
}

export function kindLists(organization: number, { actions, categories }: ListedFilter): Sql {
  const ours = { text: 's.organization = ?', values: [organization] }
  const { text, values } = join([ours, ...kindConditions('s', actions, categories)], ' AND ')
  return { text: `kind_times s WHERE ${text}`, values }
}

function sumKindLists(db: SqliteDatabase, organization: number, filter: ListedFilter): KindSums {
  const sums = new Map<string, number>()
  const { text, values } = kindLists(organization, filter)
  const { from, until, rests } = stretchOf(filter)
  const spans = spansOf({ from, until })
  const kind = (alias: string) => `${alias}.action || char(0) || ${alias}.category`
  const read = () => {
    const whole = db.rows<[string, number]>({
      text: `SELECT ${kind('s')}, sum(s.events) FROM ${text} AND s.span >= ? AND s.span < ? GROUP BY 1`,
      values: [...values, ...spans.whole],
    })
    for (const [name, events] of whole) add(sums, name, events)
    if (spans.cut.length > 0) {
      const among = oneOf('s.span', spans.cut)
      const parts = db.rows<[string, string]>({
        text: `SELECT ${kind('s')}, s.slots FROM ${text} AND ${among.text}`,
        values: [...values, ...among.values],
      })
      for (const [name, list] of parts) add(sums, name, eventsWithin(list, { from, until }))
    }
    for (const rest of rests) {
      const found = eventsOf(organization, rest, conditionsOf(organization, filter).thisTrail)
      const some = db.rows<[string, number]>({
        text: `SELECT ${kind('t')}, count(*) FROM ${found.text} GROUP BY 1`,
        values: found.values,
      })
      for (const [name, events] of some) add(sums, name, events)
    }
  }
  db.client.transaction(read).deferred()
  return sums
}

/** The keys, ascending, of all trails that match but for the dates; `more` is a further condition on `t`. */
export async function trailKeys(
  db: SqliteDatabase,
  organization: number,
  filter: ListedFilter,
  more: Sql | null,
): Promise<number[]> {
  const { trail, thisTrail } = conditionsOf(organization, filter)
  const read = (from: string, conditions: readonly (Sql | null)[]) => {
    const ours = { text: 't.organization = ?', values: [organization] }
    const all = join([ours, ...[...conditions, more].filter(one => one !== null)], ' AND ')
    const [keys] = db.row<[string]>({
      text: `SELECT json_group_array(key) FROM
        (SELECT t.key FROM trails t ${from} WHERE ${all.text} LIMIT ${MOST_KEYS + 1})`,
      values: all.values,
    }) ?? ['[]']
    return JSON.parse(keys) as number[]
  }
  let keys = read('', [trail])
  if (keys.length > MOST_KEYS) {
    // As many cannot be asked for at once: all trails are gone through, in the order of their index.
    keys = []
    await inTurns(trailParts(db, organization), part => {
      for (const key of read('INDEXED BY trails_by_principal', [part, thisTrail])) keys.push(key)
    })
  }
  return [...Float64Array.from(keys).sort()]
}

/** Conditions that part an Organization's trails, so that each part has at most `MOST_KEYS`. */
function* trailParts(db: SqliteDatabase, organization: number): Generator<Sql> {
  const columns = 'principal, user_agent, action, category'
  const place = '(t.principal, t.user_agent, t.action, t.category)'
  for (let from: Bound[] = [0, 0, '', '']; ; ) {
    const until = db.row<Bound[]>({
      text: `SELECT ${columns} FROM trails t INDEXED BY trails_by_principal
        WHERE organization = ? AND ${place} > (?, ?, ?, ?)
        ORDER BY ${columns} LIMIT 1 OFFSET ${MOST_KEYS - 1}`,
      values: [organization, ...from],
    })
    const after = { text: `${place} > (?, ?, ?, ?)`, values: from }
    if (until === null) return yield after
    yield join([after, { text: `${place} <= (?, ?, ?, ?)`, values: until }], ' AND ')
    from = until
  }
}

/** How many of the trails' events lie within the dates, by a column of theirs. */
async function sumTrails<Group extends string | number>(
  db: SqliteDatabase,
  organization: number,
  filter: ListedFilter,
  keys: readonly number[],
  group: string,
): Promise<Map<Group, number>> {
  const { createdAfter = Number.MIN_SAFE_INTEGER, createdBefore = Number.MAX_SAFE_INTEGER } = filter
  const dates = [createdAfter, createdBefore]
  const sums = new Map<Group, number>()
  /** The trails that a date cuts through; the tallies of the others tell enough. */
  const cut = new Map<number, Group>()
  await inTurns(partsOf(keys, MOST_TRAILS), part => {
    const rows = db.rows<[Group, whole: number, cut: string]>({
      text: `SELECT ${group}, total(iif(t.first_at >= ? AND t.last_at < ?, t.events, 0)),
          json_group_array(t.key) FILTER (WHERE NOT (t.first_at >= ? AND t.last_at < ?))
        FROM json_each(?) j CROSS JOIN trails t ON t.key = j.value AND t.organization = ?
        WHERE t.last_at >= ? AND t.first_at < ? GROUP BY 1`,
      values: [...dates, ...dates, JSON.stringify(part), organization, ...dates],
    })
    for (const [name, whole, some] of rows) {
      add(sums, name, whole)
      for (const key of JSON.parse(some)) cut.set(key, name)
    }
  })
  if (cut.size === 0) return sums

  const addTo = (trail: number, events: number) => {
    const name = cut.get(trail)
    if (name !== undefined) add(sums, name, events)
  }
  const { from, until, rests } = stretchOf(filter)
  const spans = spansOf({ from, until })
  await inTurns(partsOf([...cut.keys()], MOST_TRAILS), part => {
    const trails = JSON.stringify(part)
    const whole = db.rows<[number, number]>({
      text: `SELECT s.trail, sum(s.events) FROM json_each(?) j
        CROSS JOIN trail_times s ON s.trail = j.value AND s.span >= ? AND s.span < ? GROUP BY 1`,
      values: [trails, ...spans.whole],
    })
    for (const [trail, events] of whole) addTo(trail, events)
    if (spans.cut.length === 0) return
    const among = oneOf('s.span', spans.cut)
    const lists = db.rows<[number, string]>({
      text: `SELECT s.trail, s.slots FROM json_each(?) j
        CROSS JOIN trail_times s ON s.trail = j.value AND ${among.text}`,
      values: [trails, ...among.values],
    })
    for (const [trail, list] of lists) addTo(trail, eventsWithin(list, { from, until }))
  })
  await inTurns(rests, rest => {
    const found = eventsOf(organization, rest, null)
    const some = db.rows<[number, number]>({
      text: `SELECT e.trail, count(*) FROM ${found.text} GROUP BY 1`,
      values: found.values,
    })
    for (const [trail, events] of some) addTo(trail, events)
  })
  return sums
}

/** The spans that lie whole between the slots; and those, two at most, that a slot cuts. */
function spansOf({ from, until }: Pick<Stretch, 'from' | 'until'>) {
  return {
    whole: [Math.ceil(from / SPAN), spanOf(until)],
    cut: [from, until].filter(slot => slot % SPAN !== 0).map(spanOf),
  }
}

function eventsWithin(list: string, { from, until }: Pick<Stretch, 'from' | 'until'>): number {
  let sum = 0
  readSlots(list, (slot, events) => {
    if (slot >= from && slot < until) sum += events
  })
  return sum
}

/** The events of a stretch, as `e`, with their trails as `t`. */
export function eventsOf(
  organization: number,
  { from, until }: Stretch['rests'][number],
  thisTrail: Sql | null,
): Sql {
  const { low, high } = rangeOf({ createdAfter: from, createdBefore: until })
  return {
    text: `events e INDEXED BY events_by_date CROSS JOIN trails t ON t.key = e.trail
      WHERE e.organization = ? AND e.position BETWEEN ? AND ?${thisTrail === null ? '' : ` AND ${thisTrail.text}`}`,
    values: [organization, low, high, ...(thisTrail?.values ?? [])],
  }
}

function add<Key>(sums: Map<Key, number>, key: Key, events: number): void {
  if (events > 0) sums.set(key, (sums.get(key) ?? 0) + events)
}
