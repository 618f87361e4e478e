// Columns and keys as PostgreSQL has them, of which the tables are made; see tables.ts. Text is ordered by code point, as in
// SQLite.

import type { OrganizationKey } from '../codec.ts'
import { loadPostgresCore } from '../drizzle.ts'

const { bigint, customType, index, integer, pgTable, primaryKey, uniqueIndex, uuid } =
  loadPostgresCore()

/** Under this order `lower` folds only ASCII letters, which is what searching user agents promises. */
const plainText = customType<{ data: string }>({ dataType: () => 'text COLLATE "C"' })
const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' })
const big = (name: string) => bigint(name, { mode: 'number' })

export const kit = {
  table: pgTable,
  organization: () => uuid('organization').$type<OrganizationKey>(),
  organizationKey: () => uuid('key').$type<OrganizationKey>().primaryKey(),
  organizationId: () => uuid('id'),
  /** The ID is the key; and a distributed PostgreSQL keeps only those values apart that it shards by. */
  organizationsById: (_: Record<'id', Column>) =>
    [] as ReturnType<ReturnType<typeof uniqueIndex>['on']>[],
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
