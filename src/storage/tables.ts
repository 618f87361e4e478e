// The tables, alike in both databases; what a column is kept as, and how rows are found by it, each says itself
// (sqlite/tables.ts, postgres/tables.ts). A change here needs migrations: `npm run migrations`.
//
// What repeats is kept once and named by a number, which is of one Organization: every key begins with the
// Organization, and so does every index, so that a distributed PostgreSQL can shard by it. Dates are microseconds.

import type { PostgresKit } from './postgres/kit.ts'

/**
 * `kit` makes columns and keys as one database has them. SQLite's is given as if it were PostgreSQL's: of both, the
 * builder has the methods that are used here.
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: it is a table
export function defineTables(kit: PostgresKit) {
  const { table, organization, id, eventId, text, number, big, bytes, primaryKey, index, unique } =
    kit

  /** How many events have it, and the dates of the first and last of them; kept in the transaction that takes them in. */
  const totals = () => ({
    events: big('events').notNull().default(0),
    /** Not later than the first: retention leaves it behind. Says nothing where there are no events. */
    firstAt: big('first_at').notNull().default(0),
    lastAt: big('last_at').notNull().default(0),
  })
  const value = () => ({
    organization: organization().notNull(),
    number: number('number').notNull(),
  })

  /** Its row is locked by each write to an Organization until it commits. */
  const organizations = table(
    'organizations',
    {
      /** What the rows of other tables name it by. In PostgreSQL the ID itself. */
      key: kit.organizationKey(),
      id: kit.organizationId().notNull(),
      name: text('name'),
      ...totals(),
      /** The highest sequence number ever given to one of its events. */
      lastSequence: big('last_sequence').notNull().default(0),
      /** What is dated before is not taken in: retention has dropped it. */
      keptFrom: big('kept_from'),
      /** The highest number ever given to one of its values. */
      lastNumber: number('last_number').notNull().default(0),
      /** Changes when numbers may have been given up, so that nobody goes on using remembered ones. */
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

  /** Every principal that ever acted, also those that no directory knows. */
  const principals = table('principals', { ...value(), id: id('id').notNull(), ...totals() }, t => [
    primaryKey({ columns: [t.organization, t.number] }),
    unique('principals_by_id').on(t.organization, t.id),
  ])

  const userAgents = table(
    'user_agents',
    {
      ...value(),
      text: text('text').notNull(),
      /** SHA-256 of the text, which may be longer than an index takes. */
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
      /** 4 or 16 bytes; null where the text is no address, which lies in no block. */
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
   * The events of one principal with one user agent (0: none) and of one kind. Any filter on these is a set of
   * series, so that one index on events answers all of them and all their pairs.
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
      /** Order of arrival, counted by Organization from 1 on: never given twice, never visible before a lower one. */
      sequence: big('sequence').notNull(),
      createdAt: big('created_at').notNull(),
      id: eventId('id').notNull(),
      series: number('series').notNull(),
      resource: number('resource').notNull(),
      /** 0: none. */
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

  /** How many events of a series each quarter of an hour has, counted from 1970 on; of those that have any. */
  const seriesTimes = table(
    'series_times',
    {
      organization: organization().notNull(),
      series: number('series').notNull(),
      quarter: number('quarter').notNull(),
      events: number('events').notNull(),
    },
    t => [primaryKey({ columns: [t.organization, t.series, t.quarter] })],
  )

  /** The same of a kind: few rows, by which all events are counted; and of all kinds together, as kind 0. */
  const kindTimes = table(
    'kind_times',
    {
      organization: organization().notNull(),
      kind: number('kind').notNull(),
      quarter: number('quarter').notNull(),
      events: number('events').notNull(),
    },
    t => [primaryKey({ columns: [t.organization, t.kind, t.quarter] })],
  )

  /** Each batch of an Organization's new events, sealed. See seal.ts. */
  const seals = table(
    'seals',
    {
      organization: organization().notNull(),
      /** Of the batch's last event. */
      sequence: big('sequence').notNull(),
      events: big('events').notNull(),
      recordedAt: big('recorded_at').notNull(),
      parts: bytes('parts').notNull(),
      head: bytes('head').notNull(),
    },
    t => [primaryKey({ columns: [t.organization, t.sequence] })],
  )

  /** Stretches of an Organization's log that were read to their end; see `ReadWindow` in coverage.ts. */
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

  /** What Scaleway lists now, and which IDs it was learned to act by itself. Nothing of what was removed is left. */
  const directory = table(
    'directory',
    {
      organization: organization().notNull(),
      id: id('id').notNull(),
      kind: text('kind').notNull(),
      name: text('name').notNull(),
      /** The name as it is sorted by, and all that is searched beside the ID; see fold.ts. */
      sortName: text('sort_name').notNull(),
      searched: text('searched').notNull(),
      createdAt: big('created_at'),
      /** The entry's other fields, as JSON. */
      details: text('details').notNull(),
    },
    t => [primaryKey({ columns: [t.organization, t.id] })],
  )

  /** What each entry of the directory was called, the current name included; of none that is not in the directory. */
  const names = table(
    'names',
    {
      organization: organization().notNull(),
      id: id('id').notNull(),
      since: big('since').notNull(),
      /** Of an API key without a description, null. */
      name: text('name'),
    },
    t => [primaryKey({ columns: [t.organization, t.id, t.since] })],
  )

  /** What viewers of the Organization saved of what the Logs page shows. */
  const savedViews = table(
    'saved_views',
    {
      organization: organization().notNull(),
      id: id('id').notNull(),
      /** Whose it is; see `Viewer`. */
      account: text('account').notNull(),
      author: text('author'),
      name: text('name').notNull(),
      pageQuery: text('page_query').notNull(),
      /** 1 for a view that everyone in the Organization sees, otherwise 0. */
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

  /** On the coordinator of a distributed database, as tokens: a person is looked up in all Organizations at once. */
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
    ...{ seriesTimes, kindTimes, seals, readWindows, directory, names, savedViews, tokens },
    ...{ accessGrants, sessions },
  }
}

export type Tables = ReturnType<typeof defineTables>
