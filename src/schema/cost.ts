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
  variables: Readonly<Record<string, unknown>>,
  memberships: number,
): number {
  const fragments = fragmentsIn(document)
  /** By fragment, type and page size: one that is spread often is counted once. */
  const known = new Map<string, number>()

  /** `page`: how long the lists are that do not say. */
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
      // The complaint belongs into the answer, and nothing is read for it.
      if (error instanceof GraphQLError) return {}
      throw error
    }
  }

  const root = schema.getRootType(operation.operation)
  return root == null ? 0 : ofSelections(operation, root, FEW)
}
