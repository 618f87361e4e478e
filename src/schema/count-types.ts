// The types of counts of events: by action, category, principal, time, address and client.

import type { Action, Category } from '../event.ts'
import type { Instant } from '../instant.ts'
import type { ValueCount, ValueCounts } from '../log-reader.ts'
import type { DirectoryKey } from '../principal.ts'
import { builder, exposed, wordsType } from './builder.ts'
import { costs } from './cost.ts'
import { EventActionType, EventCategoryType } from './event-filter.ts'
import { PrincipalType } from './principal-types.ts'
import type { Interval } from './time-buckets.ts'

export interface KindTotal<Kind> {
  readonly kind: Kind
  readonly count: number
}

const HOW_MANY = 'The number of events.'

export const ActionCountType = builder.objectRef<KindTotal<Action>>('ActionCount').implement({
  description: 'The number of events with one action.',
  fields: t => ({
    action: t.expose('kind', { type: EventActionType, description: 'The action.' }),
    count: t.exposeInt('count', { description: HOW_MANY }),
  }),
})

export const CategoryCountType = builder.objectRef<KindTotal<Category>>('CategoryCount').implement({
  description: 'The number of events about one type of resource.',
  fields: t => ({
    category: t.expose('kind', { type: EventCategoryType, description: 'The type of resource.' }),
    count: t.exposeInt('count', { description: HOW_MANY }),
  }),
})

export const PrincipalCountType = builder
  .objectRef<DirectoryKey & { count: number }>('PrincipalCount')
  .implement({
    description: 'The number of events of one principal.',
    fields: t => ({
      principal: t.field({
        type: PrincipalType,
        description: 'The principal; Unknown if the viewer may not see it.',
        resolve: (key, _, { load }) => load.principal(key),
      }),
      count: t.exposeInt('count', { description: HOW_MANY }),
    }),
  })

export const TimeCountType = builder
  .objectRef<{
    start: Instant
    end: Instant
    count: number
    byAction: () => Promise<KindTotal<Action>[]>
  }>('TimeCount')
  .implement({
    description: 'The number of events in one time interval.',
    fields: t => ({
      ...exposed(t, 'DateTime!', { start: 'The start, included.', end: 'The end, excluded.' }),
      count: t.exposeInt('count', { description: HOW_MANY }),
      byAction: t.field({
        type: [ActionCountType],
        description: 'The number of events by action, in the order of EventAction, without zeros.',
        // One more read of the events serves the whole list.
        extensions: costs({ reads: 100 }),
        resolve: ({ byAction }) => byAction(),
      }),
    }),
  })

export const TimeIntervalType = wordsType<Interval>(
  'TimeInterval',
  'The length of a time interval, by the calendar and clock of a time zone.',
  {
    minute: 'A minute.',
    hour: 'An hour. When clocks are put back, the repeated hour counts as two.',
    day: 'A calendar day: 23 or 25 hours when clocks change.',
    week: 'A week, which starts on Monday.',
    month: 'A calendar month.',
  },
)

/** The types `<Name>Count` and `<Name>Counts`: the number of events for each value of a field, or without one. */
function valueCountsType(
  name: string,
  field: string,
  described: { counts: string; count: string; value: string; sortedBy: string },
) {
  const ValueCountType = builder.objectRef<ValueCount>(`${name}Count`).implement({
    description: described.count,
    fields: t => ({
      [field]: t.expose('value', {
        type: 'String',
        nullable: true,
        description: described.value,
      }),
      count: t.exposeInt('events', { description: HOW_MANY }),
      ...exposed(t, 'DateTime!', { latest: 'The date of the newest of these events.' }),
    }),
  })
  const ValueCountsType = builder.objectRef<ValueCounts>(`${name}Counts`).implement({
    description: described.counts,
    fields: t => ({
      nodes: t.expose('values', {
        type: [ValueCountType],
        description: `Sorted by number of events, highest first, then by the date of the newest event, then by
${described.sortedBy}; null is last.`,
      }),
      countedSince: t.expose('since', {
        type: 'DateTime',
        nullable: true,
        description: `Null if all events that match are counted. Otherwise there are too many to read: every event
that matches is counted from this date on, and none before it.`,
      }),
    }),
  })
  return [ValueCountType, ValueCountsType] as const
}

export const [IpAddressCountType, IpAddressCountsType] = valueCountsType('IpAddress', 'ipAddress', {
  counts: 'The numbers of events by IP address.',
  count: 'The number of events from one IP address.',
  value: 'The address, as in the events; null for events without one.',
  sortedBy: 'address',
})

export const [UserAgentCountType, UserAgentCountsType] = valueCountsType('UserAgent', 'userAgent', {
  counts: 'The numbers of events by user agent.',
  count: 'The number of events with one user agent.',
  value: 'The user agent; null for events without one.',
  sortedBy: 'text',
})
