// What a client asks, from the body of its request: a JSON object as GraphQL over HTTP has it, and nothing
// beside, as a parameter nobody reads is one misspelt.

import { quoted, Refusal } from '../errors.ts'

export interface Asked {
  /** The text of a document. */
  readonly query: string | null
  /** The ID of a persisted one. */
  readonly documentId: string | null
  /** The SHA-256 of one, or its ID, as Apollo's clients send it. */
  readonly hash: string | null
  readonly variables: Readonly<Record<string, unknown>>
  readonly operationName: string | null
}

const PARAMETERS: ReadonlySet<string> = new Set([
  'query',
  'documentId',
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
  const { query, documentId, variables, operationName, extensions } = asked
  for (const name in asked) {
    if (!PARAMETERS.has(name) && asked[name] !== null) {
      throw bad(`${quoted(name)} is no parameter; there are ${[...PARAMETERS].join(', ')}`)
    }
  }
  if (query != null && typeof query !== 'string') {
    throw bad('query is missing or no text; send {"query": "…"}')
  }
  if (documentId != null && typeof documentId !== 'string') throw bad('documentId is no text')
  if (variables != null && !isObject(variables)) throw bad('variables is no object')
  if (extensions != null && !isObject(extensions)) throw bad('extensions is no object')
  if (operationName != null && typeof operationName !== 'string') {
    throw bad('operationName is no text')
  }
  return {
    query: query ?? null,
    documentId: documentId ?? null,
    hash: extensions == null ? null : hashIn(extensions),
    variables: variables ?? {},
    operationName: operationName ?? null,
  }
}

function hashIn({ persistedQuery }: Readonly<Record<string, unknown>>): string | null {
  if (!isObject(persistedQuery)) return null
  const { sha256Hash } = persistedQuery
  return typeof sha256Hash === 'string' ? sha256Hash : null
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function bad(message: string): Refusal {
  return new Refusal('BAD_USER_INPUT', message)
}
