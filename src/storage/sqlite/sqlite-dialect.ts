// The SQL that is specific to SQLite. Lists are bound as JSON, with IDs as text.

import { fileURLToPath } from 'node:url'
import { decodeId, encodeId, idOfText, isStoredAsBytes } from '../codec.ts'
import type { Dialect, Given, Reads } from '../database.ts'
import { type SQL, sql } from '../drizzle.ts'
import { oldEvents } from './old-events.ts'
import { isSqliteError } from './sqlite-failures.ts'
import { createIntakeDialect } from './sqlite-intake.ts'
import { stretchesOf, turnByTurn } from './sqlite-stretches.ts'
import { sqliteTables } from './sqlite-tables.ts'

/** `mostWaitingIds`: see sqlite-intake.ts. */
export function createSqliteDialect(mostWaitingIds?: number): Dialect {
  return { ...dialect, intake: createIntakeDialect(mostWaitingIds) }
}

const dialect: Omit<Dialect, 'intake'> = {
  tables: sqliteTables as Dialect['tables'],
  migrations: fileURLToPath(new URL('../../../drizzle/sqlite', import.meta.url)),
  hasTable: name => sql`EXISTS (SELECT 1 FROM sqlite_schema WHERE name = ${name})`,
  // A write transaction has exclusive use of the file.
  async lockTables() {},
  keyIsId: false,

  // `secure_delete` zeroes a deleted row's own bytes; copies left by page splits remain until their pages are freed.
  async rewriteDirectory(session) {
    for (const name of ['directory', 'names']) {
      const table = sql.raw(`main.${name}`)
      await session.run(sql`CREATE TEMP TABLE remaining AS SELECT * FROM ${table}`)
      await session.run(sql`DELETE FROM ${table}`)
      await session.run(
        sql`INSERT INTO ${table} SELECT * FROM temp.remaining ORDER BY organization, id`,
      )
      await session.run(sql`DROP TABLE temp.remaining`)
    }
  },

  // The limit keeps SQLite from parsing the list again for each row of another table, which it considers cheap.
  given(alias, columns) {
    const rows = columns[0]?.values.map((_, place) => columns.map(column => written(column, place)))
    const read = columns.map((column, at) => sql`${valueAt(column, at)} AS ${sql.raw(column.name)}`)
    return sql`(SELECT key AS place, ${sql.join(read, sql`, `)}
      FROM json_each(${JSON.stringify(rows ?? [])}) LIMIT -1) ${sql.raw(alias)}`
  },

  numberIn: isListed,
  textIn: isListed,
  organizationIn: isListed,

  idIn(column, ids) {
    const bytes = JSON.stringify(ids.filter(isStoredAsBytes))
    const texts = JSON.stringify(ids.filter(id => !isStoredAsBytes(id)))
    return sql`${column} IN (SELECT unhex(value, '-') FROM json_each(${bytes})
      UNION ALL SELECT value FROM json_each(${texts}))`
  },

  eventIdIn: (column, ids) =>
    sql`${column} IN (SELECT unhex(value, '-') FROM json_each(${JSON.stringify(ids)}))`,

  id: id => sql`${encodeId(id)}`,
  eventId: id => sql`unhex(${id}, '-')`,
  idFrom: stored => decodeId(stored as Buffer | string),

  // When many rows are read, creating Buffers would take most of the time.
  shortId: column => sql`iif(typeof(${column}) = 'blob', hex(${column}), ':' || ${column})`,
  shortEventId: column => sql`hex(${column})`,
  idFromShort: idOfText,
  idText:
    column => sql`CASE typeof(${column}) WHEN 'blob' THEN lower(substr(hex(${column}), 1, 8) || '-' ||
    substr(hex(${column}), 9, 4) || '-' || substr(hex(${column}), 13, 4) || '-' ||
    substr(hex(${column}), 17, 4) || '-' || substr(hex(${column}), 21)) ELSE ${column} END`,

  contains(column, part) {
    const literal = part.replace(/[\\%_]/g, character => `\\${character}`)
    return sql`${column} LIKE ${`%${literal}%`} ESCAPE '\\'`
  },

  series: index =>
    index === null
      ? sql`series s NOT INDEXED`
      : sql`series s INDEXED BY ${sql.raw(`series_by_${index}`)}`,

  events: index => sql`events e INDEXED BY ${sql.raw(`events_by_${index}`)}`,

  // With more, compiling the statement takes longer than collecting and sorting the rows.
  mostMerged: 4,

  // One index range per number; SQLite merges them while reading.
  merged(by, organization, numbers, condition, order, limit) {
    const branches = numbers.map(
      number => sql`SELECT e.* FROM events e INDEXED BY ${sql.raw(`events_by_${by}`)}
        WHERE e.organization = ${organization} AND ${sql.raw(`e.${by}`)} = ${number} AND ${condition}`,
    )
    return sql`(SELECT * FROM (${sql.join(branches, sql` UNION ALL `)}) e ${order} LIMIT ${limit}) e`
  },

  sequences: sql`events`,

  async byId(_: Reads, organizations, ids) {
    const uuids = JSON.stringify(ids.filter(isStoredAsBytes))
    const keys = JSON.stringify(organizations)
    const found = (table: 'event_ids' | 'new_event_ids') =>
      sql`SELECT i.organization, i.sequence FROM json_each(${keys}) o CROSS JOIN json_each(${uuids}) x
        CROSS JOIN ${sql.raw(table)} i ON i.organization = o.value AND i.id = unhex(x.value, '-')`
    const from = sql`(SELECT e.* FROM (${found('event_ids')} UNION ALL ${found('new_event_ids')}) found
      CROSS JOIN events e ON e.organization = found.organization AND e.sequence = found.sequence) e`
    return [{ from, organization: sql`e.organization` }]
  },

  async bySequence(_: Reads, organization, after, until) {
    return [
      sql`(SELECT * FROM events NOT INDEXED WHERE organization = ${organization}
        AND sequence > ${after} AND sequence <= ${until}) e`,
    ]
  },

  stretches: stretchesOf,
  turns: turnByTurn,
  atOnce: 20_000,
  mostCounted: 20_000,

  retention: oldEvents,

  ids: organization => sql`(SELECT id, sequence FROM event_ids WHERE organization = ${organization}
    UNION ALL SELECT id, sequence FROM new_event_ids WHERE organization = ${organization}) i`,
  async findDamage(reads) {
    const lines = await reads.rows<[string]>(sql`PRAGMA integrity_check`)
    return lines.map(([line]) => line).filter(line => line !== 'ok')
  },
  damageIn: error => (isSqliteError(error) ? error.message : null),
}

function isListed(column: SQL, values: readonly (string | number)[]): SQL {
  return sql`${column} IN (SELECT value FROM json_each(${JSON.stringify(values)}))`
}

/** The value in the JSON. */
function written({ as, values }: Given, place: number): unknown {
  const value = values[place] ?? null
  if (value === null) return null
  if (as === 'bytes') return Buffer.from(value as Uint8Array).toString('hex')
  // The colon distinguishes an ID that is stored as text from one that is stored as bytes.
  if (as === 'id' && !isStoredAsBytes(value as string)) return `:${value}`
  return value
}

function valueAt({ as }: Given, at: number): SQL {
  const value = sql.raw(`value ->> ${at}`)
  if (as === 'bytes') return sql`unhex(${value})`
  if (as === 'event-id') return sql`unhex(${value}, '-')`
  if (as === 'id')
    return sql`iif(substr(${value}, 1, 1) = ':', substr(${value}, 2), unhex(${value}, '-'))`
  return value
}
