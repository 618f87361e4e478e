// How the page asks the graph: as any other client does, by POST with its token in a header, or by its session. The
// answer has the types of the document; what goes wrong is one of two errors, as one of them is worth asking again.

import { signal } from '@preact/signals'
import { QueryClient } from '@tanstack/preact-query'
import type { TypedDocumentString } from './page-documents.ts'
import { account, forget, proofs, waitAfter } from './session.ts'

/** The server understood, and says no in a line for the viewer. */
export class Refused extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** No answer yet: the server is gone, starting, or busy. */
export class Unreachable extends Error {
  /** `null` where the server said nothing. */
  readonly reason: Refused | null

  constructor(reason: Refused | null = null) {
    super(reason?.message)
    this.reason = reason
  }
}

/** False while the last question found no server, or one too busy. */
export const reachable = signal(true)

/** Throws `Refused` or `Unreachable`. Who is no longer signed in is led to sign in. */
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

/** The answer once it has begun, to be read by its media type. Throws `Refused` or `Unreachable`. */
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

/** A request of who is signed in, to a path beside this page. Throws `Refused` or `Unreachable`. */
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

/** What a promise of the browser rejects with tells nothing but that no answer came. */
async function inTime<T>(promise: Promise<T>, stopped: AbortSignal | undefined): Promise<T> {
  try {
    return await promise
  } catch (error) {
    throw stopped?.aborted ? error : new Unreachable()
  }
}

/** An error as it stands in an answer. */
export interface AnswerError {
  readonly message: string
  readonly extensions?: { readonly code?: string }
}

export function refused({ message, extensions }: AnswerError): Refused {
  return new Refused(extensions?.code ?? 'INTERNAL_SERVER_ERROR', message)
}

/** Answers are kept until somebody refreshes; a query without an answer is sent again until there is one. */
export function createQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        networkMode: 'always',
        staleTime: Number.POSITIVE_INFINITY,
        // Compares whole answers, of which there may be thousands.
        structuralSharing: false,
        refetchOnWindowFocus: false,
        retry: (_, error) => error instanceof Unreachable,
        retryDelay: waitAfter,
      },
    },
  })
}
