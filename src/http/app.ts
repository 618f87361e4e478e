// The whole server as one function from a request to an answer: what is where, and who may ask. Only health
// and static pages answer to someone without a token.

import { authenticate } from '../auth/authenticate.ts'
import { Refusal } from '../errors.ts'
import { now } from '../instant.ts'
import type { AuditStore, Clock } from '../store.ts'
import { graphiqlFile } from '../web/graphiql.ts'
import { createGraphql, type ReportFault } from './graphql.ts'

export interface App {
  /** Never rejects: whatever goes wrong is an answer. */
  fetch(request: Request): Promise<Response>
}

export interface AppOptions {
  readonly store: AuditStore
  readonly reportFault: ReportFault
  readonly clock?: Clock
}

const STATUS = {
  BAD_USER_INPUT: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  LIMIT_EXCEEDED: 400,
} as const

export function createApp({ store, reportFault, clock = now }: AppOptions): App {
  const graphql = createGraphql(store, reportFault)

  async function answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url)
    const reading = request.method === 'GET' || request.method === 'HEAD'
    if (pathname === '/graphql' && !(reading && wantsPage(request))) return askGraph(request)
    if (!reading) {
      return refusal(405, 'BAD_USER_INPUT', `${request.method} is not for this path; use GET`, {
        allow: 'GET, HEAD',
      })
    }
    if (pathname === '/health/live') return text(200, 'live')
    if (pathname === '/health/ready') return ready()
    if (pathname === '/')
      return new Response(null, { status: 302, headers: { location: '/graphql' } })
    const file = graphiqlFile(pathname)
    if (file !== null) return new Response(file.body, { headers: file.headers })
    return refusal(404, 'BAD_USER_INPUT', 'nothing is here; the graph is at /graphql')
  }

  async function askGraph(request: Request): Promise<Response> {
    if (request.method !== 'POST') {
      return refusal(405, 'BAD_USER_INPUT', 'send GraphQL by POST', { allow: 'POST' })
    }
    const viewer = await authenticate(request.headers, store.tokens, clock())
    const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
    if (type !== 'application/json') {
      return refusal(
        415,
        'BAD_USER_INPUT',
        'send GraphQL as JSON with Content-Type: application/json',
      )
    }
    // Yoga knows the type in this spelling only.
    request.headers.set('content-type', type)
    return graphql(request, viewer)
  }

  async function ready(): Promise<Response> {
    try {
      await store.check()
      return text(200, 'ready')
    } catch (error) {
      reportFault(error)
      return text(503, 'the database does not answer')
    }
  }

  return {
    async fetch(request) {
      try {
        return await answer(request)
      } catch (error) {
        if (error instanceof Refusal) {
          const status = STATUS[error.code]
          return refusal(status, error.code, error.message, {
            ...(status === 401 && { 'www-authenticate': 'Bearer' }),
          })
        }
        // Whoever hangs up while asking gets no answer, and the operator no alarm.
        if (!(request.signal.aborted && isAbort(error))) reportFault(error)
        return refusal(
          500,
          'INTERNAL_SERVER_ERROR',
          'Something went wrong here; the operator was told.',
        )
      }
    },
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}

function wantsPage(request: Request): boolean {
  return (request.headers.get('accept') ?? '').includes('text/html')
}

function text(status: number, body: string): Response {
  return new Response(`${body}\n`, {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
  })
}

/** In the shape of a GraphQL answer, so that clients need only one way to read an error. */
function refusal(
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): Response {
  return Response.json(
    { errors: [{ message, extensions: { code } }] },
    { status, headers: { 'cache-control': 'no-store', ...headers } },
  )
}
