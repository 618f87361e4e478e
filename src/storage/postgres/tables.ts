// The tables as PostgreSQL keeps them, for drizzle-kit too. That `events` is partitioned by month of `created_at` it
// cannot say, and is written into the migration by hand (see partitions.ts). Text is ordered by code point, as in SQLite.

import type { OrganizationKey } from '../database.ts'
import { loadPostgresCore } from '../drizzle.ts'
import { defineTables } from '../tables.ts'

const { bigint, customType, index, integer, pgTable, primaryKey, uniqueIndex, uuid } =
  loadPostgresCore()

/** Under this order `lower` folds only ASCII letters, which is what searching user agents promises. */
const plainText = customType<{ data: string }>({ dataType: () => 'text COLLATE "C"' })
const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' })
const big = (name: string) => bigint(name, { mode: 'number' })

const kit = {
  table: pgTable,
  organization: () => uuid('organization').$type<OrganizationKey>(),
  organizationKey: () => uuid('key').$type<OrganizationKey>().primaryKey(),
  organizationId: () => uuid('id'),
  id: (name: string) => plainText(name),
  eventId: (name: string) => uuid(name),
  text: (name: string) => plainText(name),
  number: (name: string) => integer(name),
  big,
  bytes: (name: string) => bytea(name),
  /** Partitions are made by date, which so is in the key; it is the index by date as well. */
  eventsKey: (t: EventColumns) => [t.organization, t.createdAt, t.sequence] as Key,
  eventsByDate: (_: EventColumns) => [] as ReturnType<ReturnType<typeof index>['on']>[],
  primaryKey,
  index,
  unique: uniqueIndex,
}

type Column = Parameters<ReturnType<typeof index>['on']>[0]
// biome-ignore lint/suspicious/noExplicitAny: the columns of a key are of one table, which no type can say here
type Key = any
type EventColumns = Record<'organization' | 'createdAt' | 'sequence', Column>

export type PostgresKit = typeof kit

export const postgresTables = defineTables(kit)
export const {
  organizations,
  kinds,
  principals,
  userAgents,
  addresses,
  resources,
  series,
  events,
} = postgresTables
export const { seriesTimes, kindTimes, seals, readWindows, directory, names, tokens } =
  postgresTables

/** Each event once, which no index over partitions can promise; and where to find it. */
export const eventIds = pgTable(
  'event_ids',
  {
    organization: uuid('organization').notNull(),
    id: uuid('id').notNull(),
    sequence: big('sequence').notNull(),
    createdAt: big('created_at').notNull(),
  },
  t => [
    primaryKey({ columns: [t.organization, t.id] }),
    uniqueIndex('event_ids_by_sequence').on(t.organization, t.sequence),
  ],
)
