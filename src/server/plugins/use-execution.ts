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
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  isScalarType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  subscribe,
  TypeInfo,
  typeFromAST,
  valueFromASTUntyped,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit'
import { fragmentsIn } from '../../schema/limits.ts'
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

  return args => {
    const { document, operationName, rootValue, contextValue, variableValues } = args
    const node = getOperationAST(document, operationName)
    // Mutations must not be executed twice, as operations with errors are.
    if (node?.operation !== 'query') return execute(args)
    const operation = known.get(node) ?? { uses: 0, compiled: null, defaults: defaultsOf(node) }
    known.set(node, operation)
    if (++operation.uses === 2) operation.compiled = compile(schema, document, operationName)
    const { compiled, defaults } = operation
    if (compiled === null) return execute(args)
    const answer = compiled.query(rootValue, contextValue, { ...defaults, ...variableValues })
    const again = (answer: ExecutionResult) =>
      answer.errors?.length ? execute({ ...args, contextValue: renewed(contextValue) }) : answer
    return answer instanceof Promise ? answer.then(again) : again(answer)
  }
}

function compile(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
): CompiledQuery | null {
  if (compiledSize(schema, document) === 0) return null
  try {
    const compiled = compileQuery(schema, document, operationName ?? '', {
      disablingCapturingStackErrors: true,
    })
    return isCompiledQuery(compiled) ? compiled : null
  } catch {
    return null
  }
}

function defaultsOf({ variableDefinitions = [] }: OperationDefinitionNode) {
  const defaults: Record<string, unknown> = {}
  for (const { variable, defaultValue } of variableDefinitions) {
    if (defaultValue) defaults[variable.name.value] = valueFromASTUntyped(defaultValue)
  }
  return defaults
}

/**
 * The number of fields in the compiled operations of a document, counted for each type of an interface and each spread
 * of a fragment. 0 if it is not compiled: too many fields, or something that graphql-jit does differently.
 */
export function compiledSize(schema: GraphQLSchema, document: DocumentNode): number {
  if (!isCompilable(schema, document)) return 0
  const fragments = fragmentsIn(document)
  let fields = 0

  function count(
    { selectionSet }: { readonly selectionSet?: SelectionSetNode | undefined },
    type: GraphQLNamedType | null | undefined,
    times: number,
  ): void {
    const each = isAbstractType(type) ? times * schema.getPossibleTypes(type).length : times
    for (const node of selectionSet?.selections ?? []) {
      if (fields > MAX_FIELDS) return
      if (node.kind === Kind.FIELD) {
        fields += each
        const hasFields = isObjectType(type) || isInterfaceType(type)
        const field = hasFields ? type.getFields()[node.name.value] : undefined
        if (field !== undefined) count(node, getNamedType(field.type), each)
      } else if (node.kind === Kind.INLINE_FRAGMENT) {
        count(node, node.typeCondition ? typeFromAST(schema, node.typeCondition) : type, times)
      } else {
        // Counts as a field, so that counting ends if fragments spread each other.
        fields++
        const fragment = fragments.get(node.name.value)
        if (fragment) count(fragment, typeFromAST(schema, fragment.typeCondition), times)
      }
    }
  }

  for (const node of document.definitions) {
    if (node.kind === Kind.OPERATION_DEFINITION) count(node, schema.getRootType(node.operation), 1)
  }
  return fields > MAX_FIELDS ? 0 : fields
}

function isCompilable(schema: GraphQLSchema, document: DocumentNode): boolean {
  const types = new TypeInfo(schema)
  let isFit = true
  const check = {
    // With @skip or @include, graphql-jit returns fields in another order than graphql-js.
    Directive() {
      isFit = false
    },
    Field({ alias, name }: FieldNode) {
      if ((alias ?? name).value === '__proto__') isFit = false
    },
    // In a literal of a custom scalar, graphql-jit does not see variables.
    ObjectValue() {
      if (isScalarType(getNamedType(types.getInputType()))) isFit = false
    },
  }
  visit(document, visitWithTypeInfo(types, check))
  return isFit
}
