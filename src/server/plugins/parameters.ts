// What a client asks, as GraphQL over HTTP writes it: a JSON object in the body of a POST, or the query of a GET's
// address. Any other form is refused, as pages of other sites can send those without being asked.

import { HttpError } from '../http-error.ts'
import type { Plugin } from '../request-context.ts'
import { readBody } from './body.ts'

export interface Parameters {
  readonly query: string | undefined
  readonly variables: Record<string, unknown> | undefined
  readonly operationName: string | undefined
  readonly extensions: Record<string, unknown> | undefined
  /** The ID of a persisted document. */
  readonly documentId: string | undefined
}

/** Levels of lists and objects within each other: more than any argument has. */
const DEEPEST = 50

export function useParameters(): Plugin {
  return {
    onRequestParse({ request, url, setRequestParser }) {
      const byGet = request.method === 'GET'
      if (!byGet) {
        const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
        if (type !== 'application/json') {
          throw new HttpError(415, 'send GraphQL as JSON with Content-Type: application/json')
        }
      }
      setRequestParser(async () => {
        const given = byGet
          ? inAddress(url.searchParams)
          : parsed(await readBody(request), 'the body')
        return parametersIn(given) as never
      })
    },
  }
}

function inAddress(query: URLSearchParams): Record<string, unknown> {
  const given: Record<string, unknown> = Object.fromEntries([...query].filter(([, text]) => text))
  for (const name of ['variables', 'extensions']) {
    if (given[name] !== undefined) given[name] = parsed(String(given[name]), name)
  }
  return given
}

function parsed(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new HttpError(400, `${what} is no JSON; send {"query": "…"}`)
  }
}

/** Members that the specification does not know are passed over, as it wants it. */
function parametersIn(given: unknown): Parameters {
  if (Array.isArray(given))
    throw invalidParameters('the body is a list; send one question a request')
  if (!isObject(given)) throw invalidParameters('the body is no object; send {"query": "…"}')
  function member<T>(name: string, is: (value: unknown) => value is T, kind: string) {
    const value = (given as Record<string, unknown>)[name] ?? undefined
    if (value === undefined || is(value)) return value
    throw invalidParameters(`${name} is no ${kind}`)
  }
  const variables = member('variables', isObject, 'object')
  if (!isShallow(variables, DEEPEST)) {
    throw invalidParameters(
      `variables: more than ${DEEPEST} levels are within each other; send fewer`,
    )
  }
  return {
    query: member('query', isText, 'text'),
    documentId: member('documentId', isText, 'text'),
    operationName: member('operationName', isText, 'text') || undefined,
    extensions: member('extensions', isObject, 'object'),
    variables,
  }
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return levels > 0 && Object.values(value).every(inner => isShallow(inner, levels - 1))
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** It can be read, but it is no request of GraphQL over HTTP. */
export function invalidParameters(message: string): HttpError {
  return new HttpError(422, message)
}
