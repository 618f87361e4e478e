// The SQL that is specific to PostgreSQL. Lists are bound as arrays. `events` has one partition a month: every
// statement limits the dates of its events, so that it does not open all partitions. For this, `event_ids` has dates
// beside IDs.

import { fileURLToPath } from 'node:url'
import {
  canBeStored,
  type Dialect,
  type Given,
  type IntakeDialect,
  type Kind,
  type OrganizationKey,
  type Reads,
} from '../database.ts'
import { type SQL, sql } from '../drizzle.ts'
import { ALWAYS, type EventRange, within } from '../event-range.ts'
import { isOneOf } from '../organizations.ts'
import { lockTables, type Partitions, retention, stretchesOf } from './partitions.ts'
import { postgresTables } from './postgres-tables.ts'

/** SQL that does not depend on partitions. */
const pieces = {
  tables: postgresTables,
  migrations: fileURLToPath(new URL('../../../drizzle/postgres', import.meta.url)),
  // Not to_regclass, which may not know yet what another process has just created.
  hasTable: name =>
    sql`EXISTS (SELECT 1 FROM pg_class c WHERE c.relname = ${name} AND pg_table_is_visible(c.oid))`,
  lockTables,
  keyIsId: true,

  given,

  isIn: (as, column, values) =>
    sql`${column} = ANY(${sql.param(values.filter(canBeStored))}::${sql.raw(ELEMENT[as])}[])`,

  id: id => sql`${id}::text`,
  eventId: id => sql`${id}::uuid`,
  idFrom: String,
  shortId: column => column,
  idFromShort: id => id,
  idText: column => column,

  // With this collation `lower` folds only ASCII letters.
  contains: (column, part) =>
    canBeStored(part)
      ? sql`strpos(lower(${column} COLLATE "C"), lower(${part}::text COLLATE "C")) > 0`
      : sql`false`,

  series: () => sql`series s`,
  events: () => sql`events e`,

  mostMerged: 16,
  merged: (by, organization, numbers, condition, order, limit) =>
    sql`(SELECT e.* FROM unnest(${sql.param(numbers)}::bigint[]) AS one (number)
      CROSS JOIN LATERAL (SELECT e.* FROM events e
        WHERE e.organization = ${organization} AND ${sql.raw(`e.${by}`)} = one.number AND ${condition}
        ${order} LIMIT ${limit}) e
      ${order} LIMIT ${limit}) e`,

  first: (columns, from, order, limit) =>
    sql`SELECT ${columns} FROM ${from} ${order} LIMIT ${limit}`,
  // One at a time: without statistics, a new table seems to have few rows of an Organization, and all would be read.
  numbered: (table, alias, organization, numbers) =>
    sql`unnest(${sql.param(numbers)}::bigint[]) AS one (number) CROSS JOIN LATERAL (SELECT v.* FROM ${sql.raw(table)} v
      WHERE v.organization = ${organization} AND v.number = one.number LIMIT 1) ${sql.raw(alias)}`,
  idOf: sql`e.id`,

  sequences: sql`event_ids`,

  turns: () => () => undefined,
  atOnce: Number.MAX_SAFE_INTEGER,
  mostCounted: 1_000_000,

  // PostgreSQL leaves deleted rows in the file until VACUUM: see `Database.erase`.
  async rewriteDirectory() {},
  ids: organization =>
    sql`(SELECT id, sequence FROM event_ids WHERE organization = ${organization}) i`,
  // Damage to the files is found by PostgreSQL's own checksums and pg_amcheck.
  findDamage: async () => [],
  damageIn: () => null,
} satisfies Partial<Dialect>

export function postgresDialect(partitions: Partitions): Dialect {
  /** The stretches of a few months that contain any of these dates. */
  async function stretchesWith(reads: Reads, dates: readonly number[]): Promise<EventRange[]> {
    const all = [...stretchesOf(ALWAYS, await partitions.known(reads), true)]
    return all.filter(({ low, high }) => dates.some(date => date >= low && date <= high))
  }

  return {
    ...pieces,

    async byId(reads, organizations, ids) {
      const rows = await reads.rows<[OrganizationKey, createdAt: number, sequence: number]>(
        sql`SELECT i.organization, i.created_at, i.sequence FROM event_ids i
          WHERE ${isOneOf(pieces, sql`i.organization`, organizations)} AND i.id = ANY(${sql.param(ids)}::uuid[])`,
      )
      const found: SQL[] = []
      for (const [organization, own] of Map.groupBy(rows, ([organization]) => organization)) {
        const dates = own.map(([, createdAt]) => createdAt)
        for (const stretch of await stretchesWith(reads, dates)) {
          const places = given('i', [
            { name: 'created_at', as: 'number', values: dates },
            { name: 'sequence', as: 'number', values: own.map(([, , sequence]) => sequence) },
          ])
          found.push(eventsAt(places, organization, stretch))
        }
      }
      return found
    },

    async bySequence(reads, organization, after, until) {
      const range = sql`i.organization = ${organization} AND i.sequence > ${after} AND i.sequence <= ${until}`
      const [row] = await reads.rows<[low: number | null, high: number | null]>(
        sql`SELECT min(i.created_at), max(i.created_at) FROM event_ids i WHERE ${range}`,
      )
      const [low, high] = row ?? []
      if (low == null || high == null) return []
      const stretches = stretchesOf({ low, high }, await partitions.known(reads), false)
      // In the order of the places, so that a statement with a LIMIT does not read all of them.
      return Array.from(stretches, stretch =>
        eventsAt(
          sql`(SELECT i.sequence, i.created_at FROM event_ids i WHERE ${range} ORDER BY i.sequence) i`,
          organization,
          stretch,
        ),
      )
    },

    async *stretches({ range, newestFirst, density, wanted, reads }) {
      yield* stretchesOf(range, await partitions.known(reads), newestFirst, density * wanted)
    },

    intake: createIntakeDialect(partitions),
    retention,
  }
}

/**
 * The events of a stretch at the places (created_at, sequence) of `i`. The LIMIT in the subquery prevents PostgreSQL
 * from turning it into a join that could read all events.
 */
function eventsAt(places: SQL, organization: OrganizationKey, stretch: EventRange): SQL {
  return sql`(SELECT e.organization, i.sequence, e.created_at, e.id, e.series, e.resource, e.address,
      e.kind, e.recorded_ms
    FROM ${places} CROSS JOIN LATERAL (SELECT e.* FROM events e WHERE e.organization = ${organization}
      AND e.created_at = i.created_at AND e.sequence = i.sequence AND ${within(stretch)} LIMIT 1) e
    WHERE i.created_at >= ${stretch.low} AND i.created_at <= ${stretch.high}) e`
}

/** The channel of notifications of new events. */
export const CHANNEL = 'iam_logs_arrivals'

const createIntakeDialect = (partitions: Partitions): IntakeDialect => ({
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
const ELEMENT: Readonly<Record<Kind, string>> = {
  number: 'bigint',
  text: 'text',
  id: 'text',
  'event-id': 'uuid',
  bytes: 'text',
  organization: 'uuid',
}

/** See `Dialect.given`. */
function given(alias: string, columns: readonly Given[]): SQL {
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
