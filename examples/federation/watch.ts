// The subgraph of a third team: which principals of any kind are watched, including Unknown ones. It declares them as one
// type, an interface object; the logs subgraph resolves the kind of each.

import { type Subgraph, startSubgraph } from './subgraph.ts'

const SDL = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@interfaceObject"])

  type Query {
    "Principals by Scaleway's IDs."
    watchList(ids: [ID!]!): [Principal]!
  }

  type Principal @key(fields: "principalId") @interfaceObject {
    principalId: ID!
    watched: Boolean!
  }
`

interface Reference {
  readonly principalId: string
}

export function startWatch(): Promise<Subgraph> {
  return startSubgraph('watch', SDL, {
    Query: {
      watchList: (_: unknown, { ids }: { ids: string[] }) =>
        ids.map(principalId => ({ __typename: 'Principal', principalId })),
    },
    Principal: {
      __resolveReference: ({ principalId }: Reference) => ({
        __typename: 'Principal',
        principalId,
      }),
      watched: ({ principalId: id }: Reference) => (id.codePointAt(id.length - 1) ?? 0) % 2 === 1,
    },
  })
}
