// Events, and all fields that return events. Names at the time of an event are fields of the event itself, as clients
// that cache by ID keep one User or Resource for all events.

import {
  actionOf,
  categoryOf,
  type EventFilter,
  type EventOrder,
  type Position,
  type RecordedEvent,
} from '../event.ts'
import { canonicalId } from '../id.ts'
import type { Instant } from '../instant.ts'
import {
  LISTED_KINDS,
  principalNameThen,
  type Resource,
  resourceName,
  resourceNameThen,
} from '../principal.ts'
import { builder, exposed } from './builder.ts'
import {
  type CursorFormat,
  connection,
  connectionType,
  PAGED,
  type PageArguments,
  pageArguments,
} from './connection.ts'
import type { GraphContext } from './context.ts'
import { EventActionType, EventCategoryType, eventFilter, filterArgument } from './event-filter.ts'
import { keyFrom, NodeType } from './node.ts'
import { OrganizationType } from './organization-type.ts'
import { KNOWN, NAME_AT, PrincipalType } from './principal-types.ts'

/** For the descriptions of former names. */
const NO_NAME_THEN =
  'Null if the resource was deleted since, is hidden from the viewer, or had no name.'

/** Its name is looked up only when requested. */
export const ResourceType = builder.objectRef<Resource>('Resource').implement({
  description: 'The resource that an event is about.',
  fields: t => ({
    ...exposed(t, 'ID!', {
      resourceId: "Scaleway's ID of the resource. The ID of an API key is its access key.",
    }),
    category: t.field({
      type: EventCategoryType,
      description: 'The type of the resource.',
      resolve: event => categoryOf(event.category),
    }),
    name: t.string({
      nullable: true,
      description:
        'Its current name; for an API key, its description. Null if the resource was deleted, is hidden from the viewer, or has no name.',
      async resolve(event, _, { load }) {
        if (!(LISTED_KINDS as readonly string[]).includes(event.category)) return null
        const { organizationId, resourceId: id } = event
        return resourceName(event, await load.entry.load({ organizationId, id }))
      },
    }),
    nameAt: t.string({
      nullable: true,
      description: `Its name at a point in time.
${KNOWN}
${NO_NAME_THEN}`,
      ...NAME_AT,
      resolve: (event, { time }, context) => resourceNameAt(event, time, context),
    }),
    principal: t.field({
      type: PrincipalType,
      nullable: true,
      description: `The resource as a principal, with the events that it caused, even if it was deleted since; Unknown
if the viewer may not see it. Null if it is neither a User nor an Application.`,
      async resolve(event, _, { load }) {
        if (event.category !== 'user' && event.category !== 'application') return null
        return load.principal({ organizationId: event.organizationId, id: event.resourceId })
      },
    }),
    bearer: t.field({
      type: PrincipalType,
      nullable: true,
      description: `The User or Application that an API key belongs to. Null for any other resource, and if the key
was deleted, is hidden from the viewer, or Scaleway does not say.`,
      async resolve(event, _, { load }) {
        if (event.category !== 'api_key') return null
        const { organizationId, resourceId } = event
        const key = await load.entry.load({ organizationId, id: resourceId })
        if (key?.kind !== 'api_key' || key.bearer === null) return null
        return load.principal({ organizationId, id: key.bearer.id })
      },
    }),
  }),
})

async function resourceNameAt(event: Resource, at: Instant, { load }: GraphContext) {
  const { organizationId, resourceId: id } = event
  return resourceNameThen(event, await load.entryAt.load({ organizationId, id, at }))
}

export const EventType = builder.objectRef<RecordedEvent>('Event').implement({
  description: 'A recorded action on an IAM resource. Events never change.',
  interfaces: [NodeType],
  fields: t => ({
    ...exposed(t, 'String', {
      ipAddress: 'The IP address of the request, as recorded by Scaleway; null if there is none.',
      userAgent: `The user agent of the request, as claimed by the client; null if there is none.`,
    }),
    eventId: t.exposeID('id', {
      description: "Scaleway's ID of the event, as in exports and feeds.",
    }),
    ...exposed(t, 'DateTime!', {
      createdAt: 'When the event happened.',
      recordedAt: 'When this archive stored the event, in milliseconds.',
    }),
    action: t.field({
      type: EventActionType,
      description: 'What was done to the resource.',
      resolve: event => actionOf(event.action),
    }),
    category: t.field({
      type: EventCategoryType,
      description: 'The type of the resource.',
      resolve: event => categoryOf(event.category),
    }),
    rawAction: t.exposeString('action', {
      description: "Scaleway's word for the action, also if this version does not know it.",
    }),
    rawCategory: t.exposeString('category', {
      description: "Scaleway's word for the category, also if this version does not know it.",
    }),
    principal: t.field({
      type: PrincipalType,
      description: 'The principal that did it; Unknown if the viewer may not see it.',
      resolve: ({ organizationId, principalId: id }, _, { load }) =>
        load.principal({ organizationId, id }),
    }),
    principalNameThen: t.string({
      nullable: true,
      description: `The name of \`principal\` when the event happened.
${KNOWN}
Null if the principal is Unknown now.`,
      async resolve(event, _, { load, log }) {
        const { organizationId, principalId: id, createdAt: at } = event
        const found = await load.entryAt.load({ organizationId, id, at })
        return principalNameThen(event, found, log.scalewayIds)
      },
    }),
    resource: t.field({
      type: ResourceType,
      description: 'The resource that the event is about.',
      resolve: event => event,
    }),
    resourceNameThen: t.string({
      nullable: true,
      description: `The name of \`resource\` when the event happened.
${KNOWN}
${NO_NAME_THEN}`,
      resolve: (event, _, context) => resourceNameAt(event, event.createdAt, context),
    }),
    organization: t.field({
      type: OrganizationType,
      description: 'The Organization that the event belongs to.',
      resolve: ({ organizationId }, _, { load }) => load.organizationOrId(organizationId),
    }),
  }),
})

