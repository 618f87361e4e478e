// Repeated operations are compiled by graphql-jit; others, and those that graphql-jit cannot compile or executes
// differently, are executed by graphql-js. After errors an operation is executed again by graphql-js, because
// graphql-jit does not report their locations. Envelop's plugin caches by the document alone, and so confuses its
// operations.

import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type FieldNode,
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  isScalarType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  subscribe,
  typeFromAST,
  type ValueNode,
  valueFromASTUntyped,
} from 'graphql'
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit'
import type { Plugin } from '../request-context.ts'

/** Per document: compiling more takes too much time and memory. */
const MAX_FIELDS = 2_000

interface Operation {
  uses: number
  compiled: CompiledQuery | null
  /** The default values of its variables: graphql-jit requires non-null variables even if they have a default. */
  readonly defaults: Record<string, unknown>
}

/** `renewed` returns the context as it was before execution, for another execution. */
export function useExecution(
  schema: GraphQLSchema,
  renewed: (context: unknown) => unknown,
): Plugin {
  const executeAgain = createExecutor(schema, renewed)
  return {
    onExecute: ({ setExecuteFn }) => setExecuteFn(executeAgain),
    onSubscribe: ({ setSubscribeFn }) => setSubscribeFn(subscribe as never),
  }
}

export function createExecutor(
  schema: GraphQLSchema,
  renewed: (context: unknown) => unknown,
): (args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult> {
  const known = new WeakMap<OperationDefinitionNode, Operation>()

  function operationOf({ document, operationName }: ExecutionArgs): Operation | null {
    const node = getOperationAST(document, operationName)
    if (node == null) return null
    let operation = known.get(node)
    if (operation === undefined) {
      operation = { uses: 0, compiled: null, defaults: defaultsOf(node) }
      known.set(node, operation)
    }
    // Mutations must not be executed twice, as operations with errors are.
    if (node.operation !== 'query') return operation
    if (++operation.uses === 2 && compiledSize(schema, document) > 0) {
      operation.compiled = compile(schema, document, operationName)
    }
    return operation
  }

  return args => {
    const { compiled = null, defaults } = operationOf(args) ?? {}
    if (compiled === null) return execute(args)
    const { rootValue, contextValue, variableValues } = args
    const answer = compiled.query(rootValue, contextValue, { ...defaults, ...variableValues })
    const again = (answer: ExecutionResult) =>
      answer.errors === undefined || answer.errors.length === 0
        ? answer
        : execute({ ...args, contextValue: renewed(contextValue) })
    return answer instanceof Promise ? answer.then(again) : again(answer)
  }
}

function compile(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
): CompiledQuery | null {
  try {
    const compiled = compileQuery(schema, document, operationName ?? '', {
      disablingCapturingStackErrors: true,
    })
    return isCompiledQuery(compiled) ? compiled : null
  } catch {
    return null
  }
}

function defaultsOf({
  variableDefinitions = [],
}: OperationDefinitionNode): Record<string, unknown> {
  return Object.fromEntries(
    variableDefinitions.flatMap(({ variable, defaultValue }) =>
      defaultValue === undefined
        ? []
        : [[variable.name.value, valueFromASTUntyped(defaultValue)] as const],
    ),
  )
}

/**
 * The number of fields in the compiled operations of a document, counted for each type of an interface and each spread
 * of a fragment. 0 if it is not compiled: too many fields, or directives.
 */
export function compiledSize(schema: GraphQLSchema, document: DocumentNode): number {
  const fragments = new Map<string, { type: GraphQLCompositeType; set: SelectionSetNode }>()
  for (const node of document.definitions) {
    if (node.kind !== Kind.FRAGMENT_DEFINITION) continue
    const type = typeFromAST(schema, node.typeCondition)
    if (isCompositeType(type)) fragments.set(node.name.value, { type, set: node.selectionSet })
  }
  let fields = 0

  function count(set: SelectionSetNode, type: GraphQLCompositeType, times: number): void {
    const each = isAbstractType(type) ? times * schema.getPossibleTypes(type).length : times
    for (const node of set.selections) {
      if (fields > MAX_FIELDS) return
      // With @skip or @include, graphql-jit returns fields in another order than graphql-js.
      if (node.directives?.length) fields = Number.POSITIVE_INFINITY
      if (node.kind === Kind.FIELD) {
        fields += (node.alias ?? node.name).value === '__proto__' ? Number.POSITIVE_INFINITY : each
        const field =
          isObjectType(type) || isInterfaceType(type)
            ? type.getFields()[node.name.value]
            : undefined
        if (field?.args.some(argument => isOpaque(argument, node)))
          fields = Number.POSITIVE_INFINITY
        const inner = field && getNamedType(field.type)
        if (node.selectionSet && isCompositeType(inner)) count(node.selectionSet, inner, each)
      } else if (node.kind === Kind.INLINE_FRAGMENT) {
        const on = node.typeCondition ? typeFromAST(schema, node.typeCondition) : type
        if (isCompositeType(on)) count(node.selectionSet, on, times)
      } else {
        // Counts as a field, so that counting ends if fragments spread each other.
        fields++
        const fragment = fragments.get(node.name.value)
        if (fragment !== undefined) count(fragment.set, fragment.type, times)
      }
    }
  }

  for (const node of document.definitions) {
    if (node.kind !== Kind.OPERATION_DEFINITION) continue
    const root = schema.getRootType(node.operation)
    if (root != null) count(node.selectionSet, root, 1)
  }
  return fields > MAX_FIELDS ? 0 : fields
}

/** Whether a scalar argument is given as an object literal: graphql-jit does not see variables in it. */
function isOpaque({ name, type }: GraphQLArgument, node: FieldNode): boolean {
  const given = node.arguments?.find(argument => argument.name.value === name)
  return given !== undefined && isScalarType(getNamedType(type)) && holdsObject(given.value)
}

function holdsObject(value: ValueNode): boolean {
  return value.kind === Kind.LIST ? value.values.some(holdsObject) : value.kind === Kind.OBJECT
}
