// Every argument of the graph with a query that reaches it, found in the schema, so that new arguments are included
// automatically.

import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql'

/** A place for a value: an argument, or a field of one. */
export interface ArgumentPlace {
  /** Such as `Organization.events(filter.userAgent)`. */
  readonly name: string
  /** Its only variable is `v`; the alias of the field is `target`. */
  readonly query: string
  /** The variable with this value in its place. */
  readonly made: (text: string) => unknown
}

/** The value of an argument of a field on the path, which continues with a type. */
export type ArgumentValue = (field: string, argument: GraphQLArgument, type: string) => string

export function argumentPlaces(
  schema: GraphQLSchema,
  argumentValue: ArgumentValue,
): ArgumentPlace[] {
  const places: ArgumentPlace[] = []
  for (const root of [schema.getQueryType(), schema.getSubscriptionType()]) {
    if (root == null) continue
    const operation = root === schema.getQueryType() ? 'query' : 'subscription'
    for (const { type, around } of waysFrom(schema, root, argumentValue)) {
      for (const field of Object.values(type.getFields())) {
        for (const argument of field.args) {
          for (const leaf of leavesOf(argument.type)) {
            const others = requiredOf(field, argumentValue, argument, getNamedType(field.type).name)
            const args = [...others, `${argument.name}: $v`].join(', ')
            const selection = `target: ${field.name}(${args})${plainSelection(getNamedType(field.type))}`
            places.push({
              name: `${type.name}.${field.name}(${[argument.name, ...leaf.path].join('.')})`,
              query: `${operation} ($v: ${required(argument.type)}) ${around(selection)}`,
              made: leaf.made,
            })
          }
        }
      }
    }
  }
  return places
}

/** The type of the variable, not nullable, as its value is never null. */
function required(type: GraphQLInputType): string {
  return isNonNullType(type) ? String(type) : `${type}!`
}

interface Way {
  readonly type: GraphQLObjectType
  readonly around: (selection: string) => string
}

/** The shortest path to each type. */
function waysFrom(
  schema: GraphQLSchema,
  root: GraphQLObjectType,
  argumentValue: ArgumentValue,
): Way[] {
  const ways: Way[] = [{ type: root, around: selection => `{ ${selection} }` }]
  const seen = new Set<string>([root.name])
  // Types below subscriptions are found in queries.
  if (root === schema.getSubscriptionType()) return ways
  for (const { type, around } of ways) {
    for (const field of Object.values(type.getFields())) {
      const named = getNamedType(field.type)
      const types = isAbstractType(named) ? schema.getPossibleTypes(named) : [named]
      for (const found of types) {
        if (!isObjectType(found) || seen.has(found.name)) continue
        seen.add(found.name)
        const args = requiredOf(field, argumentValue, null, found.name)
        const list = args.length > 0 ? `(${args.join(', ')})` : ''
        const open = found === named ? '' : `... on ${found.name} `
        ways.push({
          type: found,
          around: selection =>
            around(
              `${field.name}${list} { ${open === '' ? selection : `${open}{ ${selection} }`} }`,
            ),
        })
      }
    }
  }
  return ways
}

function requiredOf(
  field: GraphQLField<unknown, unknown>,
  argumentValue: ArgumentValue,
  but: GraphQLArgument | null,
  type: string,
): string[] {
  return field.args
    .filter(arg => arg !== but && isNonNullType(arg.type) && arg.defaultValue === undefined)
    .map(arg => `${arg.name}: ${argumentValue(field.name, arg, type)}`)
}

interface Leaf {
  readonly path: readonly string[]
  readonly made: (text: string) => unknown
}

function leavesOf(type: GraphQLInputType): Leaf[] {
  if (isNonNullType(type)) return leavesOf(type.ofType)
  if (isListType(type)) {
    return leavesOf(type.ofType).map(({ path, made }) => ({
      path,
      made: text => [made(text)],
    }))
  }
  if (isInputObjectType(type)) {
    return Object.values(type.getFields()).flatMap(field =>
      leavesOf(field.type).map(({ path, made }) => ({
        path: [field.name, ...path],
        made: (text: string) => ({ [field.name]: made(text) }),
      })),
    )
  }
  // A representation of an entity is an object with an ID.
  if (type.name === '_Any') {
    return ['id', 'principalId', '__typename'].map(key => ({
      path: [key],
      made: text => ({ __typename: 'Principal', [key]: text }),
    }))
  }
  return [{ path: [], made: text => text }]
}

/** All fields without required arguments; of objects only the type. */
function plainSelection(type: GraphQLNamedType): string {
  if (!isObjectType(type) && !isInterfaceType(type)) {
    return isAbstractType(type) ? ' { __typename }' : ''
  }
  const parts = Object.values(type.getFields())
    .filter(({ args }) =>
      args.every(arg => !isNonNullType(arg.type) || arg.defaultValue !== undefined),
    )
    .map(({ name, type }) => {
      const named = getNamedType(type)
      return isObjectType(named) || isAbstractType(named) ? `${name} { __typename }` : name
    })
  return ` { __typename ${parts.join(' ')} }`
}
