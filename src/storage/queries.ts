// How queries of Drizzle's are asked, whichever database answers. Those with a name are compiled once, all others each time
// anew: by Drizzle that takes about as long as SQLite takes to answer.

import type { Builder, Dialect, Reads, Session } from './database.ts'
import { answerOf, fillPlaceholders, Param, Placeholder, SQL, StringChunk } from './drizzle.ts'

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

/**
 * `parameter` stands in a text for the value at that place, from 1 on; `compiler` is Drizzle's; `builderOver` makes a
 * builder whose queries are asked so.
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

/** What Drizzle compiles, in a twentieth of the time; `null` where there is more in it than text and values to bind. */
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
