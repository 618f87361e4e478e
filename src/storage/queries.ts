// How queries of Drizzle's are asked, whichever database answers. Those with a name are compiled once: to compile one
// takes as long as SQLite takes to answer it.

import type { Builder, Dialect, Reads, Session } from './database.ts'
import { answerOf, fillPlaceholders, type SQL } from './drizzle.ts'

/** All rows of a statement, as `Reads.rows`; of one that gives none, how many it changed. */
export type Ask = (text: string, values: readonly unknown[]) => unknown[][] | Promise<unknown[][]>

interface Query {
  readonly sql: string
  /** With placeholders for what is bound later, by their names. */
  readonly params: readonly unknown[]
}

export interface Queries {
  /** A query by its name, from which alone it follows; `query` is called for the first of each name. */
  prepare(name: string, query: () => SQL): Query
  session(dialect: Dialect, ask: Ask): Session
}

/** `builderOver` makes a builder whose queries are asked so. */
export function createQueries(
  compile: (query: SQL) => Query,
  builderOver: (ask: Ask) => Builder,
): Queries {
  const compiled = new Map<string, Query>()

  function prepare(name: string, query: () => SQL): Query {
    let found = compiled.get(name)
    if (found === undefined) {
      found = compile(query())
      compiled.set(name, found)
    }
    return found
  }

  return {
    prepare,
    session(dialect, ask) {
      let builder: Builder | undefined
      async function rows<Row extends unknown[]>(query: SQL) {
        const { sql, params } = compile(query)
        return (await ask(sql, params)) as Row[]
      }
      return {
        dialect,
        rows,
        async prepared<Row extends unknown[]>(...given: Parameters<Reads['prepared']>) {
          const [name, query, values] = given
          const { sql, params } = prepare(name, query)
          return (await ask(sql, fillPlaceholders([...params], values))) as Row[]
        },
        build(query) {
          builder ??= builderOver(ask)
          return answerOf(query(builder))
        },
        async run(query) {
          const [row] = await rows<[number]>(query)
          return row?.[0] ?? 0
        },
      }
    },
  }
}
