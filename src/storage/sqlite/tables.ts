// The SQLite tables, for drizzle-kit, which writes the migrations; queries are SQL by these names. Ten million events must fit in 2 GB with every index, so what repeats is kept once
// and named by a small key; a key belongs to one Organization, so an index that begins with one does too.
// A change here needs a migration: `npm run migrations`.

import {
  blob,
  customType,
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
} from 'drizzle-orm/sqlite-core'

/** A UUID as 16 bytes, any other ID as the text it is (see codec.ts): SQLite keeps both in one column. */
const id = customType<{ data: Buffer | string }>({ dataType: () => 'blob' })

/** How many events share this row, and the dates of the first and last of them; kept in `append`'s transaction. */
const tally = () => ({
  events: integer().notNull().default(0),
  firstAt: integer('first_at').notNull().default(0),
  lastAt: integer('last_at').notNull().default(0),
})

export const organizations = sqliteTable(
  'organizations',
  { key: integer().primaryKey(), id: id().notNull(), name: text(), ...tally() },
  table => [uniqueIndex('organizations_by_id').on(table.id)],
)

/** Every principal that ever acted, also those that no directory knows. */
export const principals = sqliteTable(
  'principals',
  {
    key: integer().primaryKey(),
    organization: integer().notNull(),
    id: id().notNull(),
    ...tally(),
  },
  table => [uniqueIndex('principals_by_id').on(table.organization, table.id)],
)

export const userAgents = sqliteTable(
  'user_agents',
  {
    key: integer().primaryKey(),
    organization: integer().notNull(),
    text: text().notNull(),
    ...tally(),
  },
  table => [uniqueIndex('user_agents_by_text').on(table.organization, table.text)],
)

/** An address as 4 or 16 bytes; what is no address, as text. */
export const addresses = sqliteTable(
  'addresses',
  {
    key: integer().primaryKey(),
    organization: integer().notNull(),
    address: id().notNull(),
    ...tally(),
  },
  table => [uniqueIndex('addresses_by_address').on(table.organization, table.address)],
)

export const resources = sqliteTable(
  'resources',
  { key: integer().primaryKey(), organization: integer().notNull(), id: id().notNull() },
  table => [uniqueIndex('resources_by_id').on(table.organization, table.id)],
)

/** How often each action and category occurred, in Scaleway's words. */
export const kinds = sqliteTable(
  'kinds',
  {
    organization: integer().notNull(),
    action: text().notNull(),
    category: text().notNull(),
    ...tally(),
  },
  table => [primaryKey({ columns: [table.organization, table.action, table.category] })],
)

/**
 * A trail: the events of one principal with one user agent, of one action and category. Any filter on
 * these four is a set of trails, so one index on events answers all of them and all their pairs.
 */
export const trails = sqliteTable(
  'trails',
  {
    key: integer().primaryKey(),
    organization: integer().notNull(),
    principal: integer().notNull(),
    /** 0: the events name no user agent. */
    userAgent: integer('user_agent').notNull(),
    action: text().notNull(),
    category: text().notNull(),
    ...tally(),
  },
  table => [
    uniqueIndex('trails_by_principal').on(
      table.organization,
      table.principal,
      table.userAgent,
      table.action,
      table.category,
    ),
    index('trails_by_user_agent').on(table.organization, table.userAgent),
    index('trails_by_kind').on(table.organization, table.action, table.category),
  ],
)

/** How many events, by time: a span of thirty days and the slots of it that have any, see counts-slots.ts. */
const times = () => ({
  span: integer().notNull(),
  events: integer().notNull(),
  slots: text().notNull(),
})

/** When the events of each kind happened: a few long lists, from which anything is counted by time. */
export const kindTimes = sqliteTable(
  'kind_times',
  {
    organization: integer().notNull(),
    action: text().notNull(),
    category: text().notNull(),
    ...times(),
  },
  table => [
    primaryKey({ columns: [table.organization, table.action, table.category, table.span] }),
  ],
)

/** When the events of each trail happened: many short lists. WITHOUT ROWID, which Drizzle cannot say. */
export const trailTimes = sqliteTable(
  'trail_times',
  { trail: integer().notNull(), ...times() },
  table => [primaryKey({ columns: [table.trail, table.span] })],
)

