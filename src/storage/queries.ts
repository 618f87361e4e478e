// Compiles and runs Drizzle's queries, for both databases. Queries with a name are compiled once, all others each
// time: with Drizzle's own compiler this takes about as long as SQLite takes to run them.

import type { Builder, Dialect, Reads, Session } from './database.ts'
import { answerOf, fillPlaceholders, Param, Placeholder, SQL, StringChunk } from './drizzle.ts'

/**
 * Runs a statement. Returns all its rows, like `Reads.rows`; for a statement without rows, a row with the number of
 * changed rows.
 */
export type Ask = (text: string, values: readonly unknown[]) => unknown[][] | Promise<unknown[][]>

interface Query {
  readonly sql: string
  /** The values to bind, or named placeholders for values that are bound later. */
  readonly params: readonly unknown[]
}

export interface Queries {
  /** A query by its name, which must determine it: `query` is called only once for each name. */
  prepare(name: string, query: () => SQL): Query
  session(dialect: Dialect, ask: Ask): Session
}

/**
 * `parameter` is the SQL of the parameter at a place, counted from 1; `compiler` is Drizzle's; `builderOver` creates a
 * builder that runs its queries with `ask`.
 */
export function createQueries(
  parameter: (place: number) => string,
  compiler: { sqlToQuery(query: SQL): Query },
  builderOver: (ask: Ask) => Builder,
): Queries {
  const compiled = new Map<string, Query>()

  function compile(query: SQL): Query {
    return textAndValues(query, parameter) ?? compiler.sqlToQuery(query)
  }

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

/**
 * Does the same as Drizzle's compiler, in a twentieth of its time; `null` if the query has more than text and values to
 * bind.
 */
function textAndValues(query: SQL, parameter: (place: number) => string): Query | null {
  let text = ''
  const params: unknown[] = []

  function add(chunks: readonly unknown[]): boolean {
    return chunks.every(chunk => {
      if (chunk instanceof SQL) return add(chunk.queryChunks)
      if (chunk instanceof StringChunk) {
        text += chunk.value.join('')
        return true
      }
      if (!isBound(chunk)) return false
      params.push(chunk instanceof Param ? chunk.encoder.mapToDriverValue(chunk.value) : chunk)
      text += parameter(params.length)
      return true
    })
  }

  return add(query.queryChunks) ? { sql: text, params } : null
}

function isBound(chunk: unknown): boolean {
  if (typeof chunk !== 'object' || chunk === null) return chunk !== undefined
  return chunk instanceof Param || chunk instanceof Placeholder || chunk instanceof Uint8Array
}
