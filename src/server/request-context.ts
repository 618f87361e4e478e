// The server's data about a request in progress; Yoga passes it to every plugin as part of its server context. Of the
// client's input it contains only checked values of limited length.

import { randomUUID } from 'node:crypto'
import { type IncomingMessage, METHODS, type ServerResponse } from 'node:http'
import type { Plugin as YogaPlugin } from 'graphql-yoga'
import { type Asker, cutShort, type DenialReason } from '../audit-record.ts'
import type { GraphContext } from '../schema/context.ts'
import type { Viewer } from '../viewer.ts'

/** Reports an internal error to the operator, never to the client. */
export type ReportFault = (error: unknown, requestId?: string) => void

/** The path of a request as one of a few classes, for logs and metrics. */
type PathClass = 'graphql' | 'page' | 'session' | 'health' | 'metrics' | 'export' | 'feed' | 'other'

export interface Denial {
  readonly reason: DenialReason
  /** The host, origin or Organization as the client wrote it, if there is one. */
  readonly requested?: string | null
}

export interface RequestContext {
  /** The client's X-Request-Id if it is well-formed, otherwise a new one; it is in the response, too. */
  readonly requestId: string
  /** An HTTP method, or `OTHER`. */
  readonly method: string
  readonly path: PathClass
  /** See proxies.ts; `null` if unknown. */
  readonly address: string | null
  readonly startedAt: number
  /** `null` without tracing. */
  traceId: string | null
  report(error: unknown): void
  /** `null` before authentication, and if it failed. */
  viewer: Viewer | null
  /** Authenticates again; refuses if the viewer's rights have changed. */
  recheck(): Promise<void>
  /** The type and the name of the GraphQL operation, such as `query Page`; `null` for other requests. */
  operation: string | null
  /** Points charged before the operation was known. */
  paid: number
  /** The cost of the operation, per result; 0 until known. */
  points: number
  /** The codes of the errors in the response; a stream may add more until its end. */
  codes: string[]
  /** Why access was denied, if it was. */
  denied: Denial | null
  /** For a streamed response: whether it has ended, and what to call at its end. */
  stream: { readonly ended: boolean; onEnd: () => void } | null
}

export interface ServerContext {
  /** Set by Node's server; missing with `App.fetch`. */
  readonly req?: IncomingMessage
  readonly res?: ServerResponse
  /** See `App.listener`. */
  readonly patience?: number
  /** Set by `useRequestLog`. */
  requestContext: RequestContext
}

export type Plugin = YogaPlugin<GraphContext, ServerContext>

/** The context of an operation before the schema's `GraphContext` is created from it. */
export type YogaContext = ServerContext & { readonly request: Request }

const WELL_FORMED = /^[\w.:+/=-]{1,128}$/

/** Longer names are cut. */
const LONGEST_NAME = 64

export function requestContext(
  method: string,
  path: string,
  givenId: string | null,
  address: string | null,
  report: ReportFault,
): RequestContext {
  const requestId = givenId !== null && WELL_FORMED.test(givenId) ? givenId : randomUUID()
  return {
    requestId,
    method: METHODS.includes(method) ? method : 'OTHER',
    path: classOf(path),
    address,
    startedAt: performance.now(),
    traceId: null,
    report: error => report(error, requestId),
    viewer: null,
    recheck: async () => {},
    operation: null,
    paid: 0,
    points: 0,
    codes: [],
    denied: null,
    stream: null,
  }
}

export type Answered = ReturnType<typeof answeredOf>

/** A completed request, for logs and metrics. */
export function answeredOf(context: RequestContext, status: number) {
  const { requestId, method, path, address, operation, codes, traceId } = context
  return {
    ...{ requestId, method, path, address, operation, status, codes, traceId },
    viewerId: context.viewer?.id ?? null,
    /** Whether it was a subscription or an export. */
    lasting: context.stream !== null,
    /** Milliseconds until the response, or until the end of a stream. */
    duration: performance.now() - context.startedAt,
  }
}

/** Must be called only after `useViewer`. */
export function viewerOf({ viewer }: RequestContext): Viewer {
  if (viewer === null) throw new Error('the request was not authenticated')
  return viewer
}

export function askerOf({ requestId, address, viewer }: RequestContext): Asker {
  const { id = null, name = null, subject } = viewer ?? {}
  return {
    ...{ requestId, address, tokenId: id, tokenName: name },
    ...(subject !== undefined && { subject: cutShort(subject) }),
  }
}

/** For example `query Page`, or `query` without a name. */
export function operationNamed(type: string, name: string | undefined): string {
  return name === undefined ? type : `${type} ${name.slice(0, LONGEST_NAME)}`
}

function classOf(path: string): PathClass {
  if (path === '/graphql') return 'graphql'
  if (path === '/' || /^\/(graphql|assets)\//.test(path)) return 'page'
  if (/^\/(session|sign-in|sign-out)(\/|$)/.test(path)) return 'session'
  if (path.startsWith('/health/')) return 'health'
  if (path === '/metrics') return 'metrics'
  if (path.startsWith('/export/')) return 'export'
  if (path.startsWith('/feed/')) return 'feed'
  return 'other'
}
