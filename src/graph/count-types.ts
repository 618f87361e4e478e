// What figures over events are made of: how many did one thing, are of one principal, happened in one stretch of time,
// came from one address or client.

import type { Action, Category } from '../event.ts'
import type { Instant } from '../instant.ts'
import type { ValueCount, ValueCounts } from '../store.ts'
import { builder } from './builder.ts'
import { EventActionType, EventCategoryType } from './event-filter.ts'
import { PrincipalType } from './principal.ts'

interface ActionCount {
  readonly action: Action
  readonly count: number
}

interface CategoryCount {
  readonly category: Category
  readonly count: number
}

interface PrincipalCount {
  readonly organizationId: string
  readonly id: string
  readonly count: number
}

interface TimeCount {
  readonly start: Instant
  readonly end: Instant
  readonly count: number
}

const HOW_MANY = 'How many events.'

export const ActionCountType = builder.objectRef<ActionCount>('ActionCount').implement({
  description: 'How many events did one thing.',
  fields: t => ({
    action: t.expose('action', { type: EventActionType, description: 'What was done.' }),
    count: t.exposeInt('count', { description: HOW_MANY }),
  }),
})

export const CategoryCountType = builder.objectRef<CategoryCount>('CategoryCount').implement({
  description: 'How many events are about one type of resource.',
  fields: t => ({
    category: t.expose('category', { type: EventCategoryType, description: 'The type.' }),
    count: t.exposeInt('count', { description: HOW_MANY }),
  }),
})

export const PrincipalCountType = builder.objectRef<PrincipalCount>('PrincipalCount').implement({
  description: 'How many events are of one principal.',
  fields: t => ({
    principal: t.field({
      type: PrincipalType,
      description: 'Who, as far as the viewer may know.',
      resolve: ({ organizationId, id }, _, { load }) => load.principal({ organizationId, id }),
    }),
    count: t.exposeInt('count', { description: HOW_MANY }),
  }),
})

export const TimeCountType = builder.objectRef<TimeCount>('TimeCount').implement({
  description: 'How many events happened in one stretch of time.',
  fields: t => ({
    start: t.expose('start', { type: 'DateTime', description: 'Its start, included.' }),
    end: t.expose('end', { type: 'DateTime', description: 'Its end, excluded.' }),
    count: t.exposeInt('count', { description: HOW_MANY }),
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

const LATEST = 'The date of the newest of them.'

const COUNTED_SINCE = `Null where all events that match are counted. Otherwise there are too many to look at, and only the
newest are counted: every one from this date on, and none before.`

const IpAddressCountType = builder.objectRef<ValueCount>('IpAddressCount').implement({
  description: 'How many events came from one address.',
  fields: t => ({
    ipAddress: t.expose('value', {
      type: 'String',
      nullable: true,
      description: 'The address, as the events have it; null for those that have none.',
    }),
    count: t.exposeInt('events', { description: HOW_MANY }),
    latest: t.expose('latest', { type: 'DateTime', description: LATEST }),
  }),
})

export const IpAddressCountsType = builder.objectRef<ValueCounts>('IpAddressCounts').implement({
  description: 'From which addresses events came.',
  fields: t => ({
    nodes: t.field({
      type: [IpAddressCountType],
      description: `Those with the most events first, equal ones by the newest of them, then by address, where none comes
last.`,
      resolve: ({ values }) => values,
    }),
    countedSince: t.expose('since', {
      type: 'DateTime',
      nullable: true,
      description: COUNTED_SINCE,
    }),
  }),
})

const UserAgentCountType = builder.objectRef<ValueCount>('UserAgentCount').implement({
  description: 'How many events were made with one client.',
  fields: t => ({
    userAgent: t.expose('value', {
      type: 'String',
      nullable: true,
      description: 'As the client named itself; null for events of which none is known.',
    }),
    count: t.exposeInt('events', { description: HOW_MANY }),
    latest: t.expose('latest', { type: 'DateTime', description: LATEST }),
  }),
})

export const UserAgentCountsType = builder.objectRef<ValueCounts>('UserAgentCounts').implement({
  description: 'With which clients events were made.',
  fields: t => ({
    nodes: t.field({
      type: [UserAgentCountType],
      description: `Those with the most events first, equal ones by the newest of them, then by text, where none comes
last.`,
      resolve: ({ values }) => values,
    }),
    countedSince: t.expose('since', {
      type: 'DateTime',
      nullable: true,
      description: COUNTED_SINCE,
    }),
  }),
})
