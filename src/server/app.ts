// The server as one function from a request to a response. Plugins run in the order of their list: those before
// `useViewer` need no token.

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
import { visibilityOf } from '../visibility.ts'
import { PAGE_DOCUMENTS } from '../web/page-files.ts'
import { auditedViews } from './audited-views.ts'
import { useCompression } from './compression.ts'
import { createCookies } from './cookies.ts'
import { once, refused } from './error-answers.ts'
import { type HttpError, whileConnected } from './http-error.ts'
import type { Tracing } from './plugins/traces.ts'
import { useCost } from './plugins/use-cost.ts'
import { useDocuments } from './plugins/use-documents.ts'
import { STREAM_LIMITS, useEventStream } from './plugins/use-event-stream.ts'
import { useExecution } from './plugins/use-execution.ts'
import { useHosts } from './plugins/use-hosts.ts'
import { useOrigins } from './plugins/use-origins.ts'
import { useParameters } from './plugins/use-parameters.ts'
import { usePersisted } from './plugins/use-persisted.ts'
import { useRequestLog } from './plugins/use-request-log.ts'
import { useResults } from './plugins/use-results.ts'
import { type SignIn, useSignIn } from './plugins/use-sign-in.ts'
import { createIdentify, useViewer } from './plugins/use-viewer.ts'
import { createProxies, type Proxies } from './proxies.ts'
import { createRates, type Rate } from './rates.ts'
import {
  type Answered,
  answeredOf,
  type ReportFault,
  requestContext,
  type ServerContext,
  viewerOf,
  type YogaContext,
} from './request-context.ts'
import { EXPORT_LIMITS, useExports } from './routes/export-route.ts'
import { useFeed } from './routes/feed-route.ts'
import type { SyncRuns } from './routes/health-route.ts'
import { usePages } from './routes/pages-route.ts'
import { createStreams, type StreamLimits } from './streams.ts'

export type App = ReturnType<typeof createApp>

export interface AppOptions {
  readonly store: AuditStore
  readonly reportFault: ReportFault
  readonly clock?: Clock
  /** Overrides `STREAM_LIMITS`. */
  readonly streams?: Partial<StreamLimits>
  /** Host names that are accepted, besides localhost; `*`: any. */
  readonly hosts?: readonly string[]
  /** Origins whose pages may send requests from a browser, and further headers that they may send. */
  readonly origins?: readonly string[]
  readonly originHeaders?: readonly string[]
  /** Verifies JSON Web Tokens, which are accepted besides the program's own tokens. */
  readonly jwt?: JwtVerifier | null
  readonly signIn?: SignIn | null
  /** Per viewer; `RATE` by default. */
  readonly rate?: Rate
  /** Per request; overrides `READING_LIMITS`. */
  readonly reading?: Partial<ReadingLimits>
  /** If given, only these documents are executed. */
  readonly persisted?: PersistedDocuments | null
  /** Overrides `EXPORT_LIMITS`. */
  readonly exports?: Partial<StreamLimits>
  /** Called once per request after the response; for subscriptions and exports, at their end. */
  readonly answered?: (answered: Answered) => void
  readonly audit?: Audit
  /** A path prefix such as `/iam`, which a proxy may keep or remove. */
  readonly base?: string
  /** Addresses and CIDR blocks of proxies whose forwarding headers are trusted. */
  readonly trustedProxies?: readonly string[]
  /** The text for Prometheus; without it, `/metrics` does not exist. */
  readonly metrics?: () => Promise<string>
  /** The runs of this server's own sync; `null` if it has none. */
  readonly syncRuns?: () => SyncRuns | null
  readonly tracing?: Tracing
}

/** In points of cost: about as much as one process can answer in a second. */
const RATE: Rate = { perSecond: 100_000, burst: 200_000 }

/** Never returns a path that begins with `//`, which would name a host. */
function withoutBase(path: string, base: string): string {
  const isBelow =
    base !== '' && path.startsWith(`${base}/`) && !/^[/\\]/.test(path.slice(base.length + 1))
  return isBelow ? path.slice(base.length) : path
}

