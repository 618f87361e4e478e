// Questions as they are sent, made ready to be answered. What was worked out for a text is kept for the next
// who sends it: the text and its meaning, never an answer, and nothing of who asked.

import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  type OperationDefinitionNode,
  validate,
  visit,
} from 'graphql'
import { pointsOf } from './cost.ts'
import { MOST_ERRORS, parseWithinLimits } from './limits.ts'
import { Plan, type Variables } from './plan.ts'

/** So many texts are kept, of at most so many characters each: no more than they may take from the memory. */
const MOST = 500
const LONGEST = 20_000

/** So many plans are kept of one text; it has more where several fields are left out by variables. */
const MOST_PLANS = 8

/** A text that says something sound, or what is wrong with it. */
export type Prepared =
  | { readonly question: Question; readonly errors?: never }
  | { readonly question?: never; readonly errors: readonly GraphQLError[] }

/** Runs a part of the work, which is called so. */
export type Phase = <T>(name: 'parse' | 'validate' | 'execute', work: () => T) => T

export function createDocuments(
  schema: GraphQLSchema,
  phase: Phase = (_, work) => work(),
): (text: string) => Prepared {
  const kept = new Map<string, Prepared>()
  return text => {
    const known = kept.get(text)
    if (known !== undefined) {
      // The oldest is the one that was not asked for longest.
      kept.delete(text)
      kept.set(text, known)
      return known
    }
    const prepared = prepare(schema, text, phase)
    if (text.length <= LONGEST) {
      if (kept.size >= MOST) kept.delete(kept.keys().next().value ?? '')
      kept.set(text, prepared)
    }
    return prepared
  }
}

function prepare(schema: GraphQLSchema, text: string, phase: Phase): Prepared {
  let document: DocumentNode
  try {
    document = phase('parse', () => parseWithinLimits(text))
  } catch (error) {
    if (error instanceof GraphQLError) return { errors: [error] }
    throw error
  }
  const errors = phase('validate', () =>
    validate(schema, document, undefined, { maxErrors: MOST_ERRORS }),
  )
  return errors.length > 0
    ? { errors: errors.map(plainly) }
    : { question: new Question(schema, document) }
}

/** Two of GraphQL's own complaints are about how much is asked. */
function plainly(error: GraphQLError): GraphQLError {
  const limit = GRAPHQL_LIMITS[error.message]
  return limit === undefined
    ? error
    : new GraphQLError(limit, { extensions: { code: 'LIMIT_EXCEEDED' } })
}

const GRAPHQL_LIMITS: Readonly<Record<string, string>> = {
  'Validation aborted.':
    'repeated fields: there are more than can be compared with each other; ask for each once',
  'Maximum introspection depth exceeded':
    'depth of introspection: lists of the schema within each other are more than 3; ask for less at once',
}

/** So many costs are kept of one text, each with variables that are no longer than so many characters. */
const MOST_PRICES = 20
const LONGEST_PRICED = 500

/** A sound document. */
export class Question {
  readonly document: DocumentNode
  readonly #schema: GraphQLSchema
  /** The variables that decide which fields are left out. */
  readonly #deciding: readonly string[]
  readonly #plans = new Map<string, Plan>()
  /** By operation, memberships and variables. */
  readonly #points = new Map<string, number>()

  constructor(schema: GraphQLSchema, document: DocumentNode) {
    this.#schema = schema
    this.document = document
    this.#deciding = decidingVariables(document)
  }

  /** `null` where there is none of that name, or several and no name was given. */
  operation(name: string | null | undefined): OperationDefinitionNode | null {
    return getOperationAST(this.document, name) ?? null
  }

  /** The variables as the operation declares them. */
  coerce(
    { variableDefinitions = [] }: OperationDefinitionNode,
    given: Variables,
  ): ReturnType<typeof getVariableValues> {
    return getVariableValues(this.#schema, variableDefinitions, given, { maxErrors: MOST_ERRORS })
  }

  /** What an operation costs, for a viewer with so many memberships. */
  points(operation: OperationDefinitionNode, coerced: Variables, memberships: number): number {
    const name = JSON.stringify([operation.name?.value, memberships, coerced])
    const known = this.#points.get(name)
    if (known !== undefined) return known
    const points = pointsOf(this.#schema, this.document, operation, coerced, memberships)
    if (this.#points.size >= MOST_PRICES) this.#points.clear()
    if (name.length <= LONGEST_PRICED) this.#points.set(name, points)
    return points
  }

  plan(operation: OperationDefinitionNode, coerced: Variables): Planned {
    const decided = this.#deciding.map(name => [name, coerced[name]])
    const name = JSON.stringify([operation.name?.value, decided])
    const known = this.#plans.get(name)
    if (known !== undefined) return { plan: known }
    try {
      const variables = Object.fromEntries(decided)
      const plan = new Plan(this.#schema, this.document, operation, variables)
      if (this.#plans.size >= MOST_PLANS) this.#plans.clear()
      this.#plans.set(name, plan)
      return { plan }
    } catch (error) {
      if (error instanceof GraphQLError) return { errors: [error] }
      throw error
    }
  }
}

/** A plan, or what its directives complain of. */
export type Planned =
  | { readonly plan: Plan; readonly errors?: never }
  | { readonly plan?: never; readonly errors: readonly GraphQLError[] }

function decidingVariables(document: DocumentNode): string[] {
  const names = new Set<string>()
  visit(document, {
    Directive({ name, arguments: args }) {
      if (name.value !== 'skip' && name.value !== 'include') return
      for (const { value } of args ?? []) {
        if (value.kind === 'Variable') names.add(value.name.value)
      }
    },
  })
  return [...names]
}
