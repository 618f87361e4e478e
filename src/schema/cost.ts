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
  type InlineFragmentNode,
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
    { selectionSet }: { readonly selectionSet?: SelectionSetNode | undefined },
    type: GraphQLNamedType,
    page: number,
  ): number {
    let points = 0
    for (const node of selectionSet?.selections ?? []) {
      if (isLeftOut(node)) continue
      if (node.kind === Kind.FIELD) points += ofField(node, type, page)
      else if (node.kind === Kind.INLINE_FRAGMENT) points += ofFragment(node, type, page)
      else points += ofSpread(node.name.value, type, page)
    }
    return points
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
    const points = known.get(key) ?? (fragment ? ofFragment(fragment, type, page) : 0)
    known.set(key, points)
    return points
  }

  function ofFragment(
    fragment: InlineFragmentNode | FragmentDefinitionNode,
    type: GraphQLNamedType,
    page: number,
  ): number {
    const { typeCondition } = fragment
    const narrowed = typeCondition && typeFromAST(schema, typeCondition)
    return ofSelections(fragment, narrowed ?? type, page)
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
      return reads + 1 + ofSelections(node, named, own ?? FEW)
    }
    return reads + (own ?? page) * (1 + ofSelections(node, named, FEW))
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
  return root == null ? 0 : ofSelections(operation, root, FEW)
}