/** Yoga's features that our own plugins replace, or that are not used. */
const YOGA_FEATURES = {
  cors: false,
  graphiql: false,
  landingPage: false,
  // No URL ends with a space.
  healthCheckEndpoint: ' ',
  logging: false,
  // Errors are masked where responses are written.
  maskedErrors: false,
  multipart: false,
  parserAndValidationCache: false,
  // Bodies are bounded where they are read, without a stream around each.
  maxRequestBodySize: false,
} as const

export function createApp({ store, clock = now, ...options }: AppOptions) {
  const { hosts = [], origins = [], originHeaders = [], rate = RATE } = options
  const { jwt = null, signIn = null, base = '' } = options
  const { answered = () => {}, audit = () => {}, tracing = null, metrics = null } = options
  const proxies = createProxies(options.trustedProxies ?? [])
  // The Logs page's documents are always executed.
  const persisted = options.persisted ? new Map([...PAGE_DOCUMENTS, ...options.persisted]) : null
  const report = once(options.reportFault)
  const rates = createRates(rate)
  const streams = createStreams('open subscription', { ...STREAM_LIMITS, ...options.streams })
  const exports = createStreams('open export', { ...EXPORT_LIMITS, ...options.exports })
  const reading = { ...READING_LIMITS, ...options.reading }
  const syncRuns = options.syncRuns ?? (() => null)
  const signInWithSessions = signIn && {
    ...signIn,
    cookies: createCookies(signIn.publicUrl),
    sessions: createSessions(store.sessions, signIn.issuer, signIn.lasts, clock),
  }
  const identify = createIdentify(
    { store, jwt, sessions: signInWithSessions?.sessions ?? null },
    clock,
  )

  function graphContext({ request, requestContext }: YogaContext, limits = reading): GraphContext {
    const viewer = viewerOf(requestContext)
    const visibility = visibilityOf(viewer)
    const log = fairReader(store.reader(visibility, whileConnected(request)), limits, viewer.id)
    const views = auditedViews(store.savedViews(visibility, viewer), requestContext, audit)
    return createGraphContext(viewer, log, views, clock)
  }

  const yoga = createYoga<ServerContext, GraphContext>({
    schema,
    context: initial => graphContext(initial as unknown as YogaContext),
    ...YOGA_FEATURES,
    plugins: [
      ...(tracing === null ? [] : [tracing.plugin]),
      useCompression(rates),
      useRequestLog(report, answered, audit, proxies),
      useHosts(hosts),
      useOrigins(origins, originHeaders),
      useSignIn(signInWithSessions, identify, audit),
      usePages({ store, clock, base, syncRuns, metrics, persistedOnly: persisted !== null }),
      useViewer(identify, signInWithSessions?.cookies ?? null, audit),
      useExports(store, base, exports, rates, audit),
      useFeed(store, base, rates),
      useParameters(),
      usePersisted(persisted),
      useDocuments(schema, rates, new Set((persisted ?? PAGE_DOCUMENTS).values())),
      useCost(schema, rates),
      useExecution(schema, context => ({
        ...(context as object),
        ...graphContext(context as YogaContext),
      })),
      useEventStream(streams, rates, context => graphContext(context, { ...reading, ...NO_END })),
      useResults(),
    ],
  })

  return {
    /**
     * For Node's server. Never throws: every error becomes a response. A client that does not read a complete response
     * within `patience` milliseconds is disconnected.
     */
    listener(request: IncomingMessage, response: ServerResponse, patience: number): void {
      request.url = withoutBase(request.url ?? '', base)
      yoga(request, response, { patience } as never)
    },
    /** The same for a Request of the platform. */
    async fetch(given: Request): Promise<Response> {
      const { href, origin } = new URL(given.url)
      const url = origin + withoutBase(href.slice(origin.length), base)
      const request = url === href ? given : new Request(url, given)
      return yoga.handleRequest(request, {} as never)
    },
    /** Ends all subscriptions, also later ones. Everything else is answered as before. */
    close: streams.close,
    /** The number of open subscriptions. */
    openStreams: streams.count,
    proxies,
    /** The response to an invalid HTTP request; it is logged like any other. */
    refuse(refusal: HttpError, request: Parameters<Proxies['clientOf']>[0]) {
      const context = requestContext('', '', null, proxies.clientOf(request), report)
      const { status, headers, body } = refused(refusal, context)
      answered(answeredOf(context, status))
      return { status, headers: { ...headers, 'x-request-id': context.requestId }, body }
    },
  }
}
