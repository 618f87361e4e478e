// Queries that are compiled once: to compile one takes as long as SQLite takes to answer it.

import { fillPlaceholders, type SQL } from './drizzle.ts'

interface Query {
  readonly sql: string
  readonly params: unknown[]
}

/** A query by its name, with the values in place of its placeholders; `query` is called for the first of each name. */
export type Prepare = (
  name: string,
  query: () => SQL,
  values: Readonly<Record<string, unknown>>,
) => Query

export function createPrepare(compile: (query: SQL) => Query): Prepare {
  const compiled = new Map<string, Query>()
  return (name, query, values) => {
    let found = compiled.get(name)
    if (found === undefined) {
      found = compile(query())
      compiled.set(name, found)
    }
    return { sql: found.sql, params: fillPlaceholders(found.params, values) }
  }
}
