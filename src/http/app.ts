// The whole server as one function from a request to an answer: what is where, and who may ask. Only health
// and static pages answer to someone without a token.

import { authenticate } from '../auth/authenticate.ts'
import { Refusal } from '../errors.ts'
import { now } from '../instant.ts'
import type { AuditStore, Clock } from '../store.ts'
import type { Viewer } from '../viewer.ts'
import { graphiqlFile } from '../web/graphiql.ts'
import type { ReportFault } from './faults.ts'
import { createGraphql } from './graphql.ts'
import { NOT_READY, readiness } from './health.ts'
import { refusal } from './refusal.ts'
import { createStreams, STREAM_LIMITS, type StreamLimits } from './streams.ts'

export interface App {
  /**
   * Never rejects: whatever goes wrong is an answer. `hangUp` is called when an answer that lasts has ended, for
   * who can then cut off a client that does not take the rest.
   */
  fetch(request: Request, hangUp?: () => void): Promise<Response>
  /** Ends the subscriptions that are open, and each that is opened after. Everything else is answered as before. */
  close(): void
}

export interface AppOptions {
  readonly store: AuditStore
  readonly reportFault: ReportFault
  readonly clock?: Clock
  /** `STREAM_LIMITS` but for what is given. */
  readonly streams?: Partial<StreamLimits>
}

const STATUS = {
  BAD_USER_INPUT: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  LIMIT_EXCEEDED: 400,
} as const

export function createApp({ store, reportFault, clock = now, ...options }: AppOptions): App {
  const streams = createStreams({ ...STREAM_LIMITS, ...options.streams })
  const graphql = createGraphql({ store, streams, reportFault, clock })

  async function answer(request: Request, hangUp: () => void): Promise<Response> {
    const { pathname } = new URL(request.url)
    const reading = request.method === 'GET' || request.method === 'HEAD'
    if (pathname === '/graphql' && !(reading && wantsPage(request)))
      return askGraph(request, hangUp)
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

  async function askGraph(request: Request, hangUp: () => void): Promise<Response> {
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
    return graphql(request, {
      viewer,
      hangUp,
      async recheck() {
        const viewerNow = await authenticate(request.headers, store.tokens, clock())
        if (rightsOf(viewerNow) !== rightsOf(viewer)) {
          throw new Refusal('FORBIDDEN', 'your rights changed; connect again')
        }
      },
    })
  }

  async function ready(): Promise<Response> {
    try {
      return health(200, await readiness(store, clock()))
    } catch (error) {
      reportFault(error)
      return health(503, NOT_READY)
    }
  }

  return {
    close: streams.close,

    async fetch(request, hangUp = () => {}) {
      try {
        return await answer(request, hangUp)
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

function health(status: number, body: object): Response {
  return Response.json(body, { status, headers: { 'cache-control': 'no-store' } })
}

/** Equal for the same rights, in whichever order they were found. */
function rightsOf({ id, memberships }: Viewer): string {
  const rights = memberships.map(({ organizationId, owner, permissionSets }) =>
    JSON.stringify([organizationId, owner, permissionSets.toSorted()]),
  )
  return JSON.stringify([id, rights.sort()])
}
