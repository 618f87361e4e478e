// The types of counts of events: by action, category, principal, time, address and client.

import type { Action, Category } from '../event.ts'
import type { Instant } from '../instant.ts'
import type { ValueCount, ValueCounts } from '../log-reader.ts'
import type { DirectoryKey } from '../principal.ts'
import { builder } from './builder.ts'
import { costs } from './cost.ts'
import { EventActionType, EventCategoryType } from './event-filter.ts'
import { PrincipalType } from './principal-types.ts'

export interface KindTotal<Kind> {
  readonly kind: Kind
  readonly count: number
}

const HOW_MANY = 'How many events.'

export const ActionCountType = builder.objectRef<KindTotal<Action>>('ActionCount').implement({
  description: 'How many events did one thing.',
  fields: t => ({
    action: t.expose('kind', { type: EventActionType, description: 'What was done.' }),
    count: t.exposeInt('count', { description: HOW_MANY }),
  }),
})

export const CategoryCountType = builder.objectRef<KindTotal<Category>>('CategoryCount').implement({
  description: 'How many events are about one type of resource.',
  fields: t => ({
    category: t.expose('kind', { type: EventCategoryType, description: 'The type.' }),
    count: t.exposeInt('count', { description: HOW_MANY }),
  }),
})

export const PrincipalCountType = builder
  .objectRef<DirectoryKey & { count: number }>('PrincipalCount')
  .implement({
    description: 'How many events are of one principal.',
    fields: t => ({
      principal: t.field({
        type: PrincipalType,
        description: 'Who, as far as the viewer may know.',
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
    description: 'How many events happened in one stretch of time.',
    fields: t => ({
      start: t.expose('start', { type: 'DateTime', description: 'Its start, included.' }),
      end: t.expose('end', { type: 'DateTime', description: 'Its end, excluded.' }),
      count: t.exposeInt('count', { description: HOW_MANY }),
      byAction: t.field({
        type: [ActionCountType],
        description:
          'Of these, how many did what: in the order of EventAction, without those that have none.',
        // One more read of the events serves the whole list.
        extensions: costs({ reads: 100 }),
        resolve: ({ byAction }) => byAction(),
      }),
    }),
  })

export const TimeIntervalType = builder.enumType('TimeInterval', {
  description: 'How long a stretch of time is, by the calendar and the clocks of a time zone.',
  values: {
    MINUTE: { value: 'minute', description: 'By the clock.' },
    HOUR: {
      value: 'hour',
      description: 'By the clock. One that comes twice as clocks are put back is two.',
    },
    DAY: { value: 'day', description: 'A date: 23 or 25 hours where clocks change.' },
    WEEK: { value: 'week', description: 'From a Monday to the next.' },
    MONTH: { value: 'month', description: 'By the calendar.' },
  } as const,
})

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
      latest: t.expose('latest', {
        type: 'DateTime',
        description: 'The date of the newest of them.',
      }),
    }),
  })
  const ValueCountsType = builder.objectRef<ValueCounts>(`${name}Counts`).implement({
    description: described.counts,
    fields: t => ({
      nodes: t.expose('values', {
        type: [ValueCountType],
        description: `Those with the most events first, equal ones by the newest of them, then by ${described.sortedBy}, where none comes
last.`,
      }),
      countedSince: t.expose('since', {
        type: 'DateTime',
        nullable: true,
        description: `Null where all events that match are counted. Otherwise there are too many to look at, and only the
newest are counted: every one from this date on, and none before.`,
      }),
    }),
  })
  return [ValueCountType, ValueCountsType] as const
}

export const [IpAddressCountType, IpAddressCountsType] = valueCountsType('IpAddress', 'ipAddress', {
  counts: 'From which addresses events came.',
  count: 'How many events came from one address.',
  value: 'The address, as the events have it; null for those that have none.',
  sortedBy: 'address',
})

export const [UserAgentCountType, UserAgentCountsType] = valueCountsType('UserAgent', 'userAgent', {
  counts: 'With which clients events were made.',
  count: 'How many events were made with one client.',
  value: 'As the client named itself; null for events of which none is known.',
  sortedBy: 'text',
})
