// Documents as they are sent, read and held against the schema and the limits on what one may ask.

import { type DocumentNode, GraphQLError, type GraphQLSchema, validate } from 'graphql'
import { MOST_ERRORS, parseWithinLimits } from './limits.ts'

/** A document that says something sound, or what is wrong with it. */
export type Prepared =
  | { readonly document: DocumentNode; readonly errors?: never }
  | { readonly document?: never; readonly errors: readonly GraphQLError[] }

export function prepare(schema: GraphQLSchema, text: string): Prepared {
  try {
    const document = parseWithinLimits(text)
    const errors = validateWithinLimits(schema, document)
    return errors.length > 0 ? { errors } : { document }
  } catch (error) {
    if (error instanceof GraphQLError) return { errors: [error] }
    throw error
  }
}

export function validateWithinLimits(
  schema: GraphQLSchema,
  document: DocumentNode,
): readonly GraphQLError[] {
  return validate(schema, document, undefined, { maxErrors: MOST_ERRORS }).map(plainly)
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