const EventConnectionType = connectionType<RecordedEvent>('Event', 'events', EventType)

const EventOrderType = builder.enumType('EventOrder', {
  description: 'The order by date; events with the same date are sorted by ID.',
  values: {
    CREATED_AT_ASC: { value: 'oldest-first', description: 'Oldest first.' },
    CREATED_AT_DESC: { value: 'newest-first', description: 'Newest first.' },
  } as const,
})

const eventCursors: CursorFormat<Position> = {
  write: ({ createdAt, id }) => Buffer.from(`${createdAt} ${id}`).toString('base64url'),
  read(cursor) {
    const text = Buffer.from(cursor, 'base64url').toString()
    const parts = /^(-?\d{1,16}) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(text)
    const [, date, id] = parts ?? []
    const createdAt = Number(date)
    if (id === undefined || !Number.isSafeInteger(createdAt)) return null
    return { createdAt, id }
  },
}

/** `what`: the events of the type that has this field. */
const eventsField = (what: string) => ({
  type: EventConnectionType,
  description: `${what}, sorted by date, for display. An event that arrives late appears at its date, which may be
before a cursor that a client has already passed. To collect every event, use \`eventFeed\`.`,
  args: eventArguments,
  extensions: PAGED,
})

const eventArguments = {
  ...filterArgument(),
  ...builder.args(t => ({
    orderBy: t.field({
      type: EventOrderType,
      required: true,
      defaultValue: 'newest-first',
      description: 'The order of the events.',
    }),
  })),
  ...pageArguments('events'),
}

function eventConnection(
  organizationId: string,
  filter: EventFilter,
  args: PageArguments & { orderBy: EventOrder },
  { log }: GraphContext,
) {
  const order = args.orderBy
  return connection<Position, RecordedEvent>(
    args,
    eventCursors,
    async page => {
      const query = { organizationId, filter, order, ...page }
      const { events: nodes, hasMore } = await log.events(query)
      return { nodes, hasMore }
    },
    () => log.countEvents(organizationId, filter),
  )
}

builder.objectField(OrganizationType, 'events', t =>
  t.field({
    ...eventsField('The events of the Organization'),
    resolve: ({ id }, args, context) =>
      eventConnection(id, eventFilter(args.filter), args, context),
  }),
)

builder.interfaceField(PrincipalType, 'events', t =>
  t.field({
    ...eventsField('The events of this principal in its Organization'),
    resolve({ organizationId, id }, args, context) {
      const filter = eventFilter(args.filter)
      const principalIds = filter.principalIds?.includes(id) === false ? [] : [id]
      return eventConnection(organizationId, { ...filter, principalIds }, args, context)
    },
  }),
)

builder.objectField(OrganizationType, 'event', t =>
  t.field({
    type: EventType,
    nullable: true,
    description: 'The event with this ID in this Organization; null if it does not exist.',
    args: { id: t.arg.id({ required: true, description: "Scaleway's ID of the event." }) },
    resolve: ({ id: organizationId }, { id }, { load }) =>
      load.event.load({ organizationId, id: canonicalId(id) }),
  }),
)

builder.queryField('event', t =>
  t.field({
    type: EventType,
    nullable: true,
    description: 'The event with this ID; null if it does not exist or the viewer may not see it.',
    args: {
      id: t.arg.id({
        required: true,
        description:
          "The global ID, or Scaleway's ID. If several Organizations have an event with this Scaleway ID, the one with the smallest Organization ID is returned.",
      }),
    },
    resolve(_, { id }, { load }) {
      const key = keyFrom('event', id)
      return key === null ? load.eventById.load(canonicalId(id)) : load.event.load(key)
    },
  }),
)
