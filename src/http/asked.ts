// What a client asks, from the body of its request: a JSON object as GraphQL over HTTP has it, and nothing
// beside, as a parameter nobody reads is one misspelt.

import { quoted, Refusal } from '../errors.ts'

export interface Asked {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
  readonly operationName: string | null
}

const PARAMETERS: ReadonlySet<string> = new Set([
  'query',
  'variables',
  'operationName',
  'extensions',
])

/** Refuses whatever is no question. */
export function askedIn(body: string): Asked {
  let asked: unknown
  try {
    asked = JSON.parse(body)
  } catch {
    throw bad('the body is no JSON; send {"query": "…"}')
  }
  if (Array.isArray(asked)) throw bad('the body is a list; send one question a request')
  if (!isObject(asked)) throw bad('the body is no object; send {"query": "…"}')
  const { query, variables, operationName, extensions } = asked
  for (const name in asked) {
    if (!PARAMETERS.has(name) && asked[name] !== null) {
      throw bad(`${quoted(name)} is no parameter; there are ${[...PARAMETERS].join(', ')}`)
    }
  }
  if (typeof query !== 'string') throw bad('query is missing or no text; send {"query": "…"}')
  if (variables != null && !isObject(variables)) throw bad('variables is no object')
  if (extensions != null && !isObject(extensions)) throw bad('extensions is no object')
  if (operationName != null && typeof operationName !== 'string') {
    throw bad('operationName is no text')
  }
  return { query, variables: variables ?? {}, operationName: operationName ?? null }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function bad(message: string): Refusal {
  return new Refusal('BAD_USER_INPUT', message)
}
