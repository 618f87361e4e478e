// What an operation may cost at most, in points, with the values its variables have: known before anything is read.
// A point is about the work of one object of an answer. Fields say what they cost where they are declared, by
// `costs`; what says nothing costs a point if it is an object, and nothing if it is a plain value.

import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLField,
  GraphQLIncludeDirective,
  type GraphQLNamedType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getArgumentValues,
  getDirectiveValues,
  getNamedType,
  getNullableType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  typeFromAST,
} from 'graphql'

type Variables = Readonly<Record<string, unknown>>

export const MOST_POINTS = 5_000

/** What a field costs besides the objects in it. */
export interface Costs {
  /** Points for reading what the field is made of. */
  readonly reads?: number
  /** How many objects a list has at most: of the field itself or, where it is a page, of the lists in it. */
  readonly items?: (args: Args, memberships: number) => number
}

/** None where what was given is to be refused: nothing is read for it. */
export type Args = Readonly<Record<string, unknown>>

/** For the `extensions` of a field. */
export function costs(costs: Costs): { costs: Costs } {
  return { costs }
}

/** Of a list that nothing is known of. */
const FEW = 10

/** Infinity where it is too much to count. `memberships`: of the viewer, as some lists are as long. */
export function pointsOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
  memberships: number,
): number {
  const root = schema.getRootType(operation.operation)
  if (root == null) return 0
  return new Costing(schema, document, variables, memberships).of(operation.selectionSet, root, FEW)
}

class Costing {
  readonly #schema: GraphQLSchema
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>
  readonly #variables: Variables
  readonly #memberships: number
  /** By fragment, type and page size: one that is spread often is counted once. */
  readonly #known = new Map<string, number>()

  constructor(
    schema: GraphQLSchema,
    document: DocumentNode,
    variables: Variables,
    memberships: number,
  ) {
    this.#schema = schema
    this.#fragments = new Map(
      document.definitions
        .filter(node => node.kind === Kind.FRAGMENT_DEFINITION)
        .map(node => [node.name.value, node]),
    )
    this.#variables = variables
    this.#memberships = memberships
  }

  /** `page`: how long the lists are that do not say. */
  of(set: SelectionSetNode, type: GraphQLNamedType, page: number): number {
    let points = 0
    for (const node of set.selections) {
      if (this.#isLeftOut(node)) continue
      if (node.kind === Kind.FIELD) points += this.#ofField(node, type, page)
      else if (node.kind === Kind.INLINE_FRAGMENT) {
        points += this.of(node.selectionSet, this.#narrowed(node.typeCondition, type), page)
      } else points += this.#ofFragment(node.name.value, type, page)
    }
    return points
  }

  #isLeftOut(node: SelectionNode): boolean {
    if (!node.directives?.length) return false
    return (
      getDirectiveValues(GraphQLSkipDirective, node, this.#variables)?.if === true ||
      getDirectiveValues(GraphQLIncludeDirective, node, this.#variables)?.if === false
    )
  }

  #ofFragment(name: string, type: GraphQLNamedType, page: number): number {
    const fragment = this.#fragments.get(name)
    if (fragment === undefined) return 0
    const key = `${name} ${type.name} ${page}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const points = this.of(
      fragment.selectionSet,
      this.#narrowed(fragment.typeCondition, type),
      page,
    )
    this.#known.set(key, points)
    return points
  }

  #ofField(node: FieldNode, type: GraphQLNamedType, page: number): number {
    const field = fieldOf(type, node.name.value)
    if (field === undefined) return 0
    const { reads = 0, items } = (field.extensions.costs as Costs | undefined) ?? {}
    const named = getNamedType(field.type)
    if (!isCompositeType(named)) return reads
    const own = items?.(this.#arguments(field, node), this.#memberships)
    const isList = isListType(getNullableType(field.type))
    const inside = node.selectionSet
      ? this.of(node.selectionSet, named, isList ? FEW : (own ?? FEW))
      : 0
    return reads + (isList ? (own ?? page) * (1 + inside) : 1 + inside)
  }

  #arguments(field: GraphQLField<unknown, unknown>, node: FieldNode): Args {
    try {
      return getArgumentValues(field, node, this.#variables)
    } catch (error) {
      // The complaint belongs into the answer, and nothing is read for it.
      if (error instanceof GraphQLError) return {}
      throw error
    }
  }

  #narrowed(
    condition: FragmentDefinitionNode['typeCondition'] | undefined,
    type: GraphQLNamedType,
  ): GraphQLNamedType {
    return (condition && typeFromAST(this.#schema, condition)) ?? type
  }
}

function fieldOf(type: GraphQLNamedType, name: string): GraphQLField<unknown, unknown> | undefined {
  return isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined
}
