// The schema, from the files that declare its types.

import './node.ts'
import './principal.ts'
import './organization.ts'
import './viewer.ts'
import './event.ts'
import './names.ts'
import './counts.ts'
import './feed.ts'
import './coverage.ts'
import './saved-views.ts'
import './api-keys.ts'
import './search.ts'
import type { GraphQLSchema } from 'graphql'
import { builder } from './builder.ts'
import { ENTITY_KEYS } from './entities.ts'
import { printedApi, printedSubgraph } from './subgraph.ts'

export const schema: GraphQLSchema = builder.toSchema({ sortSchema: false })

/** The committed files that say what the schema is, by name. */
export const printedSchemas: Readonly<Record<string, () => string>> = {
  /** For composing a federated graph. */
  'schema.graphql': () => printedSubgraph(schema, ENTITY_KEYS),
  /** For clients of this server. */
  'packaging/api.graphql': () => printedApi(schema),
}
