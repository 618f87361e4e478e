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
    'repeated fields: too many to compare with each other; select each field once',
  'Maximum introspection depth exceeded':
    'depth of introspection: lists of the schema are nested more than 3 levels deep; ask for less at once',
}
