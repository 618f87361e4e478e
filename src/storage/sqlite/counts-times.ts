// How many events match in each stretch of time: by the lists of slots (counts-lists.ts), and where an edge cuts a slot,
// as those of minutes do, by a look at its events.

import type { Instant } from '../../instant.ts'
import { POSITION_TO_INSTANT } from '../codec.ts'
import {
  eventsOf,
  kindLists,
  type ListedFilter,
  MOST_TRAILS,
  needsTrails,
  trailKeys,
} from './counts-lists.ts'
import {
  cutBy,
  placeOf,
  readSlots,
  type Slot,
  type Stretch,
  slotOf,
  spanOf,
  startOf,
} from './counts-slots.ts'
import type { SqliteDatabase } from './database.ts'
import { conditionsOf, oneOf, rangeOf, type Sql } from './event-query.ts'
import { inTurns, partsOf } from './turns.ts'

/**
 * Of so many slots all events are looked at for those that match: the dates of a filter cut no more. As many as edges
 * cut, as those of minutes do, are looked at by trail.
 */
const MOST_BY_DATE = 2

/** How many events match from each edge up to the next. */
export async function countTimes(
  db: SqliteDatabase,
  organization: number,
  filter: ListedFilter,
  edges: readonly Instant[],
): Promise<number[]> {
  const counts = edges.slice(1).map(() => 0)
  const [start = 0, end = start] = [edges[0], edges.at(-1)]
  const { createdAfter = start, createdBefore = end } = filter
  const [low, high] = [Math.max(start, createdAfter), Math.min(end, createdBefore)]
  if (low >= high) return counts
  const put = (place: number, events: number) => {
    counts[place] = (counts[place] ?? 0) + events
  }

  const [from, until] = [slotOf(low), slotOf(high)]
  const cut = cutBy([...edges, low, high])
  const parted = new Set<Slot>()
  const take = (lists: string) => {
    // Slots of a list come in order, so the place of one is at or behind that of the one before.
    let [place, before] = [0, 0]
    readSlots(lists, (slot, events) => {
      if (slot < from || slot > until) return
      if (cut.has(slot)) {
        parted.add(slot)
      } else if (slot < until) {
        place = placeOf(edges, startOf(slot), slot < before ? 0 : place)
        before = slot
        put(place, events)
      }
    })
  }

  const spans = [spanOf(from), spanOf(until)]
  const keys = needsTrails(filter) ? await trailKeys(db, organization, filter, null) : null
  if (keys !== null) {
    await inTurns(partsOf(keys, MOST_TRAILS), part => {
      const [lists] = db.row<[string | null]>({
        text: `SELECT group_concat(s.slots, ' ') FROM json_each(?) j
          CROSS JOIN trail_times s ON s.trail = j.value AND s.span BETWEEN ? AND ?`,
        values: [JSON.stringify(part), ...spans],
      }) ?? [null]
      take(lists ?? '')
    })
  } else {
    const { text, values } = kindLists(organization, filter)
    const lists = db.rows<[string]>({
      text: `SELECT s.slots FROM ${text} AND s.span BETWEEN ? AND ?`,
      values: [...values, ...spans],
    })
    await inTurns(lists, ([list]) => take(list))
  }

  const trails =
    keys !== null && parted.size > MOST_BY_DATE ? await trailsOfSlots(db, keys, parted) : null
  const { thisTrail } = conditionsOf(organization, filter)
  const eventsIn = (slot: Slot) => {
    const part = { from: Math.max(low, startOf(slot)), until: Math.min(high, startOf(slot + 1)) }
    if (trails !== null) return eventsOfTrails(trails.get(slot) ?? [], part)
    // Without a condition on trails the index alone tells all.
    if (thisTrail === null) return eventsByDate(organization, part)
    return eventsOf(organization, part, thisTrail)
  }
  await inTurns(parted, slot => {
    const found = eventsIn(slot)
    const instants = db.rows<[Instant]>({
      text: `SELECT e.position ${POSITION_TO_INSTANT} FROM ${found.text}`,
      values: found.values,
    })
    for (const [instant] of instants) put(placeOf(edges, instant, 0), 1)
  })
  return counts
}

/** Which of the trails have events in each of the slots. */
async function trailsOfSlots(
  db: SqliteDatabase,
  keys: readonly number[],
  slots: ReadonlySet<Slot>,
): Promise<ReadonlyMap<Slot, readonly number[]>> {
  const found = new Map<Slot, number[]>([...slots].map(slot => [slot, []]))
  const among = oneOf('s.span', [...new Set([...slots].map(spanOf))])
  await inTurns(partsOf(keys, MOST_TRAILS), part => {
    const lists = db.rows<[trail: number, slots: string]>({
      text: `SELECT s.trail, s.slots FROM json_each(?) j
        CROSS JOIN trail_times s ON s.trail = j.value AND ${among.text}`,
      values: [JSON.stringify(part), ...among.values],
    })
    for (const [trail, list] of lists) readSlots(list, slot => found.get(slot)?.push(trail))
  })
  return found
}

/** The events of a stretch, as `e`, where their trails are all that is asked for. */
function eventsOfTrails(trails: readonly number[], { from, until }: Stretch['rests'][number]): Sql {
  const { low, high } = rangeOf({ createdAfter: from, createdBefore: until })
  return {
    text: `json_each(?) j CROSS JOIN events e INDEXED BY events_by_trail
      ON e.trail = j.value AND e.position BETWEEN ? AND ?`,
    values: [JSON.stringify(trails), low, high],
  }
}

/** The events of a stretch, as `e`. */
function eventsByDate(organization: number, { from, until }: Stretch['rests'][number]): Sql {
  const { low, high } = rangeOf({ createdAfter: from, createdBefore: until })
  return {
    text: `events e INDEXED BY events_by_date
      WHERE e.organization = ? AND e.position BETWEEN ? AND ?`,
    values: [organization, low, high],
  }
}
