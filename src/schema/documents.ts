// Validates documents by the schema and the limits.

import { type DocumentNode, GraphQLError, type GraphQLSchema, validate } from 'graphql'
import { MOST_ERRORS } from './limits.ts'

export function validateWithinLimits(
  schema: GraphQLSchema,
  document: DocumentNode,
): readonly GraphQLError[] {
  return validate(schema, document, undefined, { maxErrors: MOST_ERRORS }).map(plainly)
}

/** Two of GraphQL's own validation errors are about limits. */
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
