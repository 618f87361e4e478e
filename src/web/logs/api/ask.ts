// Sends the page's requests like any other client: by POST with the token in a header, or with the session's cookie.
// Results are typed by their document.

import { signal } from '@preact/signals'
import { QueryClient, queryOptions } from '@tanstack/preact-query'
import type { TypedDocumentString } from './page-documents.ts'
import { account, forget, proofs, waitAfter } from './session.ts'

/** The API's error codes, and that of a server that did not respond. */
export type Code =
  | 'BAD_USER_INPUT'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'LIMIT_EXCEEDED'
  | 'UNAVAILABLE'
  | 'INTERNAL_SERVER_ERROR'
  | 'UNREACHABLE'

/** The server refused the request. Its message is the server's, if there is one: in English, for operators. */
export class Refused extends Error {
  readonly code: Code

  constructor(code: Code, message: string = code) {
    super(message)
    this.code = code
  }
}

/** Refused for now, because the server is not reachable, still starting, or busy: only this is worth a retry. */
export class Unreachable extends Refused {}

/** False if the last request did not reach the server, or the server was too busy. */
export const reachable = signal(true)

/** Throws `Refused`. If the viewer is no longer signed in, the sign-in page is shown. */
export async function ask<Answer, Variables>(
  document: TypedDocumentString<Answer, Variables>,
  variables: NoInfer<Variables>,
  stopped?: AbortSignal,
): Promise<Answer> {
  const response = await post(document, variables, 'application/json', stopped)
  const { data, errors } = await inTime(response.json(), stopped)
  reachable.value = true
  if (errors !== undefined) throw new Refused(codeIn(errors))
  return data
}

/** Returns the response when its headers have arrived; the caller reads the body. Throws `Refused`. */
export async function post<Answer, Variables>(
  document: TypedDocumentString<Answer, Variables>,
  variables: NoInfer<Variables>,
  accept: string,
  stopped?: AbortSignal,
): Promise<Response> {
  try {
    return await send('graphql', stopped, {
      method: 'POST',
      headers: { accept, 'content-type': 'application/json' },
      body: JSON.stringify({ query: String(document), variables }),
    })
  } catch (error) {
    if (error instanceof Unreachable) reachable.value = false
    throw error
  }
}

/** An authenticated request to a path relative to this page. Throws `Refused`. */
export async function send(
  path: string,
  stopped: AbortSignal | undefined,
  init: RequestInit = {},
): Promise<Response> {
  const sender = account.value
  if (sender == null) throw new Refused('UNAUTHENTICATED')
  const { headers: proof, credentials } = proofs()
  const headers = { ...init.headers, ...proof }
  const own = { headers, credentials, redirect: 'error', signal: stopped ?? null } as const
  const response = await inTime(fetch(path, { ...init, ...own }), stopped)
  if (response.ok) return response
  const { errors } = await inTime(response.json(), stopped)
  const code = codeIn(errors)
  if (response.status >= 500 || response.status === 429) throw new Unreachable(code)
  if (response.status === 401) forget(sender)
  throw new Refused(code, errors?.[0]?.message)
}

/** The browser's rejections say nothing more than that no response arrived. */
async function inTime<T>(promise: Promise<T>, stopped: AbortSignal | undefined): Promise<T> {
  try {
    return await promise
  } catch (error) {
    throw stopped?.aborted ? error : new Unreachable('UNREACHABLE')
  }
}

/** The errors of a response. */
export type AnswerErrors = readonly {
  readonly message?: string
  readonly extensions?: { readonly code?: Code }
}[]

export function codeIn(errors: AnswerErrors | undefined): Code {
  return errors?.[0]?.extensions?.code ?? 'INTERNAL_SERVER_ERROR'
}

/** A query with its key in the cache: the same for the same variables. */
export function query<Answer, Variables>(
  document: TypedDocumentString<Answer, Variables>,
  variables: NoInfer<Variables>,
) {
  return queryOptions({
    queryKey: [document, variables],
    queryFn: ({ signal }) => ask(document, variables, signal),
  })
}

/** Results are cached until the viewer refreshes; a query that cannot reach the server is retried until it does. */
export function createQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        networkMode: 'always',
        staleTime: Number.POSITIVE_INFINITY,
        // Would compare whole results, which may have thousands of rows.
        structuralSharing: false,
        refetchOnWindowFocus: false,
        retry: (_, error) => error instanceof Unreachable,
        retryDelay: waitAfter,
      },
      mutations: { networkMode: 'always' },
    },
  })
}
