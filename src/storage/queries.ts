// Compiles and runs Drizzle's queries, for both databases, and calls a hook for each statement. Queries of text and values
// are compiled here: Drizzle's own compiler takes about as long as SQLite takes to run a query.

import type { Builder, Dialect, Session } from './database.ts'
import { answerOf, Param, Placeholder, SQL, StringChunk } from './drizzle.ts'

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

/**
 * `parameter` is the SQL of the parameter at a place, counted from 1; `builderOver` creates a builder that runs its
 * queries with `ask`.
 */
export function createQueries(
  parameter: (place: number) => string,
  builderOver: (ask: Ask) => Builder,
) {
  const prepared = new Map<string, Query>()
  return {
    /** A query by its name, which must determine it: `query` is called only once for each name. */
    prepare(name: string, query: () => SQL): Query {
      const found = prepared.get(name) ?? compile(query(), parameter)
      prepared.set(name, found)
      return found
    },
    session(dialect: Dialect, ask: Ask): Session {
      let builder: Builder | undefined
      async function rows<Row extends unknown[]>(query: SQL) {
        const { sql, params } = compile(query, parameter)
        return (await ask(sql, params)) as Row[]
      }
      return {
        dialect,
        rows,
        build<T>(query: (builder: Builder) => PromiseLike<T>) {
          builder ??= builderOver(ask)
          return answerOf(query(builder))
        },
        async run(query: SQL) {
          const [row] = await rows<[number]>(query)
          return row?.[0] ?? 0
        },
      }
    },
  }
}

/** Does the same as Drizzle's compiler, in a twentieth of its time, for a query of text and values to bind. */
function compile(query: SQL, parameter: (place: number) => string): Query {
  let sql = ''
  const params: unknown[] = []

  function add(chunk: unknown): void {
    if (chunk instanceof SQL) chunk.queryChunks.forEach(add)
    else if (chunk instanceof StringChunk) sql += chunk.value.join('')
    else {
      if (!isBound(chunk)) throw new TypeError('a query with something other than text and values')
      params.push(chunk instanceof Param ? chunk.encoder.mapToDriverValue(chunk.value) : chunk)
      sql += parameter(params.length)
    }
  }

  add(query)
  return { sql, params }
}

function isBound(chunk: unknown): boolean {
  if (typeof chunk !== 'object' || chunk === null) return chunk !== undefined
  return chunk instanceof Param || chunk instanceof Placeholder || chunk instanceof Uint8Array
}

/**
 * Called before each statement with its text, which contains no values, and the values bound to it. If it returns a
 * function, that is called when the statement has ended, successfully or not.
 */
export type StatementHook = (text: string, values: readonly unknown[]) => unknown

/** Runs a statement and calls the hook. */
export async function watched<T>(
  hook: StatementHook,
  text: string,
  values: readonly unknown[],
  run: () => T | Promise<T>,
): Promise<T> {
  const ended = hook(text, values)
  try {
    return await run()
  } finally {
    if (typeof ended === 'function') ended()
  }
}
