// A question, worked out as far as it is the same for everyone who asks it: which fields of which types are
// answered, in which order, and how each is made. Execution (execute.ts) walks a plan and decides nothing.

import {
  type ArgumentNode,
  type DocumentNode,
  defaultFieldResolver,
  defaultTypeResolver,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLAbstractType,
  GraphQLError,
  type GraphQLField,
  type GraphQLFieldResolver,
  GraphQLID,
  GraphQLIncludeDirective,
  type GraphQLLeafType,
  type GraphQLList,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  GraphQLString,
  type GraphQLTypeResolver,
  getArgumentValues,
  getDirectiveValues,
  getNullableType,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
  typeFromAST,
  type ValueNode,
} from 'graphql'

export type Variables = Readonly<Record<string, unknown>>
type Args = Readonly<Record<string, unknown>>

/** What is answered of an object, in order. */
export interface Selection {
  readonly fields: readonly FieldPlan[]
  /** Whether a key means something to JavaScript's own objects. */
  readonly bare: boolean
}

export interface FieldPlan {
  readonly key: string
  readonly nodes: readonly FieldNode[]
  readonly parent: GraphQLObjectType
  readonly field: GraphQLField<unknown, unknown>
  /** The property that is the answer, where the field only copies. */
  readonly copies: string | null
  /** The answer, where it is known: of `__typename`. */
  readonly constant: string | null
  readonly resolve: GraphQLFieldResolver<unknown, unknown>
  /** Where no variable is in them. */
  readonly args: Args | null
  readonly shape: Shape
  /** Whether a string is answered as it is. */
  readonly verbatim: boolean
}

/** How a value becomes an answer. */
export type Shape = { readonly required: boolean } & (
  | { readonly kind: 'leaf'; readonly type: GraphQLLeafType }
  | { readonly kind: 'list'; readonly item: Shape }
  | { readonly kind: 'object'; readonly type: GraphQLObjectType; selection: Selection | null }
  | {
      readonly kind: 'abstract'
      readonly type: GraphQLAbstractType
      readonly typeOf: GraphQLTypeResolver<unknown, unknown>
      /** Objects it turned out to be, by the names of their types. */
      readonly found: Map<string, Shape & { readonly kind: 'object' }>
    }
)

const NO_ARGS: Args = Object.freeze({})

/** One operation of a document, for one outcome of its `@skip` and `@include`. */
export class Plan {
  readonly schema: GraphQLSchema
  readonly operation: OperationDefinitionNode
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>
  readonly root: Selection
  readonly #variables: Variables

  /** `variables` decide which fields are left out, and nothing else. */
  constructor(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Variables,
  ) {
    const type = schema.getRootType(operation.operation)
    if (type == null) {
      throw new GraphQLError(
        `Schema is not configured to execute ${operation.operation} operation.`,
        { nodes: operation },
      )
    }
    this.schema = schema
    this.operation = operation
    this.fragments = Object.fromEntries(
      document.definitions
        .filter(definition => definition.kind === 'FragmentDefinition')
        .map(definition => [definition.name.value, definition]),
    )
    this.#variables = variables
    this.root = this.#selection(type, [operation.selectionSet])
  }

