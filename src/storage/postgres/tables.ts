// The tables as PostgreSQL keeps them, for drizzle-kit too. Two things it cannot say are written into the migration by hand:
// that `events` is partitioned by month of `created_at` (see partitions.ts), and that pages of tables whose totals each
// batch changes are filled by half (`fillfactor`), so that a row's new version finds room beside it and no index changes.

import { defineTables } from '../tables.ts'
import { kit } from './kit.ts'

export const postgresTables = defineTables(kit)
export const {
  organizations,
  kinds,
  principals,
  userAgents,
  addresses,
  resources,
  series,
  events,
} = postgresTables
export const { seriesTimes, kindTimes, seals, readWindows, directory, names, savedViews, tokens } =
  postgresTables
export const { accessGrants, sessions } = postgresTables

/** Each event once, which no index over partitions can promise; and where to find it. */
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