export const events = sqliteTable(
  'events',
  {
    /** Order of arrival: never reused, and never visible before a lower one. */
    arrival: integer().primaryKey(),
    organization: integer().notNull(),
    /** Place in the order by date: microseconds, then the first bits of the ID (see codec.ts). */
    position: integer().notNull(),
    id: blob({ mode: 'buffer' }).notNull(),
    trail: integer().notNull(),
    resource: integer().notNull(),
    /** 0: the event names no address. */
    address: integer().notNull(),
    /** Milliseconds. */
    recordedAt: integer('recorded_at').notNull(),
  },
  table => [
    index('events_by_date').on(table.organization, table.position),
    index('events_by_trail').on(table.trail, table.position),
    index('events_by_resource').on(table.resource, table.position),
    index('events_by_address').on(table.address, table.position),
  ],
)

/**
 * Runs of arrival numbers within which every event is of one Organization: its order of arrival. One run a
 * batch at most, so far smaller than an index on events would be; a number in a run may have no event.
 */
export const arrivals = sqliteTable(
  'arrivals',
  {
    organization: integer().notNull(),
    first: integer().notNull(),
    last: integer().notNull(),
    /** Of its events, see sums.ts; null of a run that an earlier version wrote. */
    sum: integer(),
  },
  table => [primaryKey({ columns: [table.organization, table.first] })],
)

/** Each batch of an Organization's new events, sealed; before the first of them, one of what had no seal. See seal.ts. */
export const seals = sqliteTable(
  'seals',
  {
    organization: integer().notNull(),
    arrival: integer().notNull(),
    events: integer().notNull(),
    recordedAt: integer('recorded_at').notNull(),
    parts: blob({ mode: 'buffer' }).notNull(),
    head: blob({ mode: 'buffer' }).notNull(),
  },
  table => [primaryKey({ columns: [table.organization, table.arrival] })],
)

/** Stretches of an Organization's log that were read to their end; see `ReadWindow` in coverage.ts. */
export const readWindows = sqliteTable(
  'read_windows',
  {
    organization: integer().notNull(),
    from: integer().notNull(),
    until: integer().notNull(),
    events: integer().notNull(),
    readAt: integer('read_at').notNull(),
  },
  table => [primaryKey({ columns: [table.organization, table.from] })],
)

const idColumns = () => ({
  organization: integer().notNull(),
  id: blob({ mode: 'buffer' }).notNull(),
  arrival: integer().notNull(),
})

/**
 * Each event by its ID, once. IDs come in no order, and in a large index each would dirty a page of its own:
 * so they wait in `new_event_ids`, small enough for the page cache, and move here many to a page (see
 * ids.ts). An ID is in one of the two. Both are WITHOUT ROWID, which Drizzle cannot say.
 */
export const eventIds = sqliteTable('event_ids', idColumns(), table => [
  primaryKey({ columns: [table.organization, table.id] }),
])

export const newEventIds = sqliteTable('new_event_ids', idColumns(), table => [
  primaryKey({ columns: [table.organization, table.id] }),
])

/** What Scaleway lists now, and which IDs it was learned to act by itself. A removed entry leaves no byte here: see `rewriteDirectory` in directory.ts. */
export const directory = sqliteTable(
  'directory',
  {
    organization: integer().notNull(),
    id: id().notNull(),
    kind: text().notNull(),
    name: text().notNull(),
    createdAt: integer('created_at'),
    /** The entry's other fields, as JSON. */
    details: text().notNull(),
  },
  table => [primaryKey({ columns: [table.organization, table.id] })],
)

/**
 * What each entry of the directory was called, the current name included; of none that is not in the directory.
 * WITHOUT ROWID, which Drizzle cannot say.
 */
export const names = sqliteTable(
  'names',
  {
    organization: integer().notNull(),
    id: id().notNull(),
    since: integer().notNull(),
    /** Of an API key without a description, null. */
    name: text(),
  },
  table => [primaryKey({ columns: [table.organization, table.id, table.since] })],
)

/** By which `verify` tells whether other tables are what was written there, see sums.ts. */
export const sums = sqliteTable('sums', {
  name: text().primaryKey(),
  sum: integer().notNull(),
})

export const tokens = sqliteTable(
  'tokens',
  {
    id: text().primaryKey(),
    /** SHA-256 of the secret. */
    hash: blob({ mode: 'buffer' }).notNull(),
    name: text(),
    createdAt: integer('created_at').notNull(),
    expiresAt: integer('expires_at'),
    /** JSON of `Grant[]`. */
    grants: text('memberships').notNull(),
  },
  table => [uniqueIndex('tokens_by_hash').on(table.hash)],
)
