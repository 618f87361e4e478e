// The tables, the same in both databases; their column types and some keys and indexes differ (sqlite/sqlite-tables.ts,
// postgres/kit.ts). A change here needs migrations: `npm run migrations`.
//
// Repeated values are stored once and referred to by a number, which is unique only within its Organization. Every
// key and every index begins with the Organization, so that a distributed PostgreSQL can shard by it. Dates are in
// microseconds.

import { getTableName } from './drizzle.ts'
import type { PostgresKit } from './postgres/kit.ts'

export type RollupName = 'quarter_counts' | 'day_counts'

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
  /**
   * A table whose key is the Organization and `keys`, with unique indexes and other indexes on the Organization and the
   * named columns.
   */
  function keyed(
    name: string,
    keys: readonly string[],
    columns: object,
    uniques: Readonly<Record<string, readonly string[]>> = {},
    indexes: typeof uniques = {},
  ) {
    return table(name, { organization: organization().notNull(), ...columns }, t => {
      const ours = (names: readonly string[]) =>
        ['organization', ...names].map(name => t[name as keyof typeof t]) as [typeof t.organization]
      return [
        primaryKey({ columns: ours(keys) }),
        ...Object.entries(uniques).map(([name, columns]) => unique(name).on(...ours(columns))),
        ...Object.entries(indexes).map(([name, columns]) => index(name).on(...ours(columns))),
      ]
    })
  }
  const numbered = (name: string, columns: object, ...indexes: Record<string, string[]>[]) =>
    keyed(name, ['number'], { number: number('number').notNull(), ...columns }, ...indexes)

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
    t => (kit.hasUniqueId ? [unique('organizations_by_id').on(t.id)] : []),
  )

  const word = (name: string) => text(name).notNull()
  const reference = (name: string) => number(name).notNull()
  const date = (name: string) => big(name).notNull()

  /** Scaleway's words for an action and a category. */
  const kinds = numbered(
    'kinds',
    { action: word('action'), category: word('category'), ...totals() },
    { kinds_by_words: ['action', 'category'] },
  )

  /** Every principal that ever acted, also those that are not in the directory. */
  const principals = numbered(
    'principals',
    { id: id('id').notNull(), ...totals() },
    { principals_by_id: ['id'] },
  )

  /** `hash`: SHA-256 of the text, which may be too long for an index. */
  const userAgents = numbered(
    'user_agents',
    { text: word('text'), hash: bytes('hash').notNull(), ...totals() },
    { user_agents_by_hash: ['hash'] },
  )

  /** `address`: 4 or 16 bytes; null if the text is not an address, and so belongs to no block. */
  const addresses = numbered(
    'addresses',
    { text: word('text'), address: bytes('address'), ...totals() },
    { addresses_by_text: ['text'] },
    { addresses_by_address: ['address'] },
  )

  const resources = numbered('resources', { id: id('id').notNull() }, { resources_by_id: ['id'] })

  /**
   * A series: the events of one principal, one user agent (0: no user agent) and one kind. Any filter on these three
   * selects a set of series, so one index on events serves all such filters, alone or combined.
   */
  const series = numbered(
    'series',
    {
      principal: reference('principal'),
      userAgent: reference('user_agent'),
      kind: reference('kind'),
      ...totals(),
    },
    { series_by_principal: ['principal', 'userAgent', 'kind'] },
    { series_by_user_agent: ['userAgent'], series_by_kind: ['kind'] },
  )

  const events = keyed(
    'events',
    kit.eventsKey,
    {
      /** The order of arrival, from 1 in each Organization: never reused, and never visible before a lower one. */
      sequence: big('sequence').notNull(),
      createdAt: date('created_at'),
      id: eventId('id').notNull(),
      series: reference('series'),
      resource: reference('resource'),
      /** 0: no address. */
      address: reference('address'),
      /** The series' kind, so that events can be tested for it without their series. */
      kind: reference('kind'),
      /** In milliseconds, unlike other dates: that is the clock's resolution, and SQLite needs two bytes less for it. */
      recordedMs: date('recorded_ms'),
    },
    {},
    {
      ...kit.eventsByDate,
      events_by_series: ['series', 'createdAt'],
      events_by_resource: ['resource', 'createdAt'],
      events_by_address: ['address', 'createdAt'],
    },
  )

  /** The number of a value's events in each period that has any, for counting without reading events. */
  const rollup = (name: RollupName) =>
    keyed(name, ['number', 'period'], {
      number: reference('number'),
      /** Numbered from 1970. */
      period: reference('period'),
      events: reference('events'),
    })
  /** For series, for kinds, and for all events as number 0. */
  const quarterCounts = rollup('quarter_counts')
  /** For kinds and principals. */
  const dayCounts = rollup('day_counts')

  /** Each batch of an Organization's new events, sealed. See seal.ts. */
  const seals = keyed('seals', ['sequence'], {
    /** The sequence number of the batch's last event. */
    sequence: big('sequence').notNull(),
    events: big('events').notNull(),
    recordedAt: date('recorded_at'),
    parts: bytes('parts').notNull(),
    head: bytes('head').notNull(),
  })

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
  const directory = keyed('directory', ['id'], {
    id: id('id').notNull(),
    kind: word('kind'),
    name: word('name'),
    /** The folded name for sorting, and all folded texts that are searched besides the ID; see fold.ts. */
    sortName: word('sort_name'),
    searched: word('searched'),
    createdAt: big('created_at'),
    /** The entry's other fields, as JSON. */
    details: word('details'),
  })

  /** All names that each entry of the directory has had, including the current one. Erased with the entry. */
  const names = keyed('names', ['id', 'since'], {
    id: id('id').notNull(),
    since: date('since'),
    /** Null for an API key without a description. */
    name: text('name'),
  })

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
