// How SQLite ingests events. Each table has one statement, prepared once and run for many rows at a time: rows bound as
// one JSON list would first have to be parsed into a temporary table.
//
// The ID of each event is stored once. New IDs wait in a small table and move to the large one in ID order, a range of
// neighbours at a time, so that IDs of the same page are written together. With ten million events that more than
// doubles the number of events ingested per second.

import type { Given, IntakeDialect, Session } from '../database.ts'
import { type SQL, sql } from '../drizzle.ts'
import type { SqliteSession } from './sqlite-connection.ts'

/** `mostWaiting`: how many new event IDs wait before they move to the large table. */
export function createIntakeDialect(mostWaiting?: number): IntakeDialect {
  return {
    insertRows,
    updateRows,
    noteIds: createEventIds(mostWaiting),
    // A write transaction has exclusive use of the file.
    forUpdate: sql``,
    async prepareFor() {},
    // Waiting readers poll for writes.
    async wake() {},
  }
}

/** Rows per statement: the overhead of a call is as much as half of the work on one row. */
const AT_ONCE = 32

const placeholder = (name: string) => sql`${sql.placeholder(name)}`

/** The rows of a VALUES list, of placeholders with these names. */
function valuesOf(names: readonly string[], rows: number): SQL {
  const row = sql`(${sql.join(names.map(placeholder), sql`, `)})`
  return sql.join(new Array<SQL>(rows).fill(row), sql`, `)
}

// OR FAIL, because otherwise SQLite copies pages to be able to undo only the statement. The caller rolls back on
// failure.
const insertRows: IntakeDialect['insertRows'] = async (session, table, ...rows) => {
  const [organization, columns, conflict = sql``] = rows
  const names = ['organization', ...columns.map(({ name }) => name)]
  return eachOf(session)(`insert ${table}`, organization, columns, AT_ONCE, rows => {
    return sql`INSERT OR FAIL INTO ${sql.raw(table)} (${sql.raw(names.join(', '))})
      VALUES ${valuesOf(names, rows)} ${conflict}`
  })
}

const updateRows: IntakeDialect['updateRows'] = async (session, table, ...rows) => {
  const [organization, columns, set] = rows
  return eachOf(session)(`update ${table}`, organization, columns, 1, () => {
    return sql`UPDATE ${sql.raw(table)} AS t SET ${set(placeholder)}
      WHERE t.organization = ${placeholder('organization')} AND t.number = ${placeholder('number')}`
  })
}

const eachOf = (session: Session) => (session as SqliteSession).each

/** The default number of waiting IDs: about 28 MB. */
const MOST_WAITING = 1_000_000

/** How many more IDs move than were added, so that IDs that other processes added move as well. */
const MORE = 100

type Place = [organization: number, id: Buffer | string]

/** Before and after every ID: text sorts before any bytes. */
const START: Place = [0, '']
const FINISH: Place = [Number.MAX_SAFE_INTEGER, '']

/** Skips an ID that is in either table; no ID may be in both. */
const note = (rows: number) => sql`INSERT OR FAIL INTO new_event_ids (organization, id, sequence)
  SELECT ${placeholder('organization')}, column1, column2 FROM (VALUES ${valuesOf(['id', 'sequence'], rows)})
  WHERE NOT EXISTS (SELECT 1 FROM event_ids i
    WHERE i.organization = ${placeholder('organization')} AND i.id = column1)
  ON CONFLICT DO NOTHING`

const undo = () => sql`DELETE FROM new_event_ids WHERE organization = ${placeholder('organization')}
  AND id = ${placeholder('id')} AND sequence = ${placeholder('sequence')}`

function createEventIds(mostWaiting = MOST_WAITING): IntakeDialect['noteIds'] {
  /**
   * The approximate number of waiting IDs; `null`: must be counted. Includes IDs that were rolled back until the next
   * count.
   */
  let waiting: number | null = null
  /** The last ID that moved. */
  let end = START

  async function moveWaiting(session: Session, added: number): Promise<void> {
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

  return async (session, organization, events, first) => {
    // In ID order: IDs of the same page are written together.
    const ids = events.map(({ id }) => id)
    const places = [...ids.keys()].sort((a, b) =>
      (ids[a] as string) < (ids[b] as string) ? -1 : 1,
    )
    const rows: readonly Given[] = [
      { name: 'id', as: 'event-id', values: places.map(place => ids[place] as string) },
      { name: 'sequence', as: 'number', values: places.map(place => first + place) },
    ]
    const added = await eachOf(session)('note IDs', organization, rows, AT_ONCE, note)
    if (added === events.length) {
      await moveWaiting(session, added)
      return true
    }
    if (added > 0) await eachOf(session)('undo IDs', organization, rows, 1, undo)
    return false
  }
}
