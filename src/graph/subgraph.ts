// The schema as it is printed: for clients of this server, and as a Federation 2 subgraph. What federation must
// know of a type stands in directives, which graphql-js does not print.

import {
  type GraphQLNamedType,
  GraphQLObjectType,
  type GraphQLSchema,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
  lexicographicSortSchema,
  printType,
} from 'graphql'

interface Part {
  readonly types: readonly string[]
  readonly queries: readonly string[]
}

/** What every gateway knows of every subgraph, and no schema is to name. */
const MACHINERY: Part = {
  types: ['_Any', '_Entity', '_Service'],
  queries: ['_entities', '_service'],
}

/**
 * Of no use in a federated graph: a gateway asks one subgraph for `node`, and none knows the IDs of all. Left out
 * and not `@inaccessible`, which would hide the `node` of another subgraph, or not compose with it.
 */
const REFETCHING: Part = { types: ['Node'], queries: ['node', 'nodes'] }

/** Types that every subgraph with lists has. */
const SHAREABLE = ['PageInfo']

/** Version 2.3 is the first with keys on interfaces. The definitions are for tools that know no federation. */
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
  return `${printedTypes(schema, [MACHINERY]).join('\n\n')}\n`
}

const kept = new WeakMap<GraphQLSchema, string>()

/** For composition. The graph can be entered at `entities`, types with an `id`; the same each time. */
export function printedSubgraph(schema: GraphQLSchema, entities: readonly string[]): string {
  let printed = kept.get(schema)
  if (printed === undefined) {
    const types = printedTypes(schema, [MACHINERY, REFETCHING], name => {
      if (entities.includes(name)) return '@key(fields: "id") '
      return SHAREABLE.includes(name) ? '@shareable ' : ''
    })
    printed = `${[HEAD, ...types].join('\n\n')}\n`
    kept.set(schema, printed)
  }
  return printed
}

function printedTypes(
  schema: GraphQLSchema,
  without: readonly Part[],
  directives: (name: string) => string = () => '',
): string[] {
  const hidden = new Set(without.flatMap(({ types }) => types))
  const queries = new Set(without.flatMap(({ queries }) => queries))
  return Object.values(lexicographicSortSchema(schema).getTypeMap())
    .filter(type => !isIntrospectionType(type) && !isSpecifiedScalarType(type))
    .filter(({ name }) => !hidden.has(name))
    .map(type => {
      const printed = printType(lessened(type, hidden, queries))
      if (!isObjectType(type) && !isInterfaceType(type)) return printed
      const head = new RegExp(`^(?:type|interface) ${type.name}\\b[^{]*`, 'm')
      return printed.replace(head, text => text + directives(type.name))
    })
}

function lessened(
  type: GraphQLNamedType,
  hidden: ReadonlySet<string>,
  queries: ReadonlySet<string>,
): GraphQLNamedType {
  if (!isObjectType(type)) return type
  const { interfaces, fields, ...rest } = type.toConfig()
  return new GraphQLObjectType({
    ...rest,
    interfaces: interfaces.filter(({ name }) => !hidden.has(name)),
    fields:
      type.name === 'Query'
        ? Object.fromEntries(Object.entries(fields).filter(([name]) => !queries.has(name)))
        : fields,
  })
}
