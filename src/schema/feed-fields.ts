// Events in the order of arrival, for collectors: in pages, or as a subscription, with the same cursor. It is the ID of
// an event, so it reveals nothing about other Organizations.

import { InputError, quoted, type UserError } from '../errors.ts'
import { FEED_START, type FeedCursor, type FeedPage, type RecordedEvent } from '../event.ts'
import { canonicalId } from '../id.ts'
import { type Follow, follow } from '../tail.ts'
import { builder, exposed } from './builder.ts'
import { DEFAULT_PAGE, LARGEST_PAGE, nextBy, PAGED, pageSize } from './connection.ts'
import type { GraphContext, Subscription } from './context.ts'
import { eventFilter, filterArgument } from './event-filter.ts'
import { EventType } from './event-type.ts'
import { OrganizationType } from './organization-type.ts'

const EventFeedType = builder.objectRef<FeedPage>('EventFeed').implement({
  description: 'A page of events in order of arrival, and the cursor of the next page.',
  fields: t => ({
    nodes: t.expose('events', {
      type: [EventType],
      description: 'The events in order of arrival. May be empty although `hasMore` is true.',
    }),
    ...exposed(t, 'String!', {
      cursor: `The cursor for the next page, to pass as \`after\`: the \`eventId\` of the last event that was
read. Present even if \`nodes\` is empty; permanent.`,
    }),
    ...exposed(t, 'Boolean!', {
      hasMore: `Whether events arrived after \`cursor\`, which may not match the filter. If not, request again
later with the same cursor.`,
    }),
  }),
})

const AFTER = `a \`cursor\` of \`eventFeed\`, or the \`eventId\` of any event of the Organization; only events that
arrived after it are returned. It need not match the filter.`

builder.objectField(OrganizationType, 'eventFeed', t =>
  t.field({
    type: EventFeedType,
    description: `The events in order of arrival in this archive, for programs that collect events. A client that
passes each \`cursor\` as the next \`after\` gets every event that matches exactly once, also events that arrive long
after their date, and across restarts of client and server. For the order by date, use \`events\`. With a filter, each
page reads a limited number of events, so it may have fewer than \`first\` events, or none, although \`hasMore\` is
true.`,
    args: {
      after: t.arg.string({
        description: `Where to continue: ${AFTER} By default, from the first event on.`,
      }),
      first: t.arg.int({
        description: `The maximum number of events: ${DEFAULT_PAGE} by default, at most ${LARGEST_PAGE}.`,
      }),
      ...filterArgument(),
    },
    extensions: PAGED,
    async resolve({ id: organizationId }, args, { log }) {
      const filter = eventFilter(args.filter)
      const limit = pageSize('first', args.first, nextBy('cursor'))
      const after = cursorOf(args.after)
      const page = await log.arrivals({ organizationId, filter, after, limit })
      if (page !== null) return page
      // For a viewer who sees no events, the only cursor is the start.
      if (after === FEED_START) return { events: [], cursor: after, hasMore: false }
      throw unknownCursor(args.after)
    },
  }),
)

builder.subscriptionType({ description: 'Streams of new events.' })

builder.subscriptionField('eventRecorded', t =>
  t.field({
    type: EventType,
    description: `Each event of the Organization that matches, when it arrives in this archive from any source. With
\`after\`, first the events that arrived since then, without gaps or repetitions. As in \`eventFeed\`, the order is
that of arrival, not of date. The server ends the stream if the token is no longer valid, its rights change, or the
client reads too slowly; its error names the cursor to continue from.`,
    args: {
      organizationId: t.arg.id({ required: true, description: "The Organization's ID." }),
      ...filterArgument(),
      after: t.arg.string({
        description: `Where to start: ${AFTER} By default, only events that arrive from now on.`,
      }),
    },
    async subscribe(_, args, context) {
      const { subscription, log } = context
      if (subscription === null) throw new Error('nothing ends this subscription')
      const filter = eventFilter(args.filter)
      const organizationId = await visibleOrganization(args.organizationId, context)
      const cursor = subscription.lastEventId || args.after
      const after = cursor == null ? await log.lastArrival(organizationId) : cursorOf(cursor)
      const place = { organizationId, filter: {}, after, limit: 0 }
      if (cursor != null && (await log.arrivals(place)) === null) throw unknownCursor(cursor)
      subscription.reached = after
      subscription.offered = after
      return recorded({ organizationId, filter, after }, subscription, context)
    },
    resolve: event => event,
  }),
)

/** Refuses a hidden one and one that does not exist with the same message. */
async function visibleOrganization(id: string, { load }: GraphContext): Promise<string> {
  const organization = await load.organization.load(canonicalId(id))
  if (organization !== null) return organization.id
  throw new InputError(
    `Organization ${quoted(id)} was not found among those whose events you may see; \`organizations\` lists them`,
  )
}

/** Resumed only after the previous event was sent, so `reached` is then after that event. */
async function* recorded(
  start: Follow,
  subscription: Subscription,
  { log, load }: GraphContext,
): AsyncGenerator<RecordedEvent> {
  for await (const { event, cursor } of follow(log, start, subscription.ending.signal)) {
    subscription.offered = cursor
    if (event === null) {
      subscription.reached = cursor
      continue
    }
    load.forget()
    yield event
  }
}

function cursorOf(after: string | null | undefined): FeedCursor {
  return after == null ? FEED_START : canonicalId(after)
}

function unknownCursor(after: string | null | undefined): UserError {
  return new InputError(
    `after: ${quoted(after)} is not a cursor of this Organization's feed; use a \`cursor\` of eventFeed, an \`eventId\`, or none to begin again`,
  )
}
