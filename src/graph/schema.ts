// The whole graph: the files that declare it, and the schema they make.

import './node.ts'
import './principal.ts'
import './organization.ts'
import './viewer.ts'
import './event.ts'
import './counts.ts'
import './feed.ts'
import './coverage.ts'
import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql'
import { builder } from './builder.ts'

export const schema: GraphQLSchema = builder.toSchema({ sortSchema: false })

/** The schema as `schema.graphql` holds it: sorted, so that moving code does not change it. */
export function printedSchema(): string {
  return `${printSchema(lexicographicSortSchema(schema))}\n`
}
