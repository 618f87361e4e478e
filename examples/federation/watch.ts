// A third team's subgraph: which principals are watched, of whatever kind, Unknown ones too. It knows them as one
// type, an interface object, and leaves it to the logs which kind each one is.

import { type Subgraph, startSubgraph } from './subgraph.ts'

const SDL = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@interfaceObject"])

  type Query {
    "Principals by their IDs."
    watchList(ids: [ID!]!): [Principal]!
  }

  type Principal @key(fields: "id") @interfaceObject {
    id: ID!
    watched: Boolean!
  }
`

interface Reference {
  readonly id: string
}

export function startWatch(): Promise<Subgraph> {
  return startSubgraph('watch', SDL, {
    Query: {
      watchList: (_: unknown, { ids }: { ids: string[] }) =>
        ids.map(id => ({ __typename: 'Principal', id })),
    },
    Principal: {
      __resolveReference: ({ id }: Reference) => ({ __typename: 'Principal', id }),
      watched: ({ id }: Reference) => (id.codePointAt(id.length - 1) ?? 0) % 2 === 1,
    },
  })
}
