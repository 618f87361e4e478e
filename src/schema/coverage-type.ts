// What the archive knows to be complete, so that clients can tell an empty page from missing data.

import { BEGINNING, type Coverage, isStale, type TimeRange } from '../coverage.ts'
import { builder, exposed } from './builder.ts'
import { costs } from './cost.ts'
import { OrganizationType } from './organization-type.ts'

const TimeRangeType = builder.objectRef<TimeRange>('TimeRange').implement({
  description: 'A time range.',
  fields: t => ({
    from: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'The start, included; null for all time before `until`.',
      resolve: ({ from }) => (from === BEGINNING ? null : from),
    }),
    until: t.expose('until', { type: 'DateTime', description: 'The end, excluded.' }),
  }),
})

const CoverageType = builder.objectRef<Coverage>('Coverage').implement({
  description: `Which parts of the Organization's log this archive has, and which are complete. Scaleway lists some
events late, so events may still be added to a range that was complete.`,
  fields: t => ({
    ...exposed(t, 'DateTime', {
      earliest: 'The date of the oldest event in the archive; null if there is none.',
      latest: 'The date of the newest event in the archive; null if there is none.',
      lastSyncedAt: 'When the log was last read up to its end from Scaleway; null if never.',
      completeUntil: `All events that Scaleway listed before this time are in the archive; null if the beginning of
the log was not read.`,
    }),
    gaps: t.expose('gaps', {
      type: [TimeRangeType],
      description: `The time ranges before \`lastSyncedAt\` that were not read from Scaleway, in order. They may still
have imported events. Empty if nothing was ever read.`,
    }),
    stale: t.boolean({
      nullable: true,
      description: `Whether \`lastSyncedAt\` is more than an hour ago, so that newer events may be missing; null if
there was no sync.`,
      resolve: (coverage, _, { clock }) =>
        coverage.lastSyncedAt === null ? null : isStale(coverage, clock()),
    }),
  }),
})

const NOTHING = { earliest: null, latest: null, lastSyncedAt: null, completeUntil: null, gaps: [] }

builder.objectField(OrganizationType, 'coverage', t =>
  t.field({
    type: CoverageType,
    description: `Which parts of the log the archive has. All fields are null if the viewer may not see the events.`,
    extensions: costs({ reads: 10 }),
    resolve: async ({ id }, _, { log }) =>
      (await log.coverage(id)) ?? { ...NOTHING, organizationId: id },
  }),
)
