// The tables in PostgreSQL, also for drizzle-kit. Two things that it cannot express are written into the migration by
// hand: `events` is partitioned by month of `created_at` (see partitions.ts), and tables whose totals change with
// each batch have a `fillfactor` of 50 percent, so that a row's new version fits on the same page and no index
// changes (HOT update).

import { defineTables } from '../tables.ts'
import { kit } from './kit.ts'

export const postgresTables = defineTables(kit)
export const { organizations, kinds, principals, userAgents, addresses } = postgresTables
export const { resources, series, events, quarterCounts, dayCounts } = postgresTables
export const { seals, readWindows, directory, names, savedViews } = postgresTables
export const { tokens, accessGrants, sessions } = postgresTables

/** Keeps event IDs unique, which an index on the partitioned table cannot do, and locates each event. */
export const eventIds = kit.table(
  'event_ids',
  {
    organization: kit.organization().notNull(),
    id: kit.eventId('id').notNull(),
    sequence: kit.big('sequence').notNull(),
    createdAt: kit.big('created_at').notNull(),
  },
  t => [
    kit.primaryKey({ columns: [t.organization, t.id] }),
    kit.unique('event_ids_by_sequence').on(t.organization, t.sequence),
  ],
)
