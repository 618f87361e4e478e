// Keeps the lists of when events happened (counts-slots.ts) as events come in, whatever their dates: a late
// event opens the list of its span again.

import { mergeSlots, type Slot, SPAN } from './counts-slots.ts'
import type { SqliteDatabase } from './database.ts'
import type { Bound } from './event-query.ts'
import { ManyRows, manyTexts } from './many-rows.ts'

/** More than any slot, as a number's next digit. */
const SLOTS = 2 ** 25

/** When something happened, as one number: what it was, then the slot. Such numbers sort by both. */
export function timeOf(thing: number, slot: Slot): number {
  return thing * SLOTS + slot
}

/** The slots of one thing within one span, ascending, with how many events each. */
interface Due {
  readonly thing: number
  readonly span: number
  readonly slots: Slot[]
  readonly counts: number[]
  events: number
}

/** Adds to the lists of a table what happened. Within the transaction of the events. */
export interface TimeLists {
  /** `times` are by `timeOf`, in any order, and are sorted; `columns` is the key of a thing. */
  add(times: Float64Array, columns: (thing: number) => readonly Bound[]): void
}

export function timeLists(db: SqliteDatabase, table: string, key: readonly string[]): TimeLists {
  const columns = [...key, 'span']
  const marks = columns.map(() => '?').join(',')
  const seek = manyTexts(
    `WITH asked (place, ${columns.join(', ')}) AS (VALUES`,
    `(?,${marks})`,
    `) SELECT place, slots FROM asked CROSS JOIN ${table} t ON
      ${columns.map(name => `t.${name} = asked.${name}`).join(' AND ')}`,
  )
  const write = manyTexts(
    `INSERT INTO ${table} (events, slots, ${columns.join(', ')}) VALUES`,
    `(?,?,${marks})`,
    'ON CONFLICT DO UPDATE SET events = events + excluded.events, slots = excluded.slots',
  )

  return {
    add(times, columns) {
      const dues = duesOf(times.sort())
      const kept: string[] = []
      const asked = new ManyRows(seek, (text, values) => {
        for (const [place, slots] of db.rows<[number, string]>({ text, values })) {
          kept[place] = slots
        }
      })
      for (const [place, { thing, span }] of dues.entries()) {
        asked.value(place)
        for (const value of columns(thing)) asked.value(value)
        asked.value(span)
        asked.end()
      }
      asked.finish()
      const written = new ManyRows(write, (text, values) => db.run(text, ...values))
      for (const [place, { thing, span, slots, counts, events }] of dues.entries()) {
        written.value(events)
        written.value(mergeSlots(kept[place] ?? '', slots, counts))
        for (const value of columns(thing)) written.value(value)
        written.value(span)
        written.end()
      }
      written.finish()
    },
  }
}

function duesOf(sorted: Float64Array): Due[] {
  const dues: Due[] = []
  let due: Due | undefined
  let before = -1
  for (const time of sorted) {
    if (time === before && due !== undefined) {
      ;(due.counts[due.counts.length - 1] as number)++
      due.events++
      continue
    }
    before = time
    const thing = Math.floor(time / SLOTS)
    const slot = time - thing * SLOTS
    const span = Math.floor(slot / SPAN)
    if (due?.thing !== thing || due.span !== span) {
      due = { thing, span, slots: [], counts: [], events: 0 }
      dues.push(due)
    }
    due.slots.push(slot)
    due.counts.push(1)
    due.events++
  }
  return dues
}
