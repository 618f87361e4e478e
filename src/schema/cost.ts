// The maximal cost of an operation with its variables, in points, computed before anything is read. A point is about
// the work for one object of a response. Fields declare their cost by `costs`; others cost a point for an object, and
// nothing for a scalar.

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
import { fragmentsIn } from './limits.ts'

export const MOST_POINTS = 5_000

/** The cost of a field, besides the objects in it. */
export interface Costs {
  /** Points for reading its value. */
  readonly reads?: number
  /** The maximal length of a list: of the field itself or, for a page, of the lists in it. */
  readonly items?: (args: Args, memberships: number) => number
}

/** Empty if the arguments are invalid, because then nothing is read. */
export type Args = Readonly<Record<string, unknown>>

/** For the `extensions` of a field. */
export function costs(costs: Costs): { costs: Costs } {
  return { costs }
}

/** The assumed length of other lists. */
const FEW = 10

/** Infinity if it is too large. `memberships`: the viewer's number of memberships, the length of some lists. */
export function pointsOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
  memberships: number,
): number {
  const fragments = fragmentsIn(document)
  /** Cached by fragment, type and page size, because a fragment may be spread often. */
  const known = new Map<string, number>()

  /** `page`: the length of lists that declare none. */
  function ofSelections(
    set: SelectionSetNode | undefined,
    type: GraphQLNamedType,
    page: number,
  ): number {
    const nodes = set?.selections.filter(node => !isLeftOut(node)) ?? []
    return nodes.reduce((points, node) => points + of(node, type, page), 0)
  }

  function of(
    node: SelectionNode | FragmentDefinitionNode,
    type: GraphQLNamedType,
    page: number,
  ): number {
    if (node.kind === Kind.FIELD) return ofField(node, type, page)
    if (node.kind === Kind.FRAGMENT_SPREAD) return ofSpread(node.name.value, type, page)
    const narrowed = node.typeCondition && typeFromAST(schema, node.typeCondition)
    return ofSelections(node.selectionSet, narrowed ?? type, page)
  }

  function isLeftOut(node: SelectionNode): boolean {
    if (!node.directives?.length) return false
    return (
      getDirectiveValues(GraphQLSkipDirective, node, variables)?.if === true ||
      getDirectiveValues(GraphQLIncludeDirective, node, variables)?.if === false
    )
  }

  function ofSpread(name: string, type: GraphQLNamedType, page: number): number {
    const key = `${name} ${type.name} ${page}`
    const fragment = fragments.get(name)
    const points = known.get(key) ?? (fragment ? of(fragment, type, page) : 0)
    known.set(key, points)
    return points
  }

  function ofField(node: FieldNode, type: GraphQLNamedType, page: number): number {
    const hasFields = isObjectType(type) || isInterfaceType(type)
    const field = hasFields ? type.getFields()[node.name.value] : undefined
    if (field === undefined) return 0
    const { reads = 0, items } = (field.extensions.costs as Costs | undefined) ?? {}
    const named = getNamedType(field.type)
    if (!isCompositeType(named)) return reads
    const own = items?.(argumentsOf(field, node), memberships)
    if (!isListType(getNullableType(field.type))) {
      return reads + 1 + ofSelections(node.selectionSet, named, own ?? FEW)
    }
    return reads + (own ?? page) * (1 + ofSelections(node.selectionSet, named, FEW))
  }

  function argumentsOf(field: GraphQLField<unknown, unknown>, node: FieldNode): Args {
    try {
      return getArgumentValues(field, node, variables)
    } catch (error) {
      // Executing the field reports the error, without reading anything.
      if (error instanceof GraphQLError) return {}
      throw error
    }
  }

  const root = schema.getRootType(operation.operation)
  return root == null ? 0 : ofSelections(operation.selectionSet, root, FEW)
}
