// The subgraph of another team: the departments of users, and tickets about events. It does not provide names; these
// come from the logs subgraph, which checks what the viewer may see.

import { type Subgraph, startSubgraph } from './subgraph.ts'

const SDL = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])

  type Query {
    "Users by Scaleway's IDs."
    staff(ids: [ID!]!): [User]!
    "Events by Scaleway's IDs."
    ticketed(ids: [ID!]!): [Event]!
  }

  type User @key(fields: "principalId") {
    principalId: ID!
    department: String!
  }

  type Event @key(fields: "eventId") {
    eventId: ID!
    ticket: String!
  }
`

interface User {
  readonly principalId: string
}

interface Event {
  readonly eventId: string
}

const DEPARTMENTS = ['Platform', 'Security', 'Rolling stock', 'Timetables']

export function startPeople(): Promise<Subgraph> {
  return startSubgraph('people', SDL, {
    Query: {
      staff: (_: unknown, { ids }: { ids: string[] }) => ids.map(principalId => ({ principalId })),
      ticketed: (_: unknown, { ids }: { ids: string[] }) => ids.map(eventId => ({ eventId })),
    },
    User: {
      __resolveReference: ({ principalId }: User) => ({ principalId }),
      department: ({ principalId: id }: User) =>
        DEPARTMENTS[(id.codePointAt(id.length - 1) ?? 0) % 4],
    },
    Event: {
      __resolveReference: ({ eventId }: Event) => ({ eventId }),
      ticket: ({ eventId }: Event) => `SEC-${eventId.slice(-4)}`,
    },
  })
}
