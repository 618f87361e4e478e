// The parameters of a GraphQL-over-HTTP request: a JSON object in the body of a POST, or the query string of a GET.
// Other forms are refused, because pages of other sites can send those without a preflight.

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

/** Levels of nested lists and objects: more than any argument needs. */
const MAX_DEPTH = 50

export function useParameters(): Plugin {
  return {
    onRequestParse({ request, url, setRequestParser }) {
      const byGet = request.method === 'GET'
      if (!byGet) {
        const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
        if (type !== 'application/json') {
          throw new HttpError(
            415,
            'the Content-Type must be application/json; send GraphQL as JSON',
          )
        }
      }
      setRequestParser(async () => {
        const given = byGet
          ? inQueryString(url.searchParams)
          : parsed(await readBody(request), 'the request body', '{"query": "…"}')
        return parametersIn(given) as never
      })
    },
  }
}

function inQueryString(query: URLSearchParams): Record<string, unknown> {
  const given: Record<string, unknown> = Object.fromEntries([...query].filter(([, text]) => text))
  for (const name of ['variables', 'extensions']) {
    if (given[name] !== undefined) given[name] = parsed(String(given[name]), name, 'a JSON object')
  }
  return given
}

function parsed(text: string, what: string, expected: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new HttpError(400, `${what} is not valid JSON; send ${expected}`)
  }
}

/** Unknown members are ignored, as the specification requires. */
function parametersIn(given: unknown): Parameters {
  if (Array.isArray(given))
    throw invalidParameters('the request body is a list; send one operation per request')
  if (!isObject(given))
    throw invalidParameters('the request body is not a JSON object; send {"query": "…"}')
  function member<T>(name: string, is: (value: unknown) => value is T, kind: string) {
    const value = (given as Record<string, unknown>)[name] ?? undefined
    if (value === undefined || is(value)) return value
    throw invalidParameters(`${name} must be ${kind}`)
  }
  const variables = member('variables', isObject, 'an object')
  if (!isShallow(variables, MAX_DEPTH)) {
    throw invalidParameters(
      `variables: nested more than ${MAX_DEPTH} levels deep; send fewer levels`,
    )
  }
  return {
    query: member('query', isText, 'a string'),
    documentId: member('documentId', isText, 'a string'),
    operationName: member('operationName', isText, 'a string') || undefined,
    extensions: member('extensions', isObject, 'an object'),
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

/** For valid JSON that is not a GraphQL-over-HTTP request. */
export function invalidParameters(message: string): HttpError {
  return new HttpError(422, message)
}
