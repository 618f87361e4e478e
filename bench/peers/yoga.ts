// GraphQL Yoga and Pothos as in their documentation, with Pothos's Relay plugin.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import SchemaBuilder from '@pothos/core'
import RelayPlugin, {
  type ResolveCursorConnectionArgs,
  resolveCursorConnection,
} from '@pothos/plugin-relay'
import { createYoga } from 'graphql-yoga'
import type { Principal } from '../../src/principal.ts'
import {
  actionName,
  type Context,
  categoryName,
  contextOf,
  cursorOf,
  dateOf,
  type Event,
  eventsOf,
  type Organization,
  principalOf,
  resourceNameOf,
} from './drizzle.ts'

const builder = new SchemaBuilder<{
  Context: Context
  Scalars: { DateTime: { Input: string; Output: string } }
  DefaultFieldNullability: false
}>({
  plugins: [RelayPlugin],
  relay: { nodesOnConnection: true, clientMutationId: 'omit', cursorType: 'String' },
  defaultFieldNullability: false,
})
builder.scalarType('DateTime', { serialize: String })
builder.queryType({})

const ActionType = builder.enumType('EventAction', {
  values: ['CREATED', 'UPDATED', 'DELETED', 'UNKNOWN'] as const,
})
const CategoryType = builder.enumType('EventCategory', {
  values: ['API_KEY', 'USER', 'APPLICATION', 'GROUP', 'POLICY', 'UNKNOWN'] as const,
})
type Action = typeof ActionType.$inferType
type Category = typeof CategoryType.$inferType

const TYPE_NAMES = {
  user: 'User',
  application: 'Application',
  unknown: 'UnknownPrincipal',
  scaleway: 'ScalewayPrincipal',
}
const PrincipalType = builder.interfaceRef<Principal>('Principal').implement({
  fields: t => ({ principalId: t.exposeID('id'), name: t.exposeString('name') }),
  resolveType: ({ kind }) => TYPE_NAMES[kind],
})
for (const name of Object.values(TYPE_NAMES)) {
  builder.objectRef<Principal>(name).implement({ interfaces: [PrincipalType] })
}

const ResourceType = builder.objectRef<Event>('Resource').implement({
  fields: t => ({
    resourceId: t.exposeID('resourceId'),
    category: t.field({ type: CategoryType, resolve: event => categoryName(event) as Category }),
    name: t.string({
      nullable: true,
      resolve: (event, _, context) => resourceNameOf(event, context),
    }),
  }),
})

const EventType = builder.objectRef<Event>('Event').implement({
  fields: t => ({
    eventId: t.exposeID('id'),
    createdAt: t.field({ type: 'DateTime', resolve: dateOf }),
    action: t.field({ type: ActionType, resolve: event => actionName(event) as Action }),
    category: t.field({ type: CategoryType, resolve: event => categoryName(event) as Category }),
    principal: t.field({
      type: PrincipalType,
      resolve: (event, _, context) => principalOf(event, context),
    }),
    resource: t.field({ type: ResourceType, resolve: event => event }),
    ipAddress: t.exposeString('ipAddress', { nullable: true }),
    userAgent: t.exposeString('userAgent', { nullable: true }),
  }),
})

const OrganizationType = builder.objectRef<Organization>('Organization').implement({
  fields: t => ({
    id: t.exposeID('id'),
    name: t.exposeString('name', { nullable: true }),
    events: t.connection({
      type: EventType,
      resolve: (organization, args) =>
        resolveCursorConnection(
          { args, toCursor: cursorOf },
          ({ limit }: ResolveCursorConnectionArgs) => eventsOf(organization, limit - 1),
        ),
    }),
  }),
})

builder.queryField('organization', t =>
  t.field({
    type: OrganizationType,
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: (_, { id }, { organization }) => organization.load(String(id)),
  }),
)

const yoga = createYoga({
  schema: builder.toSchema(),
  context: ({ request }) => contextOf(request.headers.get('x-auth-token')),
})
const server = createServer(yoga)
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(
    `http://127.0.0.1:${(server.address() as AddressInfo).port}${yoga.graphqlEndpoint}\n`,
  )
})
