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
  /** The ID is the key. A distributed PostgreSQL supports unique indexes only with the column it shards by. */
  hasUniqueId: false,
  id: (name: string) => plainText(name),
  eventId: (name: string) => uuid(name),
  text: (name: string) => plainText(name),
  number: (name: string) => integer(name),
  big,
  bytes: (name: string) => bytea(name),
  /** The key must contain the date, because `events` is partitioned by it; so the key is also the index by date. */
  eventsKey: ['createdAt', 'sequence'],
  eventsByDate: {} as Readonly<Record<string, readonly string[]>>,
  primaryKey,
  index,
  unique: uniqueIndex,
}

export type PostgresKit = typeof kit
