// Events, and all fields that return events.

import {
  actionOf,
  categoryOf,
  type EventFilter,
  type EventOrder,
  type Position,
  type RecordedEvent,
} from '../event.ts'
import { canonicalId } from '../id.ts'
import { LISTED_KINDS, type Resource, resourceName } from '../principal.ts'
import { builder, nullableFields } from './builder.ts'
import {
  type CursorFormat,
  connection,
  connectionType,
  PAGED,
  type PageArguments,
  pageArguments,
} from './connection.ts'
import type { GraphContext } from './context.ts'
import { EventActionType, EventCategoryType, EventFilterType, eventFilter } from './event-filter.ts'
import { keyFrom, NodeType } from './node.ts'
import { OrganizationType } from './organization-type.ts'
import { PrincipalType } from './principal-types.ts'

/** Its name is looked up only when requested. */
export const ResourceType = builder.objectRef<Resource>('Resource').implement({
  description: 'What an event is about.',
  fields: t => ({
    resourceId: t.exposeID('resourceId', {
      description: "Scaleway's ID of the resource; an API key's is its access key.",
    }),
    category: t.field({
      type: EventCategoryType,
      description: 'Its type.',
      resolve: event => categoryOf(event.category),
    }),
    name: t.string({
      nullable: true,
      description:
        "Its name now, an API key's description; null where it is gone, or hidden from the viewer, or has none.",
      async resolve(event, _, { load }) {
        if (!(LISTED_KINDS as readonly string[]).includes(event.category)) return null
        const { organizationId, resourceId: id } = event
        return resourceName(event, await load.entry.load({ organizationId, id }))
      },
    }),
    principal: t.field({
      type: PrincipalType,
      nullable: true,
      description: `The resource as one who acts, as far as the viewer may know; what it did goes on being told after it
is gone. Null where it is neither a User nor an Application.`,
      async resolve(event, _, { load }) {
        if (event.category !== 'user' && event.category !== 'application') return null
        return load.principal({ organizationId: event.organizationId, id: event.resourceId })
      },
    }),
    bearer: t.field({
      type: PrincipalType,
      nullable: true,
      description: `Who acts with it, where it is an API key; null for anything else, and where the key is gone, or hidden
from the viewer, or Scaleway does not say.`,
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

export const EventType = builder.objectRef<RecordedEvent>('Event').implement({
  description: 'One recorded action on an IAM resource. It never changes.',
  interfaces: [NodeType],
  fields: t => ({
    ...nullableFields(t, 'String', {
      ipAddress:
        'The address it was asked for from, as Scaleway saw it; null where there was none.',
      userAgent: `What the client said it is, which nobody checked; null where it said nothing.`,
    }),
    eventId: t.exposeID('id', {
      description: "Scaleway's ID of the event, by which exports and the feed know it, too.",
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it happened.' }),
    recordedAt: t.expose('recordedAt', {
      type: 'DateTime',
      description: 'When this archive took it in, to the millisecond.',
    }),
    action: t.field({
      type: EventActionType,
      description: 'What was done.',
      resolve: event => actionOf(event.action),
    }),
    category: t.field({
      type: EventCategoryType,
      description: 'The type of resource it was done to.',
      resolve: event => categoryOf(event.category),
    }),
    rawAction: t.exposeString('action', {
      description: "Scaleway's own word for the action, also where this version does not know it.",
    }),
    rawCategory: t.exposeString('category', {
      description:
        "Scaleway's own word for the category, also where this version does not know it.",
    }),
    principal: t.field({
      type: PrincipalType,
      description: 'Who did it, as far as the viewer may know.',
      resolve: ({ organizationId, principalId: id }, _, { load }) =>
        load.principal({ organizationId, id }),
    }),
    resource: t.field({
      type: ResourceType,
      description: 'What it was done to.',
      resolve: event => event,
    }),
    organization: t.field({
      type: OrganizationType,
      description: 'The Organization it belongs to.',
      resolve: ({ organizationId }, _, { load }) => load.organizationOrId(organizationId),
    }),
  }),
})

const EventConnectionType = connectionType<RecordedEvent>('Event', 'events', EventType)

const EventOrderType = builder.enumType('EventOrder', {
  description: 'By date; events of one microsecond by ID, so that the order is always the same.',
  values: {
    CREATED_AT_ASC: { value: 'oldest-first', description: 'The oldest first.' },
    CREATED_AT_DESC: { value: 'newest-first', description: 'The newest first.' },
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
  description: `${what}, by date. A list for people: an event that
arrives late appears in its place by date, also behind a cursor that has passed it.`,
  args: eventArguments,
  extensions: PAGED,
})

const eventArguments = {
  ...builder.args(t => ({
    filter: t.field({ type: EventFilterType, description: 'Which events; all unless given.' }),
    orderBy: t.field({
      type: EventOrderType,
      required: true,
      defaultValue: 'newest-first',
      description: 'In which order.',
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
    ...eventsField('What was done in the Organization'),
    resolve: ({ id }, args, context) =>
      eventConnection(id, eventFilter(args.filter), args, context),
  }),
)

builder.interfaceField(PrincipalType, 'events', t =>
  t.field({
    ...eventsField('What this principal did in the Organization it was found in'),
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
    description: 'The event with this ID in this Organization; null where there is none.',
    args: { id: t.arg.id({ required: true, description: "Scaleway's ID of the event." }) },
    resolve: ({ id: organizationId }, { id }, { load }) =>
      load.event.load({ organizationId, id: canonicalId(id) }),
  }),
)

builder.queryField('event', t =>
  t.field({
    type: EventType,
    nullable: true,
    description: 'The event with this ID; null where there is none or the viewer may not see it.',
    args: {
      id: t.arg.id({
        required: true,
        description:
          "Its `id`, or Scaleway's ID of it: where several Organizations hold that, it is the event of the first of them.",
      }),
    },
    resolve(_, { id }, { load }) {
      const key = keyFrom('event', id)
      return key === null ? load.eventById.load(canonicalId(id)) : load.event.load(key)
    },
  }),
)
