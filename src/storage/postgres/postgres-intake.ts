// How events are written to PostgreSQL: one statement for each table, with rows as arrays.

import type { IntakeDialect, OrganizationKey } from '../database.ts'
import { sql } from '../drizzle.ts'
import { writeGiven } from './given.ts'
import type { Partitions } from './partitions.ts'
import { wake } from './postgres-notices.ts'

/** Batches smaller than this gain nothing from it. */
const MANY = 1_000

export const createIntakeDialect = (
  partitions: Partitions,
  /** Whose last events were many and all new: the next ones probably are, too. */
  allNew = new Set<OrganizationKey>(),
): IntakeDialect => ({
  forUpdate: sql`FOR UPDATE`,
  wake,

  async prepareFor(dates) {
    partitions.require(dates)
  },

  async insertRows(session, table, organization, columns, conflict) {
    const names = (prefix: string) =>
      sql.raw(columns.map(({ name }) => `${prefix}"${name}"`).join(', '))
    const name = `${conflict ? 'add to' : 'insert'} ${table}`
    return writeGiven(session, name, organization, columns, (rows, organization) => {
      return sql`INSERT INTO ${sql.raw(table)} (organization, ${names('')}) SELECT o.key, ${names('x.')}
        FROM organizations o CROSS JOIN ${rows} WHERE o.key = ${organization} ${conflict ?? sql``}`
    })
  },

  async updateRows(session, table, organization, columns, set) {
    return writeGiven(session, `update ${table}`, organization, columns, (rows, organization) => {
      return sql`UPDATE ${sql.raw(table)} AS t SET ${set(name => sql.raw(`x.${name}`))} FROM ${rows}
        WHERE t.organization = ${organization} AND t.number = x.number`
    })
  },

  // Keeps event IDs unique, which an index on the partitioned table cannot do. Inserts in order of ID, so that
  // entries of the same index page are written together. Without ON CONFLICT it takes two thirds of the time; if an ID
  // is known after all, the transaction fails and runs again.
  async noteIds(session, organization, events, first) {
    const name = allNew.delete(organization) ? 'note new IDs' : 'note IDs'
    const added = await writeGiven(
      session,
      name,
      organization,
      [
        { name: 'id', as: 'event-id', values: events.map(({ id }) => id) },
        { name: 'sequence', as: 'number', values: events.map((_, place) => first + place) },
        { name: 'created_at', as: 'number', values: events.map(({ createdAt }) => createdAt) },
      ],
      (rows, organization) =>
        sql`INSERT INTO event_ids (organization, id, sequence, created_at)
          SELECT o.key, x.id, x.sequence, x.created_at FROM organizations o CROSS JOIN ${rows}
          WHERE o.key = ${organization} ORDER BY x.id
          ${name === 'note IDs' ? sql`ON CONFLICT (organization, id) DO NOTHING` : sql``}`,
    )
    if (added === events.length) {
      if (added >= MANY) allNew.add(organization)
      return true
    }
    await session.run(
      sql`DELETE FROM event_ids WHERE organization = ${organization} AND sequence >= ${first}`,
    )
    return false
  },
})
