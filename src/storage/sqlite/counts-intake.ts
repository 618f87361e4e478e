// Keeps the lists of when events happened (counts-slots.ts) as events come in, whatever their dates: a late
// event opens the list of its span again.

import type { Instant } from '../../instant.ts'
import { readSlots, type Slot, slotOf, spanOf, writeSlots } from './counts-slots.ts'
import type { SqliteDatabase } from './database.ts'
import type { Bound } from './event-query.ts'

export interface DueTimes {
  /** `kind` is the key of the Organization, the action and the category, with \0 between. */
  count(trail: number, kind: string, createdAt: Instant): void
  /** Writes what was counted. Within the transaction of the events. */
  keep(db: SqliteDatabase): void
}

/** For the events of one transaction. */
export function dueTimes(): DueTimes {
  const trails: Times<number> = new Map()
  const kinds: Times<string> = new Map()
  return {
    count(trail, kind, createdAt) {
      const slot = slotOf(createdAt)
      countSlot(trails, trail, slot)
      countSlot(kinds, kind, slot)
    },
    keep(db) {
      for (const [trail, spans] of trails) keepSpans(db, TRAIL_TIMES, [trail], spans)
      for (const [kind, spans] of kinds) {
        const [organization = '', action = '', category = ''] = kind.split('\0')
        keepSpans(db, KIND_TIMES, [Number(organization), action, category], spans)
      }
    },
  }
}

/** By key and span, how many events in which slot. */
type Times<Key> = Map<Key, Map<number, Map<Slot, number>>>

function countSlot<Key>(times: Times<Key>, key: Key, slot: Slot): void {
  let spans = times.get(key)
  if (spans === undefined) {
    spans = new Map()
    times.set(key, spans)
  }
  const span = spanOf(slot)
  const slots = spans.get(span)
  if (slots === undefined) spans.set(span, new Map([[slot, 1]]))
  else slots.set(slot, (slots.get(slot) ?? 0) + 1)
}

const TRAIL_TIMES = statements('trail_times', ['trail'])
const KIND_TIMES = statements('kind_times', ['organization', 'action', 'category'])

function statements(table: string, key: readonly string[]) {
  const columns = [...key, 'span']
  return {
    seek: `SELECT slots FROM ${table} WHERE ${columns.map(name => `${name} = ?`).join(' AND ')}`,
    write: `INSERT INTO ${table} (events, slots, ${columns.join(', ')})
      VALUES (?, ?${', ?'.repeat(columns.length)})
      ON CONFLICT DO UPDATE SET events = events + excluded.events, slots = excluded.slots`,
  }
}

function keepSpans(
  db: SqliteDatabase,
  { seek, write }: ReturnType<typeof statements>,
  key: readonly Bound[],
  spans: ReadonlyMap<number, Map<Slot, number>>,
): void {
  for (const [span, slots] of spans) {
    let added = 0
    for (const events of slots.values()) added += events
    const [kept = ''] = db.row<[string]>({ text: seek, values: [...key, span] }) ?? []
    readSlots(kept, (slot, events) => slots.set(slot, (slots.get(slot) ?? 0) + events))
    db.run(write, added, writeSlots(slots), ...key, span)
  }
}
