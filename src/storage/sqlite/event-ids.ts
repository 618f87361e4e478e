// The IDs of all events, each once. New ones wait in a small table and move to the large one in the order of the IDs, a
// stretch of neighbours at a time: what goes into one page is written together. With ten million events that more than
// doubles how many are taken in a second.

import type { Dialect, Session } from '../database.ts'
import { sql } from '../drizzle.ts'

/** So many wait: about 28 MB. */
const MOST_WAITING = 1_000_000

/** A few more move than came, so that what other processes added moves as well. */
const MORE = 100

type Place = [organization: number, id: Buffer | string]

/** Before and behind every ID: text sorts before any bytes. */
const START: Place = [0, '']
const FINISH: Place = [Number.MAX_SAFE_INTEGER, '']

/** `given` and the like are the dialect's own. */
export function createEventIds(
  { given }: Pick<Dialect, 'given'>,
  mostWaiting = MOST_WAITING,
): Pick<Dialect, 'knownIds' | 'noteIds'> {
  /** About how many wait; `null`: to be counted. What was rolled back is in it until they are counted again. */
  let waiting: number | null = null
  /** Of the last that moved. */
  let end = START

  async function settle(session: Session, added: number): Promise<void> {
    if (waiting === null) {
      const [row] = await session.rows<[number]>(sql`SELECT count(*) FROM new_event_ids`)
      waiting = row?.[0] ?? 0
    } else waiting += added
    if (waiting <= mostWaiting) return
    const behind = sql`(organization, id) > (${end[0]}, ${end[1]})`
    const [last] = await session.rows<Place>(
      sql`SELECT organization, id FROM new_event_ids WHERE ${behind}
        ORDER BY organization, id LIMIT 1 OFFSET ${added + MORE}`,
    )
    const [organization, id] = last ?? FINISH
    const stretch = sql`${behind} AND (organization, id) <= (${organization}, ${id})`
    await session.run(
      sql`INSERT INTO event_ids SELECT organization, id, sequence FROM new_event_ids
        WHERE ${stretch} ORDER BY organization, id`,
    )
    waiting -= await session.run(sql`DELETE FROM new_event_ids WHERE ${stretch}`)
    end = last ?? START
    if (last === undefined) waiting = null
  }

  return {
    async knownIds(session, organization, ids) {
      const found = (table: string) =>
        sql`EXISTS (SELECT 1 FROM ${sql.raw(table)} i WHERE i.organization = ${organization} AND i.id = x.id)`
      const asked = given('x', [{ name: 'id', as: 'event-id', values: ids }])
      const rows = await session.rows<[place: number]>(
        sql`SELECT x.place FROM ${asked} WHERE ${found('event_ids')} OR ${found('new_event_ids')}`,
      )
      return new Set(rows.map(([place]) => ids[place] as string))
    },

    async noteIds(session, organization, events, first) {
      const ids = events.map(({ id }, place) => [id, first + place] as const)
      ids.sort(([a], [b]) => (a < b ? -1 : 1))
      const rows = given('x', [
        { name: 'id', as: 'event-id', values: ids.map(([id]) => id) },
        { name: 'sequence', as: 'number', values: ids.map(([, sequence]) => sequence) },
      ])
      await session.run(
        sql`INSERT INTO new_event_ids (organization, id, sequence)
          SELECT ${organization}, x.id, x.sequence FROM ${rows}`,
      )
      await settle(session, events.length)
    },
  }
}
