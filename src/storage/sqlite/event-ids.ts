// The IDs of all events, each once. New ones wait in a small table and move to the large one in the order of the IDs, a
// stretch of neighbours at a time: what goes into one page is written together. With ten million events that more than
// doubles how many are taken in a second.

import type { Dialect, OrganizationKey, Session } from '../database.ts'
import { type SQL, sql } from '../drizzle.ts'
import { insertRows } from './rows.ts'

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
  let anySettled = false
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
      const places = await placesIn(session, organization, ids, ['event_ids', 'new_event_ids'])
      return new Set(places.map(place => ids[place] as string))
    },

    async noteIds(session, organization, events, first) {
      const ids = events.map(({ id }) => id)
      // Another process may settle what this one added.
      anySettled ||= (await session.rows(sql`SELECT 1 FROM event_ids LIMIT 1`)).length > 0
      if (anySettled && (await placesIn(session, organization, ids, ['event_ids'])).length > 0) {
        return false
      }
      // In the order of the IDs: what goes into one page is written together.
      const places = sortedPlaces(ids)
      const added = await insertRows(
        session,
        sql`new_event_ids`,
        organization,
        [
          { name: 'id', as: 'event-id', values: places.map(place => ids[place] as string) },
          { name: 'sequence', as: 'number', values: places.map(place => first + place) },
        ],
        sql`ON CONFLICT DO NOTHING`,
      )
      if (added < ids.length) {
        await session.run(
          sql`DELETE FROM new_event_ids WHERE organization = ${organization} AND sequence >= ${first}
            AND id IN (SELECT x.id FROM ${givenIds(ids)})`,
        )
        return false
      }
      await settle(session, added)
      return true
    },
  }

  function givenIds(ids: readonly string[]): SQL {
    return given('x', [{ name: 'id', as: 'event-id', values: ids }])
  }

  async function placesIn(
    session: Session,
    organization: OrganizationKey,
    ids: readonly string[],
    tables: readonly string[],
  ): Promise<number[]> {
    const found = tables.map(
      table =>
        sql`EXISTS (SELECT 1 FROM ${sql.raw(table)} i WHERE i.organization = ${organization} AND i.id = x.id)`,
    )
    const rows = await session.rows<[place: number]>(
      sql`SELECT x.place FROM ${givenIds(ids)} WHERE ${sql.join(found, sql` OR `)}`,
    )
    return rows.map(([place]) => place)
  }
}

function sortedPlaces(ids: readonly string[]): number[] {
  const places = [...ids.keys()]
  return places.sort((a, b) => ((ids[a] as string) < (ids[b] as string) ? -1 : 1))
}
