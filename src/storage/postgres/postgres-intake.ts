// How events are written to PostgreSQL: one statement for each table, with rows as arrays, one for each column.

import type { Given, IntakeDialect, OrganizationKey, Session } from '../database.ts'
import { type ForValue, type SQL, sql } from '../drizzle.ts'
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

const ELEMENT: Readonly<Record<Given['as'], string>> = {
  number: 'bigint',
  text: 'text',
  id: 'text',
  'event-id': 'uuid',
  organization: 'uuid',
  bytes: 'text',
}

export function given(alias: string, columns: readonly Given[]): SQL {
  const last = (columns[0]?.values.length ?? 0) - 1
  const lists = unfolded(columns, column => sql`${sql.param(listOf(column))}`)
  return sql`(SELECT generate_series(0, ${last}::int) AS place, ${lists}) ${sql.raw(alias)}`
}

/** Runs a write whose text its name determines. The rows have the alias `x`. Returns the number of changed rows. */
async function writeGiven(
  session: Session,
  name: string,
  organization: OrganizationKey,
  columns: readonly Given[],
  query: (rows: SQL, organization: ForValue) => SQL,
): Promise<number> {
  const lists = Object.fromEntries(columns.map(column => [column.name, listOf(column)]))
  const [changed] = await session.prepared<[number]>(
    name,
    () => {
      const rows = unfolded(columns, ({ name }) => sql.placeholder(name))
      return query(sql`(SELECT ${rows}) x`, sql.placeholder('organization'))
    },
    { ...lists, organization },
  )
  return changed?.[0] ?? 0
}

/** `unnest` in the SELECT list is three times as fast as in FROM. */
function unfolded(columns: readonly Given[], valuesOf: (column: Given) => SQL | ForValue): SQL {
  const read = columns.map(column => {
    const list = sql`unnest(${valuesOf(column)}::${sql.raw(ELEMENT[column.as])}[])`
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