  /** Worked out when it is needed first, as most types of an interface never are. */
  selectionOf(shape: Shape & { kind: 'object' }, { nodes }: FieldPlan): Selection {
    shape.selection ??= this.#selection(
      shape.type,
      nodes.flatMap(({ selectionSet }) => selectionSet ?? []),
    )
    return shape.selection
  }

  #selection(type: GraphQLObjectType, sets: readonly SelectionSetNode[]): Selection {
    const found = new Map<string, FieldNode[]>()
    const spread = new Set<string>()
    for (const set of sets) this.#collect(type, set, found, spread)
    const fields = [...found].flatMap(([key, nodes]) => this.#fieldPlan(type, key, nodes) ?? [])
    return { fields, bare: found.has('__proto__') }
  }

  /** `spread` holds the fragments that were met; a second time they add nothing. */
  #collect(
    type: GraphQLObjectType,
    set: SelectionSetNode,
    found: Map<string, FieldNode[]>,
    spread: Set<string>,
  ): void {
    for (const node of set.selections) {
      if (getDirectiveValues(GraphQLSkipDirective, node, this.#variables)?.if === true) continue
      if (getDirectiveValues(GraphQLIncludeDirective, node, this.#variables)?.if === false) continue
      if (node.kind === 'Field') {
        const key = (node.alias ?? node.name).value
        const nodes = found.get(key)
        if (nodes === undefined) found.set(key, [node])
        else nodes.push(node)
        continue
      }
      if (node.kind === 'FragmentSpread') {
        if (spread.has(node.name.value)) continue
        spread.add(node.name.value)
      }
      const fragment = node.kind === 'InlineFragment' ? node : this.fragments[node.name.value]
      if (fragment !== undefined && this.#covers(fragment.typeCondition, type)) {
        this.#collect(type, fragment.selectionSet, found, spread)
      }
    }
  }

  #covers(
    condition: FragmentDefinitionNode['typeCondition'] | undefined,
    type: GraphQLObjectType,
  ): boolean {
    if (condition === undefined) return true
    const conditional = typeFromAST(this.schema, condition)
    if (conditional === type) return true
    return isAbstractType(conditional) && this.schema.isSubType(conditional, type)
  }

  #fieldPlan(parent: GraphQLObjectType, key: string, nodes: FieldNode[]): FieldPlan | null {
    const [node] = nodes
    const field = node && this.#fieldOf(parent, node.name.value)
    if (node === undefined || field == null) return null
    const { pothosExposedField } = field.extensions
    const shape = shapeOf(field.type)
    return {
      key,
      nodes,
      parent,
      field,
      copies: typeof pothosExposedField === 'string' ? pothosExposedField : null,
      constant: field === TypeNameMetaFieldDef ? parent.name : null,
      resolve: field.resolve ?? defaultFieldResolver,
      args: constantArgs(field, node),
      shape,
      verbatim: shape.kind === 'leaf' && (shape.type === GraphQLString || shape.type === GraphQLID),
    }
  }

  #fieldOf(
    parent: GraphQLObjectType,
    name: string,
  ): GraphQLField<unknown, unknown> | null | undefined {
    if (name === TypeNameMetaFieldDef.name) return TypeNameMetaFieldDef
    if (parent === this.schema.getQueryType()) {
      if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef
      if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef
    }
    return parent.getFields()[name]
  }
}

function constantArgs(field: GraphQLField<unknown, unknown>, node: FieldNode): Args | null {
  if (field.args.length === 0) return NO_ARGS
  if (node.arguments?.some(hasVariable)) return null
  try {
    return getArgumentValues(field, node)
  } catch {
    // The complaint belongs into the answer.
    return null
  }
}

function hasVariable({ value }: ArgumentNode): boolean {
  const inside = (value: ValueNode): boolean => {
    if (value.kind === 'Variable') return true
    if (value.kind === 'ListValue') return value.values.some(inside)
    return value.kind === 'ObjectValue' && value.fields.some(field => inside(field.value))
  }
  return inside(value)
}

function shapeOf(type: GraphQLOutputType): Shape {
  const required = isNonNullType(type)
  const nullable = getNullableType(type) as GraphQLOutputType
  if (isLeafType(nullable)) return { kind: 'leaf', required, type: nullable }
  if (isListType(nullable)) {
    const { ofType } = nullable as GraphQLList<GraphQLOutputType>
    return { kind: 'list', required, item: shapeOf(ofType) }
  }
  if (isObjectType(nullable)) return objectShape(nullable, required)
  if (!isAbstractType(nullable)) throw new TypeError(`${type} is no type of an answer`)
  const typeOf = nullable.resolveType ?? defaultTypeResolver
  return {
    kind: 'abstract',
    required,
    type: nullable,
    typeOf,
    found: new Map(),
  }
}

export function objectShape(
  type: GraphQLObjectType,
  required: boolean,
): Shape & { readonly kind: 'object' } {
  // No type here is known by looking at its values, so execution does not look.
  if (type.isTypeOf != null) throw new TypeError(`${type} has isTypeOf, which is not supported`)
  return { kind: 'object', required, type, selection: null }
}
