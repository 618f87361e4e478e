// The server as one function from a request to an answer. The list of plugins is the way of a request: what answers
// comes before what asks, and only what needs no token comes before the viewer is known.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { createYoga } from 'graphql-yoga'
import type { Audit } from '../audit-record.ts'
import type { JwtVerifier } from '../auth/jwt.ts'
import { createSessions } from '../auth/sessions.ts'
import { now } from '../instant.ts'
import { createGraphContext, type GraphContext } from '../schema/context.ts'
import { fairReader, NO_END, READING_LIMITS, type ReadingLimits } from '../schema/fair-reader.ts'
import type { PersistedDocuments } from '../schema/persisted.ts'
import { schema } from '../schema/schema.ts'
import type { AuditStore, Clock } from '../store.ts'
import type { Visibility } from '../visibility.ts'
import { PAGE_DOCUMENTS } from '../web/logs.ts'
import { auditedViews } from './audited-views.ts'
import type { Crowded } from './connections.ts'
import { createCookies } from './cookies.ts'
import { once, type Refused, refused } from './error-answers.ts'
import { type HttpError, whileConnected } from './http-error.ts'
import { createIdentify } from './identify.ts'
import { useCompression } from './plugins/compress.ts'
import { useCost } from './plugins/cost.ts'
import { useDocuments } from './plugins/documents.ts'
import { STREAM_LIMITS, useEventStream } from './plugins/event-stream.ts'
import { useExecution } from './plugins/execution.ts'
import { useHosts } from './plugins/hosts.ts'
import { useOrigins } from './plugins/origins.ts'
import { useParameters } from './plugins/parameters.ts'
import { usePersisted } from './plugins/persisted.ts'
import { answeredOf, auditDenied, useRequestLog } from './plugins/request-log.ts'
import { useResults } from './plugins/results.ts'
import { type SignIn, useSignIn } from './plugins/sign-in.ts'
import type { Tracing } from './plugins/traces.ts'
import { useViewer } from './plugins/viewer.ts'
import { createProxies, type Proxies } from './proxies.ts'
import { createRates, type Rate } from './rates.ts'
import {
  type Answered,
  type ReportFault,
  requestContext,
  type ServerContext,
  viewerOf,
} from './request-context.ts'
import { EXPORT_LIMITS, useExports } from './routes/export.ts'
import { useFeed } from './routes/feed.ts'
import type { SyncRuns } from './routes/health.ts'
import { usePages } from './routes/pages.ts'
import { createStreams, type StreamLimits } from './streams.ts'

export interface App {
  /**
   * For Node's server. Never throws: whatever goes wrong is an answer. Who does not take one that is whole within
   * `patience` milliseconds is cut off.
   */
  listener(request: IncomingMessage, response: ServerResponse, patience: number): void
  /** For who has the platform's Request at hand; `hangUp`: see `ServerContext`. */
  fetch(request: Request, hangUp?: () => void): Promise<Response>
  /** Ends the subscriptions that are open, and each that is opened after. Everything else is answered as before. */
  close(): void
  /** How many subscriptions are open. */
  openStreams(): number
  /** The answer to what came on a connection and is no request; told of as any other. */
  refuse(refusal: HttpError, request: Parameters<Proxies['clientOf']>[0]): Refused
  /** Whom the address of a client is taken from. */
  readonly proxies: Proxies
  /** To be told of each connection that is closed, as there are too many. */
  crowded(closed: Crowded): void
}

export interface AppOptions {
  readonly store: AuditStore
  readonly reportFault: ReportFault
  readonly clock?: Clock
  /** `STREAM_LIMITS` but for what is given. */
  readonly streams?: Partial<StreamLimits>
  /** Names under which it answers, besides localhost; `*`: any. */
  readonly hosts?: readonly string[]
  /** Origins whose pages may ask from a browser, and what headers of their own they may send. */
  readonly origins?: readonly string[]
  readonly originHeaders?: readonly string[]
  /** Whose JSON Web Tokens are taken besides the program's own; none unless given. */
  readonly jwt?: JwtVerifier | null
  /** Where people sign in; nowhere unless given. */
  readonly signIn?: SignIn | null
  /** How much one viewer may ask; `RATE` unless given. */
  readonly rate?: Rate
  /** How one question may read; `READING_LIMITS` but for what is given. */
  readonly reading?: Partial<ReadingLimits>
  /** Where given, the graph answers these documents and no other. */
  readonly persisted?: PersistedDocuments | null
  /** `EXPORT_LIMITS` but for what is given. */
  readonly exports?: Partial<StreamLimits>
  /** Told of each request once, when it is answered; of what lasts, at its end. */
  readonly answered?: (answered: Answered) => void
  /** Told of each request that is refused access, and of each export when it begins and when it ends. */
  readonly audit?: Audit
  /** Told of each connection that is closed, as there are too many. */
  readonly crowded?: (closed: Crowded) => void
  /** The path before ours, as `/iam`, by which a proxy may ask with it or without; none unless given. */
  readonly base?: string
  /** Addresses and blocks of proxies: what these say of their clients' addresses is believed. */
  readonly trustedProxies?: readonly string[]
  /** What Prometheus is told; unless given, there is no such page. */
  readonly metrics?: () => Promise<string>
  /** How the sync goes that runs beside this server; `null` or not given where there is none. */
  readonly syncRuns?: () => SyncRuns | null
  /** Nothing is traced unless given. */
  readonly tracing?: Tracing
}

