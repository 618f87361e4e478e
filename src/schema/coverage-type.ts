// What the archive knows to be complete, so that clients can tell an empty page from missing data.

import { BEGINNING, type Coverage, isStale, type TimeRange } from '../coverage.ts'
import { builder, nullableFields } from './builder.ts'
import { costs } from './cost.ts'
import { OrganizationType } from './organization-type.ts'

const TimeRangeType = builder.objectRef<TimeRange>('TimeRange').implement({
  description: 'A stretch of time.',
  fields: t => ({
    from: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Its start, included; null where it has none: everything before `until`.',
      resolve: ({ from }) => (from === BEGINNING ? null : from),
    }),
    until: t.expose('until', { type: 'DateTime', description: 'Its end, excluded.' }),
  }),
})

const CoverageType = builder.objectRef<Coverage>('Coverage').implement({
  description: `What the archive holds of the Organization's log, and what it knows to be complete. Scaleway lists
some events late, so a stretch that was read to its end may still get another event.`,
  fields: t => ({
    ...nullableFields(t, 'DateTime', {
      earliest: 'The date of the first event here; null where there is none.',
      latest: 'The date of the last event here; null where there is none.',
      lastSyncedAt: 'When the end of the log was last read from Scaleway; null for never.',
      completeUntil: `From the beginning of the log up to here, excluded, everything Scaleway listed is here; null where
not even the beginning was read.`,
    }),
    gaps: t.expose('gaps', {
      type: [TimeRangeType],
      description: `What was not read from Scaleway before \`lastSyncedAt\`, in order. Events may be here all the same,
from an import. Empty where nothing was ever read.`,
    }),
    stale: t.boolean({
      nullable: true,
      description: `Whether the end of the log was last read more than an hour ago, so that newer events may be missing;
null where it never was.`,
      resolve: (coverage, _, { clock }) =>
        coverage.lastSyncedAt === null ? null : isStale(coverage, clock()),
    }),
  }),
})

const NOTHING = { earliest: null, latest: null, lastSyncedAt: null, completeUntil: null, gaps: [] }

builder.objectField(OrganizationType, 'coverage', t =>
  t.field({
    type: CoverageType,
    description: `What the archive holds and knows to be complete. All null where the viewer may not see the events.`,
    extensions: costs({ reads: 10 }),
    resolve: async ({ id }, _, { log }) =>
      (await log.coverage(id)) ?? { ...NOTHING, organizationId: id },
  }),
)
