// Events in the order of arrival, for collectors: in pages, or as a subscription, with the same cursor. It is the ID of an
// event, so that it reveals nothing of other Organizations.

import { InputError, quoted, type UserError } from '../errors.ts'
import { FEED_START, type FeedCursor, type FeedPage, type RecordedEvent } from '../event.ts'
import { canonicalId } from '../id.ts'
import { type Follow, follow } from '../tail.ts'
import { builder } from './builder.ts'
import { DEFAULT_PAGE, LARGEST_PAGE, nextBy, PAGED, pageSize } from './connection.ts'
import type { GraphContext, Subscription } from './context.ts'
import { EventFilterType, eventFilter } from './event-filter.ts'
import { EventType } from './event-type.ts'
import { OrganizationType } from './organization-type.ts'

const EventFeedType = builder.objectRef<FeedPage>('EventFeed').implement({
  description: 'Some events in the order in which they arrived here, and where to go on.',
  fields: t => ({
    nodes: t.expose('events', {
      type: [EventType],
      description: 'The events, in order of arrival. May be empty and not the last.',
    }),
    cursor: t.exposeString('cursor', {
      description: `Where to go on, as \`after\`: the \`eventId\` of the last event that was looked at. There also where \`nodes\` is
empty; stays valid for ever.`,
    }),
    hasMore: t.exposeBoolean('hasMore', {
      description: `Whether anything arrived after \`cursor\`, though maybe nothing that matches. Where not, ask again later
with the same cursor.`,
    }),
  }),
})

const AFTER = `a \`cursor\` of \`eventFeed\`, or the \`eventId\` of any event of the Organization: everything that arrived after it.
It need not match the filter.`

builder.objectField(OrganizationType, 'eventFeed', t =>
  t.field({
    type: EventFeedType,
    description: `What arrived in this archive, in order of arrival, for programs that collect events. Who goes on from each
\`cursor\` gets every event that matches once and skips none, whenever it asks again, however late an event arrived for
its date, whoever restarted meanwhile. It is not in order of date: for that there is \`events\`. A page may have fewer
than \`first\` events, or none, and \`hasMore\` all the same, as only so many are looked at for one page of a filter.`,
    args: {
      after: t.arg.string({
        description: `Where to go on: ${AFTER} From the first event on unless given.`,
      }),
      first: t.arg.int({
        description: `How many events at most: ${DEFAULT_PAGE} unless said, at most ${LARGEST_PAGE}.`,
      }),
      filter: t.arg({ type: EventFilterType, description: 'Which events; all unless given.' }),
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

builder.subscriptionType({ description: 'What is told as it happens.' })

builder.subscriptionField('eventRecorded', t =>
  t.field({
    type: EventType,
    description: `Each event of the Organization that matches, as it arrives in this archive, by whichever way. With \`after\`,
first everything that arrived since then, with nothing left out or repeated where the two meet. As \`eventFeed\`, it is
in order of arrival, not of date. The server may end it, when the token is no longer valid, its rights changed, or its
events are not taken; it says from where to go on.`,
    args: {
      organizationId: t.arg.id({ required: true, description: "The Organization's ID." }),
      filter: t.arg({ type: EventFilterType, description: 'Which events; all unless given.' }),
      after: t.arg.string({
        description: `Where to begin: ${AFTER} Only what arrives from now on unless given.`,
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
    `no Organization ${quoted(id)} whose events you may see; \`organizations\` lists those there are`,
  )
}

/** It is resumed only when the last event was sent, so `reached` is after it then. */
async function* recorded(
  start: Follow,
  subscription: Subscription,
  { log, load }: GraphContext,
): AsyncGenerator<RecordedEvent> {
  for await (const { event, cursor } of follow(log, start, subscription.signal)) {
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
    `after: ${quoted(after)} is no cursor of this Organization's feed; take a \`cursor\` of eventFeed or an \`eventId\``,
  )
}
