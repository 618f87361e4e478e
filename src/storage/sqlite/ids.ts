// The IDs of all events, each once. New ones wait in a small table and move to the large one in the order of
// the IDs, a stretch of neighbours at a time: what goes into one page is written together. With ten million
// events that more than doubles how many are taken in a second.

import { decodeId } from '../codec.ts'
import type { SqliteDatabase } from './database.ts'
import { type Bound, oneOf } from './event-query.ts'

/** An event's ID and the arrival number it gets if it is new. */
export interface NewId {
  readonly organization: number
  readonly text: string
  readonly id: Buffer
  readonly arrival: number
}

export interface EventIds {
  /** Within a transaction: the arrival numbers of those that are new, and known from now on; of equal ones, the first. */
  add(ids: readonly NewId[]): Set<number>
  /** After a transaction was rolled back. */
  reset(): void
}

/** So many wait: about 28 MB. */
const MOST_WAITING = 1_000_000

const INSERT = `INSERT INTO new_event_ids (organization, id, arrival) VALUES (?, ?, ?)
  ON CONFLICT DO NOTHING`

/** So many IDs are asked for in one statement. */
const ASKED_AT_ONCE = 512

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

  /** Those in the large table, as `organization text`. */
  function settled(ids: readonly NewId[]): Set<string> {
    const found = new Set<string>()
    for (const [organization, own] of Map.groupBy(ids, ({ organization }) => organization)) {
      for (let from = 0; from < own.length; from += ASKED_AT_ONCE) {
        const asked = oneOf(
          'id',
          own.slice(from, from + ASKED_AT_ONCE).map(({ id }) => id),
        )
        for (const [id] of db.rows<[Buffer]>({
          text: `SELECT id FROM event_ids WHERE organization = ? AND ${asked.text}`,
          values: [organization, ...asked.values],
        })) {
          found.add(`${organization} ${decodeId(id)}`)
        }
      }
    }
    return found
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
      `INSERT INTO event_ids SELECT organization, id, arrival FROM new_event_ids
        WHERE ${STRETCH} ORDER BY organization, id`,
      ...stretch,
    )
    waiting -= db.run(`DELETE FROM new_event_ids WHERE ${STRETCH}`, ...stretch)
    anySettled = true
    end = last ?? START
  }

  return {
    add(ids) {
      // Another process may settle what this one added.
      anySettled ||= db.row({ text: 'SELECT 1 FROM event_ids LIMIT 1', values: [] }) !== null
      // In the order of the tables, so that each page is looked at once; the sort keeps equal ones in order.
      const sorted = ids.toSorted((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
      const known = anySettled ? settled(sorted) : NONE
      const added = new Set<number>()
      for (const { organization, text, id, arrival } of sorted) {
        if (known.size > 0 && known.has(`${organization} ${text}`)) continue
        if (db.run(INSERT, organization, id, arrival) > 0) added.add(arrival)
      }
      settle(added.size)
      return added
    },
    reset() {
      waiting = null
    },
  }
}

const NONE: ReadonlySet<string> = new Set()

/** Before and behind every ID: text sorts before any bytes. */
const START: readonly [Bound, Bound] = [0, '']
const FINISH: readonly [Bound, Bound] = [Number.MAX_SAFE_INTEGER, '']
