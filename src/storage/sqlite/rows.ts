// Rows that are written many at a time: by one statement, prepared once and run for each. Given as one list they would
// have to be read from JSON into a table of their own first.

import { encodeId } from '../codec.ts'
import type { Given, IntakeDialect, OrganizationKey, Session } from '../database.ts'
import { type SQL, sql } from '../drizzle.ts'
import type { SqliteSession } from './connection.ts'

export const insertRows: IntakeDialect['insertRows'] = async (session, table, ...rows) => {
  const [organization, columns, conflict = sql``] = rows
  const names = sql.raw(columns.map(({ name }) => `"${name}"`).join(', '))
  const values = ['organization', ...columns.map(({ name }) => name)].map(name =>
    sql.placeholder(name),
  )
  return writeEach(session, `insert ${table}`, organization, columns, () => {
    return sql`INSERT INTO ${sql.raw(table)} (organization, ${names}) VALUES (${sql.join(values, sql`, `)}) ${conflict}`
  })
}

export const updateRows: IntakeDialect['updateRows'] = async (session, table, ...rows) => {
  const [organization, columns, set] = rows
  const given = (name: string) => sql`${sql.placeholder(name)}`
  return writeEach(session, `update ${table}`, organization, columns, () => {
    return sql`UPDATE ${sql.raw(table)} AS t SET ${set(given)}
      WHERE t.organization = ${given('organization')} AND t.number = ${given('number')}`
  })
}

/** In a write, placeholders stand for the organization and for the columns. */
export function writeEach(
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
