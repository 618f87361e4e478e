// Keeps the lists of when events happened (counts-slots.ts) as events come in, whatever their dates: a late
// event opens the list of its span again.

import { mergeSlots, type Slot, SPAN } from './counts-slots.ts'
import type { SqliteDatabase } from './database.ts'
import type { Bound } from './event-query.ts'
import { ManyRows, manyTexts } from './many-rows.ts'
import type { Pairs } from './pairs.ts'

/** The slots of one thing within one span, ascending, with how many events each. */
interface Due {
  readonly thing: number
  readonly span: number
  readonly slots: Slot[]
  readonly counts: number[]
  events: number
}

/** Within the transaction of the events. */
export interface TimeLists {
  /**
   * Adds to the lists what happened: pairs of a thing and a slot, in any order; they are sorted. `columns` is the
   * key of a thing.
   */
  add(times: Pairs, columns: (thing: number) => readonly Bound[]): void
}

/** The lists of a table, whose key are these columns and the span. */
export function timeLists(db: SqliteDatabase, table: string, key: readonly string[]): TimeLists {
  const columns = [...key, 'span']
  const marks = columns.map(() => '?').join(',')
  const seek = manyTexts(
    `WITH asked (place, ${columns.join(', ')}) AS (VALUES`,
    `(?,${marks})`,
    `) SELECT place, slots FROM asked CROSS JOIN ${table} t ON
      ${columns.map(name => `t.${name} = asked.${name}`).join(' AND ')}`,
  )
  // Not one statement for both: one that may update many rows keeps a copy of each page it changes.
  const insert = manyTexts(
    `INSERT OR FAIL INTO ${table} (events, slots, ${columns.join(', ')}) VALUES`,
    `(?,?,${marks})`,
  )
  const update = `UPDATE OR FAIL ${table} SET events = events + ?, slots = ?
    WHERE ${columns.map(name => `${name} = ?`).join(' AND ')}`

  return {
    add(times, columns) {
      const dues = duesOf(times)
      const kept = new Map<number, string>()
      const asked = new ManyRows(seek, (text, values) => {
        for (const [place, slots] of db.rows<[number, string]>({ text, values })) {
          kept.set(place, slots)
        }
      })
      for (const [place, { thing, span }] of dues.entries()) {
        asked.value(place)
        for (const value of columns(thing)) asked.value(value)
        asked.value(span)
        asked.end()
      }
      asked.finish()
      const made = new ManyRows(insert, (text, values) => db.run(text, ...values))
      for (const [place, { thing, span, slots, counts, events }] of dues.entries()) {
        const list = kept.get(place)
        const merged = mergeSlots(list ?? '', slots, counts)
        if (list !== undefined) {
          db.run(update, events, merged, ...columns(thing), span)
          continue
        }
        made.value(events)
        made.value(merged)
        for (const value of columns(thing)) made.value(value)
        made.value(span)
        made.end()
      }
      made.finish()
    },
  }
}

function duesOf(times: Pairs): Due[] {
  times.sort()
  const dues: Due[] = []
  let due: Due | undefined
  let before = -1
  for (let at = 0; at < times.length; at++) {
    const thing = times.high(at)
    const slot = times.low(at)
    const span = Math.floor(slot / SPAN)
    if (due?.thing !== thing || due.span !== span) {
      due = { thing, span, slots: [], counts: [], events: 0 }
      dues.push(due)
      before = -1
    }
    due.events++
    if (slot === before) {
      ;(due.counts[due.counts.length - 1] as number)++
    } else {
      due.slots.push(slot)
      due.counts.push(1)
      before = slot
    }
  }
  return dues
}
