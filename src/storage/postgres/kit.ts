// PostgreSQL's columns and keys for the tables; see ../tables.ts. Text is sorted by code point, as in SQLite.

import type { OrganizationKey } from '../codec.ts'
import { loadPostgresCore } from '../drizzle.ts'

const { bigint, customType, index, integer, pgTable, primaryKey, uniqueIndex, uuid } =
  loadPostgresCore()

/** With this collation `lower` folds only ASCII letters, as the search of user agents promises. */
const plainText = customType<{ data: string }>({ dataType: () => 'text COLLATE "C"' })
const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' })
const big = (name: string) => bigint(name, { mode: 'number' })

export const kit = {
  table: pgTable,
  organization: () => uuid('organization').$type<OrganizationKey>(),
  organizationKey: () => uuid('key').$type<OrganizationKey>().primaryKey(),
  organizationId: () => uuid('id'),
  /**
   * No index: the ID is the key, and a distributed PostgreSQL supports unique indexes only with the column it shards
   * by.
   */
  organizationsById: (_: Record<'id', Column>) =>
    [] as ReturnType<ReturnType<typeof uniqueIndex>['on']>[],
  id: (name: string) => plainText(name),
  eventId: (name: string) => uuid(name),
  text: (name: string) => plainText(name),
  number: (name: string) => integer(name),
  big,
  bytes: (name: string) => bytea(name),
  /** The key must contain the date, because `events` is partitioned by it; so the key is also the index by date. */
  eventsKey: (t: EventColumns) => [t.organization, t.createdAt, t.sequence] as Key,
  eventsByDate: (_: EventColumns) => [] as ReturnType<ReturnType<typeof index>['on']>[],
  primaryKey,
  index,
  unique: uniqueIndex,
}

type Column = Parameters<ReturnType<typeof index>['on']>[0]
// biome-ignore lint/suspicious/noExplicitAny: no type here can express that the columns of a key are of one table
type Key = any
type EventColumns = Record<'organization' | 'createdAt' | 'sequence', Column>

export type PostgresKit = typeof kit
