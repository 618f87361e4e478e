// Rows that are written many at a time: by one statement, prepared once and run for each. Given as one list they would
// have to be read from JSON into a table of their own first.

import { encodeId } from '../codec.ts'
import type { Dialect, Given } from '../database.ts'
import { sql } from '../drizzle.ts'
import type { SqliteSession } from './connection.ts'

export const insertRows: Dialect['insertRows'] = async (
  session,
  table,
  organization,
  columns,
  conflict,
) => {
  const names = columns.map(({ name }) => sql.raw(`"${name}"`))
  const values = columns.map((_, at) => sql.placeholder(`${at}`))
  const query = sql`INSERT INTO ${table} (organization, ${sql.join(names, sql`, `)})
    VALUES (${organization}, ${sql.join(values, sql`, `)}) ${conflict ?? sql``}`
  return (session as SqliteSession).each(query, rowsOf(columns))
}

export const updateRows: Dialect['updateRows'] = async (
  session,
  table,
  organization,
  columns,
  set,
) => {
  const given = (name: string) => {
    return sql`${sql.placeholder(`${columns.findIndex(column => column.name === name)}`)}`
  }
  const query = sql`UPDATE ${table} AS t SET ${set(given)}
    WHERE t.organization = ${organization} AND t.number = ${given('number')}`
  return (session as SqliteSession).each(query, rowsOf(columns))
}

function* rowsOf(columns: readonly Given[]): Generator<unknown[]> {
  const count = columns[0]?.values.length ?? 0
  for (let place = 0; place < count; place++) {
    yield columns.map(({ as, values }) => {
      const value = values[place] ?? null
      const isId = value !== null && (as === 'id' || as === 'event-id')
      return isId ? encodeId(value as string) : value
    })
  }
}
