// The IDs of all events, each once. New ones wait in a small table and move to the large one in the order of
// the IDs, a stretch of neighbours at a time: what goes into one page is written together. With ten million
// events that more than doubles how many are taken in a second.

import type { SqliteDatabase } from './database.ts'
import type { EventBatch } from './event-batch.ts'
import type { Bound } from './event-query.ts'
import { ManyRows, manyTexts } from './many-rows.ts'
import { Pairs } from './pairs.ts'

export interface EventIds {
  /**
   * Within a transaction: 1 at the place of each event that is new, and known from now on; of equal ones, the
   * first. The arrival numbers of the new ones are `first` and their place. `organizations` are the keys of the
   * batch's.
   */
  add(batch: EventBatch, organizations: readonly number[], first: number): Uint8Array
  /** After a transaction was rolled back. */
  reset(): void
}

/** So many wait: about 28 MB. */
const MOST_WAITING = 1_000_000

const INSERT = manyTexts(
  'INSERT OR FAIL INTO new_event_ids (organization, id, arrival) VALUES',
  '(?,?,?)',
  'ON CONFLICT DO NOTHING',
)

const SETTLED = asking('event_ids', '')

/** Those that have the arrival number they are asked with. */
const WAITING = asking('new_event_ids', 'AND i.arrival = number')

function asking(table: string, also: string) {
  return manyTexts(
    'WITH asked (organization, id, number) AS (VALUES',
    '(?,?,?)',
    `) SELECT number FROM asked CROSS JOIN ${table} i
      ON i.organization = asked.organization AND i.id = asked.id ${also}`,
  )
}

const STRETCH = '(organization, id) > (?, ?) AND (organization, id) <= (?, ?)'

export function createEventIds(db: SqliteDatabase, mostWaiting = MOST_WAITING): EventIds {
  let waiting: number | null = null
  let anySettled = false
  /** Where the last stretch ended: an Organization and an ID. */
  let end: readonly [Bound, Bound] = START

  function count(): number {
    const row = db.row<[number]>({ text: 'SELECT count(*) FROM new_event_ids', values: [] })
    return row?.[0] ?? 0
  }

  function settle(added: number): void {
    waiting = waiting === null ? count() : waiting + added
    if (waiting <= mostWaiting) return
    const last = db.row<[number, Buffer]>({
      text: `SELECT organization, id FROM new_event_ids WHERE (organization, id) > (?, ?)
        ORDER BY organization, id LIMIT 1 OFFSET ?`,
      // A few more than came, so that what other processes added moves as well.
      values: [...end, added + 100],
    })
    const stretch = [...end, ...(last ?? FINISH)]
    db.run(
      `INSERT OR FAIL INTO event_ids SELECT organization, id, arrival FROM new_event_ids
        WHERE ${STRETCH} ORDER BY organization, id`,
      ...stretch,
    )
    waiting -= db.run(`DELETE FROM new_event_ids WHERE ${STRETCH}`, ...stretch)
    anySettled = true
    end = last ?? START
  }

  return {
    add(batch, organizations, first) {
      // Another process may settle what this one added.
      anySettled ||= db.row({ text: 'SELECT 1 FROM event_ids LIMIT 1', values: [] }) !== null
      const sorted = sortedPlaces(batch)
      const known = new Uint8Array(batch.length)
      const put = (rows: ManyRows, place: number, number: number) => {
        rows.value(organizations[batch.organization[place] ?? 0] ?? 0)
        rows.bytes(batch.ids, 16 * place)
        rows.value(number)
        rows.end()
      }
      if (anySettled) {
        const asked = new ManyRows(SETTLED, (text, values) => {
          for (const [place] of db.rows<[number]>({ text, values })) known[place] = 1
        })
        for (const place of sorted) put(asked, place, place)
        asked.finish()
      }
      const left = anySettled ? sorted.filter(place => known[place] === 0) : sorted
      const isNew = new Uint8Array(batch.length)
      let added = 0
      const inserted = new ManyRows(INSERT, (text, values, from, rows) => {
        const changed = db.run(text, ...values)
        added += changed
        if (changed === rows) {
          for (const place of left.subarray(from, from + rows)) isNew[place] = 1
        } else if (changed > 0) {
          const text = WAITING.get(rows) ?? ''
          for (const [arrival] of db.rows<[number]>({ text, values })) isNew[arrival - first] = 1
        }
      })
      for (const place of left) put(inserted, place, first + place)
      inserted.finish()
      settle(added)
      return isNew
    },
    reset() {
      waiting = null
    },
  }
}

/** By Organization as they stand, then by ID, so that each page of the tables is looked at once; of equal IDs in their order. */
function sortedPlaces({ length, ids, organization }: EventBatch): Uint32Array {
  const places = new Uint32Array(length)
  for (let from = 0; from < length; ) {
    let until = from + 1
    while (until < length && organization[until] === organization[from]) until++
    // The first 32 bits of an ID tell apart enough: the order only saves time.
    const pairs = new Pairs(until - from)
    for (let place = from; place < until; place++) {
      pairs.set(place - from, firstBits(ids, 16 * place), place)
    }
    pairs.sort()
    for (let at = from; at < until; at++) places[at] = pairs.low(at - from)
    from = until
  }
  return places
}

function firstBits(ids: Uint8Array, at: number): number {
  const [first = 0, second = 0] = [ids[at], ids[at + 1]]
  const [third = 0, fourth = 0] = [ids[at + 2], ids[at + 3]]
  return ((first << 24) | (second << 16) | (third << 8) | fourth) >>> 0
}

/** Before and behind every ID: text sorts before any bytes. */
const START: readonly [Bound, Bound] = [0, '']
const FINISH: readonly [Bound, Bound] = [Number.MAX_SAFE_INTEGER, '']
