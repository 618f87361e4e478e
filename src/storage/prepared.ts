// Queries that are compiled once: to compile one takes as long as SQLite takes to answer it.

import type { SQL } from './drizzle.ts'

interface Query {
  readonly sql: string
  /** With placeholders for what is bound later, by their names. */
  readonly params: readonly unknown[]
}

/** A query by its name, from which alone it follows; `query` is called for the first of each name. */
export type Prepare = (name: string, query: () => SQL) => Query

export function createPrepare(compile: (query: SQL) => Query): Prepare {
  const compiled = new Map<string, Query>()
  return (name, query) => {
    let found = compiled.get(name)
    if (found === undefined) {
      found = compile(query())
      compiled.set(name, found)
    }
    return found
  }
}
