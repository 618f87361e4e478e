// SQLite's tables, also for drizzle-kit. Tables whose key has several columns are WITHOUT ROWID, which Drizzle cannot
// express: it is added to the migrations by hand.

import { decodeId, encodeId } from '../codec.ts'
import { loadSqliteCore } from '../drizzle.ts'
import type { PostgresKit } from '../postgres/kit.ts'
import { defineTables } from '../tables.ts'

const { blob, customType, index, integer, primaryKey, sqliteTable, text, uniqueIndex } =
  loadSqliteCore()

/** A UUID as 16 bytes, any other ID as text: SQLite stores both in one column. */
const id = customType<{ data: string; driverData: Buffer | string }>({
  dataType: () => 'blob',
  toDriver: encodeId,
  fromDriver: decodeId,
})

const kit = {
  table: sqliteTable,
  organization: () => integer('organization'),
  organizationKey: () => integer('key').primaryKey(),
  organizationId: () => id('id'),
  hasUniqueId: true,
  id: (name: string) => id(name),
  eventId: (name: string) => id(name),
  text: (name: string) => text(name),
  number: (name: string) => integer(name),
  big: (name: string) => integer(name),
  bytes: (name: string) => blob(name, { mode: 'buffer' }),
  eventsKey: ['sequence'],
  /** Contains what most filters test, so that only the events of a page are looked up. */
  eventsByDate: { events_by_date: ['createdAt', 'kind', 'series', 'address'] },
  primaryKey,
  index,
  unique: uniqueIndex,
}

export const sqliteTables = defineTables(kit as unknown as PostgresKit)
export const { organizations, kinds, principals, userAgents, addresses } = sqliteTables
export const { resources, series, events, quarterCounts, dayCounts } = sqliteTables
export const { seals, readWindows, directory, names, savedViews } = sqliteTables
export const { tokens, accessGrants, sessions } = sqliteTables

const idColumns = () => ({
  organization: integer('organization').notNull(),
  id: blob('id', { mode: 'buffer' }).notNull(),
  sequence: integer('sequence').notNull(),
})

/**
 * Each event by its ID, once. IDs arrive in random order, and in a large index each would change a different page: so
 * they wait in `new_event_ids`, small enough for the page cache, and move here many to a page. An ID is in one of the
 * two.
 */
export const eventIds = sqliteTable('event_ids', idColumns(), t => [
  primaryKey({ columns: [t.organization, t.id] }),
])
export const newEventIds = sqliteTable('new_event_ids', idColumns(), t => [
  primaryKey({ columns: [t.organization, t.id] }),
])