/** Points of cost; more than one process can answer in a second is no limit at all. */
const RATE: Rate = { perSecond: 100_000, burst: 200_000 }

/** What begins with `//` would name a host. */
function withoutBase(path: string, base: string): string {
  const isBelow =
    base !== '' && path.startsWith(`${base}/`) && !/^[/\\]/.test(path.slice(base.length + 1))
  return isBelow ? path.slice(base.length) : path
}

type Asking = ServerContext & { readonly request: Request }

export function createApp({ store, clock = now, ...options }: AppOptions): App {
  const {
    hosts = [],
    origins = [],
    originHeaders = [],
    rate = RATE,
    jwt = null,
    signIn = null,
  } = options
  const { base = '' } = options
  const { answered = () => {}, audit = () => {}, tracing = null, metrics = null } = options
  const proxies = createProxies(options.trustedProxies ?? [])
  // The page here is one of those who may ask.
  const persisted = options.persisted ? new Map([...PAGE_DOCUMENTS, ...options.persisted]) : null
  const report = once(options.reportFault)
  const rates = createRates(rate)
  const streams = createStreams('subscriptions', { ...STREAM_LIMITS, ...options.streams })
  const exports = createStreams('exports', { ...EXPORT_LIMITS, ...options.exports })
  const reading = { ...READING_LIMITS, ...options.reading }
  const syncRuns = options.syncRuns ?? (() => null)
  /** See `App.listener`; the same for all that come by it. */
  let patience = 0
  const offered = signIn && {
    ...signIn,
    cookies: createCookies(signIn.publicUrl),
    sessions: createSessions(store.sessions, signIn.issuer, signIn.lasts, clock),
  }
  const identify = createIdentify({ store, jwt, sessions: offered?.sessions ?? null }, clock)
  const rightsChanged = (context: ServerContext['requestContext']) =>
    auditDenied(audit, context, 200, { reason: 'rights_changed', asked: null })

  function graphContext({ request, requestContext }: Asking, limits = reading): GraphContext {
    const viewer = viewerOf(requestContext)
    const read = (visibility: Visibility) =>
      fairReader(store.reader(visibility, whileConnected(request)), limits, viewer.id)
    const viewsOf = (visibility: Visibility) =>
      auditedViews(store.savedViews(visibility, viewer), requestContext, audit)
    return createGraphContext(viewer, read, viewsOf, clock)
  }

  const yoga = createYoga<ServerContext, GraphContext>({
    schema,
    context: asking => graphContext(asking as unknown as Asking),
    plugins: [
      ...(tracing === null ? [] : [tracing.plugin]),
      useCompression(rates),
      useRequestLog({ report, answered, audit, proxies, patience: () => patience }),
      useHosts(hosts),
      useOrigins(origins, originHeaders),
      useSignIn(offered, identify, audit),
      usePages({ store, clock, base, syncRuns, metrics, persistedOnly: persisted !== null }),
      useViewer({ identify, cookies: offered?.cookies ?? null, rightsChanged }),
      useExports({ store, base, exports, rates, audit }),
      useFeed(store, rates),
      useParameters(),
      usePersisted(persisted),
      useDocuments(schema, rates, new Set((persisted ?? PAGE_DOCUMENTS).values())),
      useCost(schema, rates),
      useExecution(schema, context => ({
        ...(context as object),
        ...graphContext(context as Asking),
      })),
      useEventStream(streams, rates, asking => graphContext(asking, { ...reading, ...NO_END })),
      useResults(),
    ],
    // What Yoga has of its own, and is done above or not at all.
    cors: false,
    graphiql: false,
    landingPage: false,
    // No address ends so.
    healthCheckEndpoint: ' ',
    logging: false,
    // Errors are masked where they are written.
    maskedErrors: false,
    multipart: false,
    parserAndValidationCache: false,
    // Bounded where it is read, without a stream around each.
    maxRequestBodySize: false,
  })

  return {
    listener(request, response, given) {
      patience = given
      request.url = withoutBase(request.url ?? '', base)
      yoga(request, response)
    },
    async fetch(given, hangUp) {
      const { href, origin } = new URL(given.url)
      const url = origin + withoutBase(href.slice(origin.length), base)
      const request = url === href ? given : new Request(url, given)
      return yoga.handleRequest(request, { ...(hangUp && { hangUp }) } as never)
    },
    close: streams.close,
    openStreams: streams.count,
    proxies,
    crowded: options.crowded ?? (() => {}),
    refuse(refusal, request) {
      const context = requestContext('', '', null, proxies.clientOf(request), report)
      const { status, headers, body } = refused(refusal, context)
      answered(answeredOf(context, status))
      return {
        status,
        headers: { ...headers, 'x-request-id': context.requestId },
        body: body ?? '',
      }
    },
  }
}
