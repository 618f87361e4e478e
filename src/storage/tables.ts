// The tables, the same in both databases; their column types and some keys and indexes differ (sqlite/sqlite-tables.ts,
// postgres/kit.ts). A change here needs migrations: `npm run migrations`.
//
// Repeated values are stored once and referred to by a number, which is unique only within its Organization. Every
// key and every index begins with the Organization, so that a distributed PostgreSQL can shard by it. Dates are in
// microseconds.

import { getTableName } from './drizzle.ts'
import type { RollupName } from './periods.ts'
import type { PostgresKit } from './postgres/kit.ts'

/**
 * `kit` creates the columns and keys of one database. SQLite's is passed with PostgreSQL's type, because both have the
 * methods that are used here.
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: it is a table
export function defineTables(kit: PostgresKit) {
  const { table, organization, id, eventId, text, number, big, bytes, primaryKey, index, unique } =
    kit

  /**
   * The number of events with the value, and their first and last dates; updated in the transaction that adds events.
   */
  const totals = () => ({
    events: big('events').notNull().default(0),
    /** May be earlier than the first event after retention has deleted some. Meaningless without events. */
    firstAt: big('first_at').notNull().default(0),
    lastAt: big('last_at').notNull().default(0),
  })
  const value = () => ({
    organization: organization().notNull(),
    number: number('number').notNull(),
  })

  /** Each write to an Organization locks its row until it commits. */
  const organizations = table(
    'organizations',
    {
      /** The key by which rows of other tables refer to it. In PostgreSQL the ID itself. */
      key: kit.organizationKey(),
      id: kit.organizationId().notNull(),
      name: text('name'),
      ...totals(),
      /** The highest sequence number ever assigned to one of its events. */
      lastSequence: big('last_sequence').notNull().default(0),
      /** Events dated before this are not added: retention has deleted them. */
      keptFrom: big('kept_from'),
      /** The last event, in order of arrival, that retention has deleted: it remains a cursor of the feed. */
      droppedId: eventId('dropped_id'),
      droppedSequence: big('dropped_sequence').notNull().default(0),
      /** The highest number ever assigned to one of its values. */
      lastNumber: number('last_number').notNull().default(0),
      /** Incremented when numbers may have been deleted, which invalidates cached ones. */
      epoch: number('epoch').notNull().default(0),
    },
    t => kit.organizationsById(t),
  )

  /** Scaleway's words for an action and a category. */
  const kinds = table(
    'kinds',
    {
      ...value(),
      action: text('action').notNull(),
      category: text('category').notNull(),
      ...totals(),
    },
    t => [
      primaryKey({ columns: [t.organization, t.number] }),
      unique('kinds_by_words').on(t.organization, t.action, t.category),
    ],
  )

  /** Every principal that ever acted, also those that are not in the directory. */
  const principals = table('principals', { ...value(), id: id('id').notNull(), ...totals() }, t => [
    primaryKey({ columns: [t.organization, t.number] }),
    unique('principals_by_id').on(t.organization, t.id),
  ])

  const userAgents = table(
    'user_agents',
    {
      ...value(),
      text: text('text').notNull(),
      /** SHA-256 of the text, which may be too long for an index. */
      hash: bytes('hash').notNull(),
      ...totals(),
    },
    t => [
      primaryKey({ columns: [t.organization, t.number] }),
      unique('user_agents_by_hash').on(t.organization, t.hash),
    ],
  )

  const addresses = table(
    'addresses',
    {
      ...value(),
      text: text('text').notNull(),
      /** 4 or 16 bytes; null if the text is not an address, and so belongs to no block. */
      address: bytes('address'),
      ...totals(),
    },
    t => [
      primaryKey({ columns: [t.organization, t.number] }),
      unique('addresses_by_text').on(t.organization, t.text),
      index('addresses_by_address').on(t.organization, t.address),
    ],
  )

  const resources = table('resources', { ...value(), id: id('id').notNull() }, t => [
    primaryKey({ columns: [t.organization, t.number] }),
    unique('resources_by_id').on(t.organization, t.id),
  ])

  /**
   * A series: the events of one principal, one user agent (0: no user agent) and one kind. Any filter on these three
   * selects a set of series, so one index on events serves all such filters, alone or combined.
   */
  const series = table(
    'series',
    {
      ...value(),
      principal: number('principal').notNull(),
      userAgent: number('user_agent').notNull(),
      kind: number('kind').notNull(),
      ...totals(),
    },
    t => [
      primaryKey({ columns: [t.organization, t.number] }),
      unique('series_by_principal').on(t.organization, t.principal, t.userAgent, t.kind),
      index('series_by_user_agent').on(t.organization, t.userAgent),
      index('series_by_kind').on(t.organization, t.kind),
    ],
  )

  const events = table(
    'events',
    {
      organization: organization().notNull(),
      /** The order of arrival, from 1 in each Organization: never reused, and never visible before a lower one. */
      sequence: big('sequence').notNull(),
      createdAt: big('created_at').notNull(),
      id: eventId('id').notNull(),
      series: number('series').notNull(),
      resource: number('resource').notNull(),
      /** 0: no address. */
      address: number('address').notNull(),
      recordedAt: big('recorded_at').notNull(),
    },
    t => [
      primaryKey({ columns: kit.eventsKey(t) }),
      ...kit.eventsByDate(t),
      index('events_by_series').on(t.organization, t.series, t.createdAt),
      index('events_by_resource').on(t.organization, t.resource, t.createdAt),
      index('events_by_address').on(t.organization, t.address, t.createdAt),
    ],
  )

  /** The number of a value's events in each period that has any, for counting without reading events. */
  const rollup = (name: RollupName) =>
    table(
      name,
      {
        ...value(),
        /** Numbered from 1970. */
        period: number('period').notNull(),
        events: number('events').notNull(),
      },
      t => [primaryKey({ columns: [t.organization, t.number, t.period] })],
    )
  /** For series, for kinds, and for all events as number 0. */
  const quarterCounts = rollup('quarter_counts')
  /** For kinds and principals. */
  const dayCounts = rollup('day_counts')

  /** Each batch of an Organization's new events, sealed. See seal.ts. */
  const seals = table(
    'seals',
    {
      organization: organization().notNull(),
      /** The sequence number of the batch's last event. */
      sequence: big('sequence').notNull(),
      events: big('events').notNull(),
      recordedAt: big('recorded_at').notNull(),
      parts: bytes('parts').notNull(),
      head: bytes('head').notNull(),
    },
    t => [primaryKey({ columns: [t.organization, t.sequence] })],
  )

  /** Ranges of an Organization's log that were read to their end; see `ReadWindow` in src/coverage.ts. */
  const readWindows = table(
    'read_windows',
    {
      organization: organization().notNull(),
      from: big('from').notNull(),
      until: big('until').notNull(),
      events: big('events').notNull(),
      readAt: big('read_at').notNull(),
    },
    t => [primaryKey({ columns: [t.organization, t.from] })],
  )

  /** What Scaleway lists now, and the known IDs of Scaleway itself. Removed entries are erased. */
  const directory = table(
    'directory',
    {
      organization: organization().notNull(),
      id: id('id').notNull(),
      kind: text('kind').notNull(),
      name: text('name').notNull(),
      /** The folded name for sorting, and all folded texts that are searched besides the ID; see fold.ts. */
      sortName: text('sort_name').notNull(),
      searched: text('searched').notNull(),
      createdAt: big('created_at'),
      /** The entry's other fields, as JSON. */
      details: text('details').notNull(),
    },
    t => [primaryKey({ columns: [t.organization, t.id] })],
  )

  /** All names that each entry of the directory has had, including the current one. Erased with the entry. */
  const names = table(
    'names',
    {
      organization: organization().notNull(),
      id: id('id').notNull(),
      since: big('since').notNull(),
      /** Null for an API key without a description. */
      name: text('name'),
    },
    t => [primaryKey({ columns: [t.organization, t.id, t.since] })],
  )

  /** Saved views of the Logs page; see src/saved-view.ts. */
  const savedViews = table(
    'saved_views',
    {
      organization: organization().notNull(),
      id: id('id').notNull(),
      /** Its owner; see `Viewer.account`. */
      account: text('account').notNull(),
      author: text('author'),
      name: text('name').notNull(),
      pageQuery: text('page_query').notNull(),
      /** 1 if everyone who may see the Organization's events sees the view, otherwise 0. */
      shared: number('shared').notNull(),
      createdAt: big('created_at').notNull(),
      updatedAt: big('updated_at').notNull(),
    },
    t => [
      primaryKey({ columns: [t.organization, t.id] }),
      index('saved_views_by_account').on(t.organization, t.shared, t.account),
    ],
  )

  const tokens = table(
    'tokens',
    {
      id: text('id').primaryKey(),
      /** SHA-256 of the secret. */
      hash: bytes('hash').notNull(),
      name: text('name'),
      createdAt: big('created_at').notNull(),
      expiresAt: big('expires_at'),
      /** JSON of `Grant[]`. */
      grants: text('grants').notNull(),
    },
    t => [unique('tokens_by_hash').on(t.hash)],
  )

  /** Like tokens, not distributed: a person's grants in all Organizations are looked up at once. */
  const accessGrants = table(
    'access_grants',
    {
      organization: text('organization').notNull(),
      id: text('id').notNull(),
      issuer: text('issuer').notNull(),
      /** `subject` or `group`. */
      kind: text('kind').notNull(),
      holder: text('holder').notNull(),
      /** JSON of `Membership`. */
      membership: text('membership').notNull(),
      createdAt: big('created_at').notNull(),
    },
    t => [
      primaryKey({ columns: [t.organization, t.id] }),
      index('access_grants_by_holder').on(t.issuer, t.kind, t.holder),
    ],
  )

  const sessions = table(
    'sessions',
    {
      /** SHA-256 of the secret in the cookie. */
      hash: bytes('hash').primaryKey(),
      issuer: text('issuer').notNull(),
      subject: text('subject').notNull(),
      /** JSON of the rest of `Person`. */
      person: text('person').notNull(),
      checkAt: big('check_at').notNull(),
      validUntil: big('valid_until').notNull(),
      expiresAt: big('expires_at').notNull(),
      tokens: text('tokens').notNull(),
    },
    t => [index('sessions_by_subject').on(t.issuer, t.subject)],
  )

  return {
    ...{ organizations, kinds, principals, userAgents, addresses, resources, series, events },
    ...{ quarterCounts, dayCounts, seals, readWindows, directory, names, savedViews, tokens },
    ...{ accessGrants, sessions },
  }
}

export type Tables = ReturnType<typeof defineTables>

/** The names of the tables whose rows name their Organization by its key. */
export function tablesByOrganization(tables: Tables): string[] {
  const { organizations, tokens, accessGrants, sessions, ...others } = tables
  return Object.values(others).map(getTableName)
}
