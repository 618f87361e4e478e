// The schema as text with resolvers, for Mercurius and Apollo Server.

import { readFileSync } from 'node:fs'
import type { Principal } from '../../src/principal.ts'
import {
  actionName,
  type Context,
  categoryName,
  cursorOf,
  dateOf,
  type Event,
  eventsOf,
  type Organization,
  principalOf,
  resourceNameOf,
} from './drizzle.ts'

/** This program's schema; only the fields of the query have resolvers. */
export const typeDefs = readFileSync(
  new URL('../../packaging/api.graphql', import.meta.url),
  'utf8',
)

interface Connection {
  readonly nodes: readonly Event[]
  readonly hasNextPage: boolean
}

const TYPE_NAMES = {
  user: 'User',
  application: 'Application',
  unknown: 'UnknownPrincipal',
  scaleway: 'ScalewayPrincipal',
}

export const resolvers = {
  Query: {
    organization: (_: unknown, { id }: { id: string }, { organization }: Context) =>
      organization.load(id),
  },
  Organization: {
    async events(organization: Organization, { first }: { first: number }): Promise<Connection> {
      const found = await eventsOf(organization, first)
      return { nodes: found.slice(0, first), hasNextPage: found.length > first }
    },
  },
  EventConnection: {
    pageInfo({ nodes, hasNextPage }: Connection) {
      const [start, end] = [nodes[0], nodes.at(-1)]
      return {
        hasNextPage,
        hasPreviousPage: false,
        startCursor: start === undefined ? null : cursorOf(start),
        endCursor: end === undefined ? null : cursorOf(end),
      }
    },
  },
  Event: {
    eventId: ({ id }: Event) => id,
    createdAt: dateOf,
    action: actionName,
    category: categoryName,
    principal: (event: Event, _: unknown, context: Context) => principalOf(event, context),
    resource: (event: Event) => event,
  },
  Resource: {
    category: categoryName,
    name: (event: Event, _: unknown, context: Context) => resourceNameOf(event, context),
  },
  Principal: { __resolveType: ({ kind }: Principal) => TYPE_NAMES[kind] },
  ...Object.fromEntries(
    Object.values(TYPE_NAMES).map(name => [name, { principalId: ({ id }: Principal) => id }]),
  ),
}
