// Sends the page's requests like any other client: by POST with the token in a header, or with the session's cookie.
// Results are typed by their document. There are two kinds of errors, because only one of them is worth a retry.

import { signal } from '@preact/signals'
import { QueryClient } from '@tanstack/preact-query'
import type { TypedDocumentString } from './page-documents.ts'
import { account, forget, proofs, waitAfter } from './session.ts'

/** The server understood the request and refused it, with a message for the viewer. */
export class Refused extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** No response yet: the server is not reachable, still starting, or busy. */
export class Unreachable extends Error {
  /** `null` if the server did not respond at all. */
  readonly reason: Refused | null

  constructor(reason: Refused | null = null) {
    super(reason?.message)
    this.reason = reason
  }
}

/** False if the last request did not reach the server, or the server was too busy. */
export const reachable = signal(true)

/** Throws `Refused` or `Unreachable`. If the viewer is no longer signed in, the sign-in page is shown. */
export async function ask<Answer, Variables>(
  document: TypedDocumentString<Answer, Variables>,
  variables: NoInfer<Variables>,
  stopped?: AbortSignal,
): Promise<Answer> {
  const response = await post(document, variables, 'application/json', stopped)
  const { data, errors } = await inTime(response.json(), stopped)
  reachable.value = true
  const [error] = errors ?? []
  if (error === undefined) return data
  throw refused(error)
}

/** Returns the response when its headers have arrived; the caller reads the body. Throws `Refused` or `Unreachable`. */
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

/** An authenticated request to a path relative to this page. Throws `Refused` or `Unreachable`. */
export async function send(
  path: string,
  stopped: AbortSignal | undefined,
  init: RequestInit = {},
): Promise<Response> {
  const sender = account.value
  if (sender == null) throw new Refused('UNAUTHENTICATED', 'nobody is signed in')
  const { headers: proof, credentials } = proofs()
  const headers = { ...init.headers, ...proof }
  const own = { headers, credentials, redirect: 'error', signal: stopped ?? null } as const
  const response = await inTime(fetch(path, { ...init, ...own }), stopped)
  if (response.ok) return response
  const { errors } = await inTime(response.json(), stopped)
  const error = refused(errors?.[0] ?? { message: `the server answered ${response.status}` })
  if (response.status >= 500 || response.status === 429) throw new Unreachable(error)
  if (response.status === 401) forget(sender)
  throw error
}

/** The browser's rejections say nothing more than that no response arrived. */
async function inTime<T>(promise: Promise<T>, stopped: AbortSignal | undefined): Promise<T> {
  try {
    return await promise
  } catch (error) {
    throw stopped?.aborted ? error : new Unreachable()
  }
}

/** An error in a response. */
export interface AnswerError {
  readonly message: string
  readonly extensions?: { readonly code?: string }
}

export function refused({ message, extensions }: AnswerError): Refused {
  return new Refused(extensions?.code ?? 'INTERNAL_SERVER_ERROR', message)
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
    },
  })
}
