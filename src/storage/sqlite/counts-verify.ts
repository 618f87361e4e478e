// Holds the lists of slots against the events they count.

import { formatInstant, type Instant } from '../../instant.ts'
import { POSITION_TO_INSTANT } from '../codec.ts'
import { readSlots, type Slot, slotOf, startOf } from './counts-slots.ts'
import type { SqliteDatabase } from './database.ts'
import { partsOf } from './turns.ts'

/** So many trails are held against their events at once. */
const AT_ONCE = 200

type Times = Map<Slot, number>

/** What is wrong with the lists, in words; one fault of each list. Reads all events. */
export function untrueTimes(db: SqliteDatabase): string[] {
  const organizations = db.rows<[number]>({ text: 'SELECT key FROM organizations', values: [] })
  const strays = db.row<[number]>({
    text: 'SELECT count(*) FROM trail_times WHERE trail NOT IN (SELECT key FROM trails)',
    values: [],
  })?.[0]
  return [
    ...(strays ? [`${strays} lists in trail_times are of no trail`] : []),
    ...organizations.flatMap(([key]) => untrueTimesOf(db, key)),
  ]
}

function untrueTimesOf(db: SqliteDatabase, organization: number): string[] {
  const faults: string[] = []
  const trails = db.rows<[key: number, kind: string]>({
    text: `SELECT key, action || ' ' || category FROM trails WHERE organization = ?`,
    values: [organization],
  })
  const kinds = new Map<string, Times>()
  for (const part of partsOf(trails, AT_ONCE)) {
    const keys = JSON.stringify(part.map(([key]) => key))
    const found = new Map(part.map(([key]) => [key, new Map() as Times]))
    const dates = db.rows<[trail: number, createdAt: Instant]>({
      text: `SELECT e.trail, e.position ${POSITION_TO_INSTANT} FROM json_each(?) j
        CROSS JOIN events e INDEXED BY events_by_trail ON e.trail = j.value`,
      values: [keys],
    })
    for (const [trail, createdAt] of dates) {
      const times = found.get(trail)
      const slot = slotOf(createdAt)
      times?.set(slot, (times.get(slot) ?? 0) + 1)
    }
    const lists = db.rows<[trail: number, events: number, slots: string]>({
      text: `SELECT s.trail, s.events, s.slots FROM json_each(?) j
        JOIN trail_times s ON s.trail = j.value`,
      values: [keys],
    })
    const said = Map.groupBy(lists, ([trail]) => trail)
    for (const [trail, kind] of part) {
      const times = found.get(trail) ?? new Map()
      const ours = (said.get(trail) ?? []).map(([, events, slots]) => [events, slots] as const)
      faults.push(...fault(`trail_times ${trail}`, ours, times))
      const all = kinds.get(kind) ?? new Map()
      for (const [slot, events] of times) all.set(slot, (all.get(slot) ?? 0) + events)
      kinds.set(kind, all)
    }
  }

  const lists = db.rows<[kind: string, events: number, slots: string]>({
    text: `SELECT action || ' ' || category, events, slots FROM kind_times WHERE organization = ?`,
    values: [organization],
  })
  const said = Map.groupBy(lists, ([kind]) => kind)
  for (const kind of new Set([...kinds.keys(), ...said.keys()])) {
    const ours = (said.get(kind) ?? []).map(([, events, slots]) => [events, slots] as const)
    faults.push(...fault(`kind_times ${organization} ${kind}`, ours, kinds.get(kind) ?? new Map()))
  }
  return faults
}

/** The first slot of which the lists say something else than there is; or a list that is not as long as it says. */
function fault(
  name: string,
  lists: readonly (readonly [events: number, slots: string])[],
  found: Times,
): string[] {
  const said: Times = new Map()
  for (const [events, slots] of lists) {
    let sum = 0
    readSlots(slots, (slot, events) => {
      said.set(slot, (said.get(slot) ?? 0) + events)
      sum += events
    })
    if (sum !== events) return [`${name}: a list of ${sum} events is said to have ${events}`]
  }
  for (const slot of new Set([...said.keys(), ...found.keys()])) {
    const [listed, there] = [said.get(slot) ?? 0, found.get(slot) ?? 0]
    if (listed === there) continue
    const when = formatInstant(startOf(slot))
    return [`${name}: said to have ${listed} events from ${when} on, but there are ${there}`]
  }
  return []
}
