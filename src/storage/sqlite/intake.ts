// How SQLite takes events in. Rows are written by one statement for each table, prepared once and run for each: given as
// one list they would have to be read from JSON into a table of their own first.
//
// The IDs of all events are kept once each. New ones wait in a small table and move to the large one in the order of the
// IDs, a stretch of neighbours at a time: what goes into one page is written together. With ten million events that more
// than doubles how many are taken in a second.

import { encodeId } from '../codec.ts'
import type { Given, IntakeDialect, OrganizationKey, Session } from '../database.ts'
import { type SQL, sql } from '../drizzle.ts'
import type { SqliteSession } from './connection.ts'

/** `mostWaiting`: how many new IDs of events wait before they settle. */
export function createIntakeDialect(mostWaiting?: number): IntakeDialect {
  return {
    insertRows,
    updateRows,
    noteIds: createEventIds(mostWaiting),
    // A transaction that writes has the file to itself.
    forUpdate: sql``,
    async prepareFor() {},
    // Who follows the log looks for writes.
    async wake() {},
  }
}

const insertRows: IntakeDialect['insertRows'] = async (session, table, ...rows) => {
  const [organization, columns, conflict = sql``] = rows
  const names = sql.raw(columns.map(({ name }) => `"${name}"`).join(', '))
  const values = ['organization', ...columns.map(({ name }) => name)].map(name =>
    sql.placeholder(name),
  )
  return writeEach(session, `insert ${table}`, organization, columns, () => {
    return sql`INSERT INTO ${sql.raw(table)} (organization, ${names}) VALUES (${sql.join(values, sql`, `)}) ${conflict}`
  })
}

const updateRows: IntakeDialect['updateRows'] = async (session, table, ...rows) => {
  const [organization, columns, set] = rows
  const given = (name: string) => sql`${sql.placeholder(name)}`
  return writeEach(session, `update ${table}`, organization, columns, () => {
    return sql`UPDATE ${sql.raw(table)} AS t SET ${set(given)}
      WHERE t.organization = ${given('organization')} AND t.number = ${given('number')}`
  })
}

/** In a write, placeholders stand for the organization and for the columns. */
function writeEach(
  session: Session,
  name: string,
  organization: OrganizationKey,
  columns: readonly Given[],
  query: () => SQL,
): number {
  const encoded = columns.map(({ name, as, values }) => {
    const isId = as === 'id' || as === 'event-id'
    return [name, isId ? values.map(id => (id === null ? null : encodeId(id))) : values]
  })
  return (session as SqliteSession).each(name, query, organization, Object.fromEntries(encoded))
}

/** So many wait: about 28 MB. */
const MOST_WAITING = 1_000_000

/** A few more move than came, so that what other processes added moves as well. */
const MORE = 100

type Place = [organization: number, id: Buffer | string]

/** Before and behind every ID: text sorts before any bytes. */
const START: Place = [0, '']
const FINISH: Place = [Number.MAX_SAFE_INTEGER, '']

/** An ID is in one of the two tables. */
const NOTE = sql`INSERT INTO new_event_ids (organization, id, sequence)
  SELECT ${sql.placeholder('organization')}, ${sql.placeholder('id')}, ${sql.placeholder('sequence')}
  WHERE NOT EXISTS (SELECT 1 FROM event_ids i
    WHERE i.organization = ${sql.placeholder('organization')} AND i.id = ${sql.placeholder('id')})
  ON CONFLICT DO NOTHING`

const UNDO = sql`DELETE FROM new_event_ids WHERE organization = ${sql.placeholder('organization')}
  AND id = ${sql.placeholder('id')} AND sequence = ${sql.placeholder('sequence')}`

function createEventIds(mostWaiting = MOST_WAITING): IntakeDialect['noteIds'] {
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

  return async (session, organization, events, first) => {
    // In the order of the IDs: what goes into one page is written together.
    const ids = events.map(({ id }) => id)
    const places = [...ids.keys()].sort((a, b) =>
      (ids[a] as string) < (ids[b] as string) ? -1 : 1,
    )
    const rows: readonly Given[] = [
      { name: 'id', as: 'event-id', values: places.map(place => ids[place] as string) },
      { name: 'sequence', as: 'number', values: places.map(place => first + place) },
    ]
    const added = writeEach(session, 'note IDs', organization, rows, () => NOTE)
    if (added === events.length) {
      await settle(session, added)
      return true
    }
    if (added > 0) writeEach(session, 'undo IDs', organization, rows, () => UNDO)
    return false
  }
}
