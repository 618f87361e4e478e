// Counts of events, as the Logs page shows them, with the same filter and the same rights as `events`.

import {
  ACTIONS,
  type Action,
  actionOf,
  CATEGORIES,
  categoryOf,
  type EventFilter,
  type EventOrder,
} from '../event.ts'
import type { Instant } from '../instant.ts'
import type { EventCounts, KindCount, LogReader } from '../log-reader.ts'
import { builder } from './builder.ts'
import { LARGEST_PAGE, listed, once, pageSize } from './connection.ts'
import { costs } from './cost.ts'
import {
  ActionCountType,
  CategoryCountType,
  IpAddressCountsType,
  type KindTotal,
  PrincipalCountType,
  TimeCountType,
  TimeIntervalType,
  UserAgentCountsType,
} from './count-types.ts'
import { eventFilter, filterArgument } from './event-filter.ts'
import { OrganizationType } from './organization-type.ts'
import { bucketEdges, MOST_BUCKETS } from './time-buckets.ts'

interface Counted {
  readonly organizationId: string
  /** For the counted events, if there are too many to count all. */
  readonly filter: EventFilter
  readonly counts: EventCounts
  /** Read once for three fields. */
  readonly kinds: () => Promise<readonly KindCount[]>
}

/** Each count is a separate read, and may read many events. */
const READS = costs({ reads: 100 })

/** For counts that read events one by one. */
const SCAN_READS = 1_000

const EventCountsType = builder.objectRef<Counted>('EventCounts').implement({
  description: `Statistics about the events that match. Each field is computed separately, so an event that arrives
meanwhile may be counted in one field and not in another. Results are exact for every filter by date, action,
category, principal and user agent; for a filter by address or resource, only a limited number of events is read, see
\`isExact\`. \`byUserAgent\` is exact for every filter without dates, addresses and resources, \`byIpAddress\` without
any filter; otherwise they read a limited number of events and have a \`countedSince\` of their own.`,
  fields: t => ({
    total: t.int({
      description: 'The number of events.',
      extensions: READS,
      resolve: async ({ kinds }) => total(await kinds()),
    }),
    isExact: t.boolean({
      description: `Whether all events that match are counted. If not, there are too many to read, and only the newest
are counted: those since \`countedSince\`.`,
      resolve: ({ counts }) => counts.since === null,
    }),
    countedSince: t.field({
      type: 'DateTime',
      nullable: true,
      description: `If the counts are not exact: every event that matches is counted from this date on, and none
before it. Null if the counts are exact.`,
      resolve: ({ counts }) => counts.since,
    }),
    byAction: t.field({
      type: [ActionCountType],
      description:
        'The number of events by action, in the order of EventAction, without zeros. UNKNOWN is the sum of all other actions.',
      extensions: READS,
      resolve: async ({ kinds }) =>
        totals(ACTIONS, await kinds(), ({ action }) => actionOf(action)),
    }),
    byCategory: t.field({
      type: [CategoryCountType],
      description:
        'The number of events by category, in the order of EventCategory, without zeros. UNKNOWN is the sum of all other categories.',
      extensions: READS,
      resolve: async ({ kinds }) =>
        totals(CATEGORIES, await kinds(), ({ category }) => categoryOf(category)),
    }),
    byPrincipal: t.field({
      type: [PrincipalCountType],
      description: `The number of events by principal, sorted by number, highest first, then by ID. Principals that
are Unknown to the viewer are counted separately, by their IDs.`,
      ...listed('principals', 10, 100),
      async resolve({ organizationId, counts }, { first }) {
        const found = await counts.principals(checkedFirst(first, 'principalIds'))
        return found.map(({ principalId: id, events: count }) => ({ organizationId, id, count }))
      },
    }),
    byIpAddress: t.field({
      type: IpAddressCountsType,
      description: 'The number of events by IP address.',
      ...listed('addresses', 10, SCAN_READS),
      resolve: async ({ counts }, { first }) =>
        counts.addresses(checkedFirst(first, 'ipAddresses')),
    }),
    byUserAgent: t.field({
      type: UserAgentCountsType,
      description: 'The number of events by user agent.',
      ...listed('user agents', 10, SCAN_READS),
      resolve: async ({ counts }, { first }) => counts.userAgents(checkedFirst(first, 'userAgent')),
    }),
    byTime: t.field({
      type: [TimeCountType],
      description: `The number of events by time interval, in order and without gaps: from \`createdAfter\` (by
default, from the first event that matches) to \`createdBefore\` (by default, to the last), but not before
\`countedSince\`. The first interval may begin earlier and the last may end later, but only events that match are
counted. At most ${MOST_BUCKETS} intervals.`,
      args: {
        interval: t.arg({
          type: TimeIntervalType,
          required: true,
          description: 'The length of each interval.',
        }),
        timeZone: t.arg.string({
          required: true,
          defaultValue: 'UTC',
          description: 'The IANA name of the time zone of the intervals, such as `Europe/Paris`.',
        }),
      },
      extensions: costs({ reads: SCAN_READS }),
      async resolve(counted, { interval, timeZone }, { log }) {
        // Refuses an unknown time zone whether or not there are events.
        bucketEdges(interval, timeZone, 0, 1)
        const range = await rangeOf(counted, log)
        if (range === null) return []
        const edges = bucketEdges(interval, timeZone, range.from, range.until)
        const counts = await counted.counts.times(edges)
        const byAction = once(() => timesByAction(counted, edges, log))
        return counts.map((count, at) => ({
          start: edges[at] ?? 0,
          end: edges[at + 1] ?? 0,
          count,
          byAction: async () => (await byAction())[at] ?? [],
        }))
      },
    }),
  }),
})

