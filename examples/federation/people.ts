// Another team's subgraph: what the staff office knows of users, and the tickets that were opened about events.
// It says nothing of who they are; that is for the logs, and for what the viewer may see there.

import { type Subgraph, startSubgraph } from './subgraph.ts'

const SDL = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])

  type Query {
    "Users by their IDs."
    staff(ids: [ID!]!): [User]!
    "Events by their IDs."
    ticketed(ids: [ID!]!): [Event]!
  }

  type User @key(fields: "id") {
    id: ID!
    department: String!
  }

  type Event @key(fields: "id") {
    id: ID!
    ticket: String!
  }
`

interface Reference {
  readonly id: string
}

const DEPARTMENTS = ['Platform', 'Security', 'Rolling stock', 'Timetables']

const referencesTo = (_: unknown, { ids }: { ids: string[] }): Reference[] =>
  ids.map(id => ({ id }))

export function startPeople(): Promise<Subgraph> {
  return startSubgraph('people', SDL, {
    Query: { staff: referencesTo, ticketed: referencesTo },
    User: {
      __resolveReference: ({ id }: Reference) => ({ id }),
      department: ({ id }: Reference) => DEPARTMENTS[(id.codePointAt(id.length - 1) ?? 0) % 4],
    },
    Event: {
      __resolveReference: ({ id }: Reference) => ({ id }),
      ticket: ({ id }: Reference) => `SEC-${id.slice(-4)}`,
    },
  })
}
