// The PostgreSQL tables, for drizzle-kit, which writes the migrations; that `events` is partitioned by month of
// `created_at` it cannot say, and is written into the migration by hand. Every key begins with the Organization,
// so that a distributed PostgreSQL can shard by it; tokens alone open several. Text is ordered by code point
// (COLLATE "C"), as in SQLite. Dates are microseconds. A change here needs a migration: `npm run migrations`.

import {
  bigint,
  customType,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'

/** Also folds only ASCII letters in `lower`, which is what searching promises. */
const plainText = customType<{ data: string }>({ dataType: () => 'text COLLATE "C"' })
const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' })
const micros = (name?: string) =>
  name === undefined ? bigint({ mode: 'number' }) : bigint(name, { mode: 'number' })

/** How many events share this row, and the dates of the first and last of them; kept in `append`'s transaction. */
const tally = () => ({
  events: bigint({ mode: 'number' }).notNull().default(0),
  /** Of a value, not later than the first: retention leaves it behind. */
  firstAt: micros('first_at'),
  lastAt: micros('last_at'),
})

/** Locked by each write to an Organization until it commits: arrivals become visible in their order. */
export const organizations = pgTable('organizations', {
  id: uuid().primaryKey(),
  name: text(),
  ...tally(),
  /** The highest arrival number ever given. */
  lastArrival: bigint('last_arrival', { mode: 'number' }).notNull().default(0),
  /** What is dated before is not taken in: retention has dropped it. */
  keptFrom: micros('kept_from'),
  /** Changes when numbers of values may have been given up, so that nobody goes on using remembered ones. */
  epoch: integer().notNull().default(0),
})

/** A value that many events of an Organization share; they name it by its number. */
const value = () => ({
  organization: uuid().notNull(),
  number: integer().notNull(),
})

/** Scaleway's words for an action and a category. */
export const kinds = pgTable(
  'kinds',
  { ...value(), action: plainText().notNull(), category: plainText().notNull(), ...tally() },
  table => [
    primaryKey({ columns: [table.organization, table.number] }),
    uniqueIndex('kinds_by_words').on(table.organization, table.action, table.category),
  ],
)

/** Every principal that ever acted, also those that no directory knows. */
export const principals = pgTable(
  'principals',
  { ...value(), id: plainText().notNull(), ...tally() },
  table => [
    primaryKey({ columns: [table.organization, table.number] }),
    uniqueIndex('principals_by_id').on(table.organization, table.id),
  ],
)

export const userAgents = pgTable(
  'user_agents',
  {
    ...value(),
    text: plainText().notNull(),
    /** SHA-256 of the text, which may be longer than an index takes. */
    hash: bytea().notNull(),
    ...tally(),
  },
  table => [
    primaryKey({ columns: [table.organization, table.number] }),
    uniqueIndex('user_agents_by_hash').on(table.organization, table.hash),
  ],
)

export const addresses = pgTable(
  'addresses',
  {
    ...value(),
    text: plainText().notNull(),
    /** 4 or 16 bytes; null where the text is no address, which lies in no block. */
    address: bytea(),
    ...tally(),
  },
  table => [
    primaryKey({ columns: [table.organization, table.number] }),
    uniqueIndex('addresses_by_text').on(table.organization, table.text),
    index('addresses_by_address').on(table.organization, table.address),
  ],
)

/** PARTITION BY RANGE (created_at), a partition a month; see partitions.ts. */
export const events = pgTable(
  'events',
  {
    organization: uuid().notNull(),
    id: uuid().notNull(),
    createdAt: micros('created_at').notNull(),
    recordedAt: micros('recorded_at').notNull(),
    kind: integer().notNull(),
    principal: integer().notNull(),
    userAgent: integer('user_agent'),
    address: integer(),
    resource: plainText().notNull(),
  },
  table => [
    primaryKey({ columns: [table.organization, table.createdAt, table.id] }),
    index('events_by_kind').on(table.organization, table.kind, table.createdAt),
    index('events_by_principal').on(table.organization, table.principal, table.createdAt),
    index('events_by_user_agent').on(table.organization, table.userAgent, table.createdAt),
    index('events_by_address').on(table.organization, table.address, table.createdAt),
    index('events_by_resource').on(table.organization, table.resource, table.createdAt),
  ],
)

/** Each event once, which no index over partitions can promise; its order of arrival; and where to find it. */
export const eventIds = pgTable(
  'event_ids',
  {
    organization: uuid().notNull(),
    id: uuid().notNull(),
    createdAt: micros('created_at').notNull(),
    /** Counted by Organization; never given twice, and never visible before a lower one. */
    arrival: bigint({ mode: 'number' }).notNull(),
  },
  table => [
    primaryKey({ columns: [table.organization, table.id] }),
    uniqueIndex('event_ids_by_arrival').on(table.organization, table.arrival),
  ],
)

/** Each batch of an Organization's new events, sealed; before the first of them, one of what had no seal. See seal.ts. */
export const seals = pgTable(
  'seals',
  {
    organization: uuid().notNull(),
    arrival: bigint({ mode: 'number' }).notNull(),
    events: bigint({ mode: 'number' }).notNull(),
    recordedAt: micros('recorded_at').notNull(),
    parts: bytea().notNull(),
    head: bytea().notNull(),
  },
  table => [primaryKey({ columns: [table.organization, table.arrival] })],
)

/** Stretches of an Organization's log that were read to their end; see `ReadWindow` in coverage.ts. */
export const readWindows = pgTable(
  'read_windows',
  {
    organization: uuid().notNull(),
    from: micros().notNull(),
    until: micros().notNull(),
    events: bigint({ mode: 'number' }).notNull(),
    readAt: micros('read_at').notNull(),
  },
  table => [primaryKey({ columns: [table.organization, table.from] })],
)

/** What Scaleway lists now, and which IDs it was learned to act by itself. Names are in no index: what is removed is gone with its row. */
export const directory = pgTable(
  'directory',
  {
    organization: uuid().notNull(),
    id: plainText().notNull(),
    kind: plainText().notNull(),
    name: plainText().notNull(),
    createdAt: micros('created_at'),
    /** Of a user, for searching. */
    email: plainText(),
    username: plainText(),
    /** The entry's other fields, as JSON. */
    details: text().notNull(),
  },
  table => [primaryKey({ columns: [table.organization, table.id] })],
)

/** What each entry of the directory was called, the current name included; of none that is not in the directory. */
export const names = pgTable(
  'names',
  {
    organization: uuid().notNull(),
    id: plainText().notNull(),
    since: micros().notNull(),
    /** Of an API key without a description, null. */
    name: plainText(),
  },
  table => [primaryKey({ columns: [table.organization, table.id, table.since] })],
)

export const tokens = pgTable(
  'tokens',
  {
    id: plainText().primaryKey(),
    /** SHA-256 of the secret. */
    hash: bytea().notNull(),
    name: text(),
    createdAt: micros('created_at').notNull(),
    expiresAt: micros('expires_at'),
    /** JSON of `Grant[]`. */
    grants: text().notNull(),
  },
  table => [uniqueIndex('tokens_by_hash').on(table.hash)],
)
