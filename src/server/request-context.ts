// What the server knows of a request while it is answered. Yoga hands it from plugin to plugin as a part of its server
// context. Nothing a client said is in it but what was checked, and so much that it is bounded.

import { randomUUID } from 'node:crypto'
import { type IncomingMessage, METHODS, type ServerResponse } from 'node:http'
import type { Plugin as YogaPlugin } from 'graphql-yoga'
import { type Asker, cutShort, type DenialReason } from '../audit-record.ts'
import type { GraphContext } from '../schema/context.ts'
import type { Viewer } from '../viewer.ts'

/** What went wrong inside, for the operator; never for the client. With the ID of the request it belongs to. */
export type ReportFault = (error: unknown, requestId?: string) => void

/** Where a request went, as one of a few. */
type PathClass = 'graphql' | 'page' | 'session' | 'health' | 'metrics' | 'export' | 'feed' | 'other'

export interface Denial {
  readonly reason: DenialReason
  /** What the client named, as it wrote it; `null` where that is nothing. */
  readonly asked: string | null
}

export interface RequestContext {
  /** The client's own where it is well-formed, otherwise made here; also in the answer, as X-Request-Id. */
  readonly requestId: string
  /** One of the methods of HTTP, or `OTHER`. */
  readonly method: string
  readonly path: PathClass
  /** See proxies.ts. `null` where nobody knows. */
  readonly address: string | null
  readonly startedAt: number
  /** `null` where nothing is traced. */
  traceId: string | null
  /** Tells the operator what went wrong inside. */
  report(error: unknown): void
  /** Whose token it came with; `null` before that is known, and for nobody. */
  viewer: Viewer | null
  /** Throws a refusal where the viewer's rights are no longer what they were. */
  recheck(): Promise<void>
  /** The type and the name of what the graph was asked, such as `query Page`; `null` for anything else. */
  operation: string | null
  /** What was paid before the operation was known, in points. */
  paid: number
  /** What the operation costs each time it is answered; 0 before that is known. */
  points: number
  /** The codes of the errors in the answer. Of what lasts there may be more at its end. */
  codes: readonly string[]
  /** Where somebody is kept from what they asked for: why. */
  denied: Denial | null
  /** Of an answer that lasts: whether it is over, and whom to tell then. */
  lasting: { readonly over: boolean; tell: () => void } | null
}

export interface ServerContext {
  /** Of Node's server; not there where `App.fetch` was called. */
  readonly req?: IncomingMessage
  readonly res?: ServerResponse
  /** Called when an answer that lasts has ended: a client that does not take the rest may be cut off. */
  readonly hangUp?: () => void
  /** Made by the first plugin of all. */
  requestContext: RequestContext
}

export type Plugin = YogaPlugin<GraphContext, ServerContext>

/** A request and how it was answered. */
export interface Answered
  extends Pick<
    RequestContext,
    'requestId' | 'method' | 'path' | 'address' | 'operation' | 'codes' | 'traceId'
  > {
  readonly viewerId: string | null
  readonly status: number
  /** Whether it was answered by something that lasts: a subscription or a long list. */
  readonly lasting: boolean
  /** From when it was heard until it was answered; of what lasts, until its end. In milliseconds. */
  readonly duration: number
}

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
    lasting: null,
  }
}

/** Of whoever came by the plugin that finds the viewer. */
export function viewerOf({ viewer }: RequestContext): Viewer {
  if (viewer === null) throw new Error('nobody asks')
  return viewer
}

export function askerOf({ requestId, address, viewer }: RequestContext): Asker {
  const { id = null, name = null, subject } = viewer ?? {}
  return {
    ...{ requestId, address, tokenId: id, tokenName: name },
    ...(subject !== undefined && { subject: cutShort(subject) }),
  }
}

/** As `query Page`, or `query` where it has no name. */
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