builder.objectField(OrganizationType, 'eventCounts', t =>
  t.field({
    type: EventCountsType,
    description: 'Statistics about the events of the Organization.',
    args: filterArgument('count'),
    async resolve({ id: organizationId }, args, { log }) {
      const given = eventFilter(args.filter)
      const counts = await log.eventCounts(organizationId, given)
      const createdAfter = Math.max(counts.since ?? -Infinity, given.createdAfter ?? -Infinity)
      const filter = createdAfter === -Infinity ? given : { ...given, createdAfter }
      return { organizationId, filter, counts, kinds: once(() => counts.kinds()) }
    },
  }),
)

function totals<Kind extends string>(
  all: readonly Kind[],
  counts: readonly KindCount[],
  kindOf: (count: KindCount) => Kind,
): KindTotal<Kind>[] {
  const ofKind = Map.groupBy(counts, kindOf)
  return all
    .map(kind => ({ kind, count: total(ofKind.get(kind) ?? []) }))
    .filter(({ count }) => count > 0)
}

function total(counts: readonly KindCount[]): number {
  return counts.reduce((sum, { events }) => sum + events, 0)
}

/** The counts of `byAction` between each two edges, with one query per action. */
async function timesByAction(
  { organizationId, filter, kinds }: Counted,
  edges: readonly Instant[],
  log: LogReader,
): Promise<KindTotal<Action>[][]> {
  const occurring = new Set((await kinds()).map(({ action }) => actionOf(action)))
  const found: KindTotal<Action>[][] = edges.slice(1).map(() => [])
  for (const kind of ACTIONS.filter(action => occurring.has(action))) {
    const counted = await log.eventCounts(organizationId, { ...filter, actions: [kind] })
    for (const [at, count] of (await counted.times(edges)).entries())
      if (count > 0) found[at]?.push({ kind, count })
  }
  return found
}

/** `condition`: the filter condition with which counts of other values can be requested. */
function checkedFirst(first: number, condition: string): number {
  return pageSize('first', first, `; ask for ${LARGEST_PAGE}, or filter by ${condition}`, 1)
}

/** From the first to the last counted event, or the dates of the filter; `null` if it is empty. */
async function rangeOf(
  { organizationId, filter }: Counted,
  log: LogReader,
): Promise<{ from: Instant; until: Instant } | null> {
  const edge = async (order: EventOrder) => {
    const { events } = await log.events({ organizationId, filter, order, limit: 1 })
    return events[0]?.createdAt
  }
  const from = filter.createdAfter ?? (await edge('oldest-first')) ?? Infinity
  const until = filter.createdBefore ?? ((await edge('newest-first')) ?? -Infinity) + 1
  return from < until ? { from, until } : null
}
