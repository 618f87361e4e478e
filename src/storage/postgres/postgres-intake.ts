// How events are written to PostgreSQL: one statement for each table, with rows as arrays, one for each column.

import type { Given, IntakeDialect, Kind } from '../database.ts'
import { type SQL, sql } from '../drizzle.ts'
import type { Partitions } from './partitions.ts'

/** The channel of notifications of new events. */
export const CHANNEL = 'iam_logs_arrivals'

export const createIntakeDialect = (partitions: Partitions): IntakeDialect => ({
  forUpdate: sql`FOR UPDATE`,

  // Names no table, so that a Citus coordinator, to which the listeners are connected, runs it itself.
  async wake(session) {
    await session.run(sql`SELECT pg_notify(${CHANNEL}, '')`)
  },

  async prepareFor(dates) {
    partitions.require(dates)
  },

  async insertRows(session, table, organization, columns, conflict = sql``) {
    const names = (prefix: string) =>
      sql.raw(columns.map(({ name }) => `${prefix}"${name}"`).join(', '))
    return session.run(
      sql`INSERT INTO ${sql.raw(table)} (organization, ${names('')}) SELECT o.key, ${names('x.')}
        FROM organizations o CROSS JOIN (SELECT ${unfolded(columns)}) x WHERE o.key = ${organization} ${conflict}`,
    )
  },

  async updateRows(session, table, organization, columns, set) {
    return session.run(
      sql`UPDATE ${sql.raw(table)} AS t SET ${set(name => sql.raw(`x.${name}`))}
        FROM (SELECT ${unfolded(columns)}) x WHERE t.organization = ${organization} AND t.number = x.number`,
    )
  },

  // Keeps event IDs unique, which an index on the partitioned table cannot do. Inserts in order of ID, so that
  // entries of the same index page are written together.
  async noteIds(session, organization, events, first) {
    const ids = unfolded([
      { name: 'id', as: 'event-id', values: events.map(({ id }) => id) },
      { name: 'sequence', as: 'number', values: events.map((_, place) => first + place) },
      { name: 'created_at', as: 'number', values: events.map(({ createdAt }) => createdAt) },
    ])
    const added = await session.run(
      sql`INSERT INTO event_ids (organization, id, sequence, created_at)
        SELECT o.key, x.id, x.sequence, x.created_at FROM organizations o CROSS JOIN (SELECT ${ids}) x
        WHERE o.key = ${organization} ORDER BY x.id ON CONFLICT (organization, id) DO NOTHING`,
    )
    if (added === events.length) return true
    await session.run(
      sql`DELETE FROM event_ids WHERE organization = ${organization} AND sequence >= ${first}`,
    )
    return false
  },
})

/** The types of elements of arrays. */
export const ELEMENT: Readonly<Record<Kind, string>> = {
  number: 'bigint',
  text: 'text',
  id: 'text',
  'event-id': 'uuid',
  bytes: 'text',
  organization: 'uuid',
}

/** See `Dialect.given`. */
export function given(alias: string, columns: readonly Given[]): SQL {
  const last = (columns[0]?.values.length ?? 0) - 1
  return sql`(SELECT generate_series(0, ${last}::int) AS place, ${unfolded(columns)}) ${sql.raw(alias)}`
}

/** `unnest` in the SELECT list is three times as fast as in FROM. */
function unfolded(columns: readonly Given[]): SQL {
  const read = columns.map(column => {
    const list = sql`unnest(${sql.param(listOf(column))}::${sql.raw(ELEMENT[column.as])}[])`
    return sql`${column.as === 'bytes' ? sql`decode(${list}, 'hex')` : list} AS ${sql.raw(column.name)}`
  })
  return sql.join(read, sql`, `)
}

/** A PostgreSQL array literal. Faster than node-postgres's, which checks the type of each value. */
function listOf({ as, values }: Given): string {
  const texts = values.map(value => {
    if (value === null) return 'NULL'
    if (as === 'bytes') return Buffer.from(value as Uint8Array).toString('hex')
    return as === 'text' || as === 'id' ? quoted(value as string) : value
  })
  return `{${texts.join(',')}}`
}

function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`
}
