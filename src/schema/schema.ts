// The schema, from the files that declare its types.

import './node.ts'
import './principal-types.ts'
import './organization-type.ts'
import './viewer-type.ts'
import './event-type.ts'
import './count-fields.ts'
import './feed-fields.ts'
import './coverage-type.ts'
import './saved-view-type.ts'
import './search-fields.ts'
import { type GraphQLSchema, isObjectType } from 'graphql'
import { builder } from './builder.ts'
import { ENTITY_KEYS } from './entities.ts'
import { printedApi, printedSubgraph } from './subgraph.ts'

export const schema: GraphQLSchema = rejecting(builder.toSchema({ sortSchema: false }))

/** The committed files with the printed schema, by name. */
export const printedSchemas: Readonly<Record<string, () => string>> = {
  /** For composing a federated graph. */
  'schema.graphql': () => printedSubgraph(schema, ENTITY_KEYS),
  /** For clients of this server. */
  'packaging/api.graphql': () => printedApi(schema),
}

/**
 * Makes each resolver that throws reject instead. Where an item of a list throws at once, graphql-js abandons the
 * promises of the items before it, and Node ends a process in which an abandoned promise rejects.
 */
function rejecting(schema: GraphQLSchema): GraphQLSchema {
  const fields = Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .flatMap(type => Object.values(type.getFields()))
  for (const field of fields) {
    const { resolve } = field
    if (resolve === undefined || 'pothosExposedField' in field.extensions) continue
    field.resolve = (...given) => {
      try {
        return resolve(...given)
      } catch (error) {
        return Promise.reject(error)
      }
    }
  }
  return schema
}
