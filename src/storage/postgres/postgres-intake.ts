// How events are written to PostgreSQL: one statement for each table, with rows as arrays.

import type { IntakeDialect } from '../database.ts'
import { sql } from '../drizzle.ts'
import { writeGiven } from './given.ts'
import type { Partitions } from './partitions.ts'
import { wake } from './postgres-notices.ts'

export const createIntakeDialect = (partitions: Partitions): IntakeDialect => ({
  forUpdate: sql`FOR UPDATE`,
  wake,

  async prepareFor(dates) {
    partitions.require(dates)
  },

  async insertRows(session, table, organization, columns, conflict = sql``) {
    const names = (prefix: string) =>
      sql.raw(columns.map(({ name }) => `${prefix}"${name}"`).join(', '))
    return writeGiven(session, `insert ${table}`, organization, columns, (rows, organization) => {
      return sql`INSERT INTO ${sql.raw(table)} (organization, ${names('')}) SELECT o.key, ${names('x.')}
        FROM organizations o CROSS JOIN ${rows} WHERE o.key = ${organization} ${conflict}`
    })
  },

  async updateRows(session, table, organization, columns, set) {
    return writeGiven(session, `update ${table}`, organization, columns, (rows, organization) => {
      return sql`UPDATE ${sql.raw(table)} AS t SET ${set(name => sql.raw(`x.${name}`))} FROM ${rows}
        WHERE t.organization = ${organization} AND t.number = x.number`
    })
  },

  // Keeps event IDs unique, which an index on the partitioned table cannot do. Inserts in order of ID, so that
  // entries of the same index page are written together.
  async noteIds(session, organization, events, first) {
    const added = await writeGiven(
      session,
      'note IDs',
      organization,
      [
        { name: 'id', as: 'event-id', values: events.map(({ id }) => id) },
        { name: 'sequence', as: 'number', values: events.map((_, place) => first + place) },
        { name: 'created_at', as: 'number', values: events.map(({ createdAt }) => createdAt) },
      ],
      (rows, organization) =>
        sql`INSERT INTO event_ids (organization, id, sequence, created_at)
          SELECT o.key, x.id, x.sequence, x.created_at FROM organizations o CROSS JOIN ${rows}
          WHERE o.key = ${organization} ORDER BY x.id ON CONFLICT (organization, id) DO NOTHING`,
    )
    if (added === events.length) return true
    await session.run(
      sql`DELETE FROM event_ids WHERE organization = ${organization} AND sequence >= ${first}`,
    )
    return false
  },
})
