// Prints the schema: for clients of this server, and as a Federation 2 subgraph with directives, which graphql-js does
// not print.

import { MapperKind, mapSchema } from '@graphql-tools/utils'
import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql'

/** Definitions that gateways add to every subgraph. */
const MACHINERY = ['_Any', '_Entity', '_Service', '_entities', '_service']

/**
 * Useless in a federated graph: a gateway sends `node` to one subgraph, and none knows the IDs of all. Omitted
 * instead of `@inaccessible`, which would hide the `node` of another subgraph, or not compose with it.
 */
const REFETCHING = ['Node', 'node', 'nodes']

/** Only for the Logs page; other subgraphs cannot use them. */
const OF_THE_PAGE = ['SavedView', 'Mutation']

/** Types that every subgraph with lists has. */
const SHAREABLE = ['PageInfo']

/** Version 2.3 is the first with keys on interfaces. The definitions are for tools without support for federation. */
const HEAD = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])

"""
Which version of Federation this schema is written for, and which of its directives it uses.
"""
directive @link(url: String!, import: [String!]) repeatable on SCHEMA

"""What other subgraphs can refer to by these fields."""
directive @key(fields: String!) repeatable on INTERFACE | OBJECT

"""What other subgraphs may have, too."""
directive @shareable on OBJECT`

/** For clients. Sorted, so that moving code does not change it. */
export function printedApi(schema: GraphQLSchema): string {
  return `${printSchema(without(MACHINERY, schema))}\n`
}

let printed: string | undefined

/**
 * For composition. `keys`: by a type's name, the fields by which other subgraphs reference it. Printed once, as both are
 * the same each time.
 */
export function printedSubgraph(
  schema: GraphQLSchema,
  keys: ReadonlyMap<unknown, readonly string[]>,
): string {
  if (printed !== undefined) return printed
  const types = printSchema(without([...MACHINERY, ...REFETCHING, ...OF_THE_PAGE], schema))
  const heads = /^(?:type|interface) (\w+) .*(?=\{$)/gm
  printed = `${HEAD}\n\n${types.replaceAll(heads, (head, name: string) => {
    if (SHAREABLE.includes(name)) return `${head}@shareable `
    return head + (keys.get(name) ?? []).map(field => `@key(fields: "${field}") `).join('')
  })}\n`
  return printed
}

/** Removes these types, and these fields of the query. */
function without(names: readonly string[], schema: GraphQLSchema): GraphQLSchema {
  const left = mapSchema(schema, {
    [MapperKind.TYPE]: type => (names.includes(type.name) ? null : type),
    [MapperKind.ROOT_FIELD]: (_, name) => (names.includes(name) ? null : undefined),
  })
  return lexicographicSortSchema(left)
}
