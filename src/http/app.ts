// The whole server as one function from a request to an answer: what is where, and who may ask. Only health
// and static pages answer to someone without a token.

import { type Audit, cutShort, type DenialReason } from '../audit-record.ts'
import { authenticate } from '../auth/authenticate.ts'
import type { JwtVerifier } from '../auth/jwt.ts'
import { Refusal } from '../errors.ts'
import { READING_LIMITS, type ReadingLimits } from '../graph/fair-reader.ts'
import type { PersistedDocuments } from '../graph/persisted.ts'
import { now } from '../instant.ts'
import type { AuditStore, Clock } from '../store.ts'
import type { Viewer } from '../viewer.ts'
import { graphiqlFile } from '../web/graphiql.ts'
import { logsFile, PAGE_DOCUMENTS } from '../web/logs.ts'
import type { StaticFile } from '../web/static-file.ts'
import {
  BodyTooLong,
  type Call,
  callOf,
  endTold,
  HungUp,
  json,
  type Reply,
  responseOf,
} from './exchange.ts'
import { createExports, EXPORT_LIMITS, type ExportLimits } from './export.ts'
import type { ReportFault } from './faults.ts'
import { createFeed } from './feed.ts'
import { type Asking, createGraphql } from './graphql.ts'
import { readiness, type SyncRuns } from './health.ts'
import { hostRule } from './hosts.ts'
import { type Answered, askerOf, type Note, noteOf } from './note.ts'
import { originsOf } from './origins.ts'
import { createRates, type Rate } from './rates.ts'
import { refusal } from './refusal.ts'
import { createStreams, STREAM_LIMITS, type StreamLimits } from './streams.ts'
import type { RequestSpan, Tracing } from './tracing.ts'

export interface App {
  /** Never rejects: whatever goes wrong is an answer. With `instead`, that is the answer, whatever was asked. */
  answer(call: Call, instead?: Reply): Promise<Reply>
  /** The same, for who has the platform's Request at hand; see `Call.hangUp`. */
  fetch(request: Request, hangUp?: () => void): Promise<Response>
  /** Ends the subscriptions that are open, and each that is opened after. Everything else is answered as before. */
  close(): void
  /** How many subscriptions are open. */
  openStreams(): number
}

export interface AppOptions {
  readonly store: AuditStore
  readonly reportFault: ReportFault
  readonly clock?: Clock
  /** `STREAM_LIMITS` but for what is given. */
  readonly streams?: Partial<StreamLimits>
  /** Names under which it answers, besides localhost; `*`: any. */
  readonly hosts?: readonly string[]
  /** Origins whose pages may ask from a browser. */
  readonly origins?: readonly string[]
  /** Whose JSON Web Tokens are taken besides the program's own; none unless given. */
  readonly jwt?: JwtVerifier | null
  /** How much one viewer may ask; `RATE` unless given. */
  readonly rate?: Rate
  /** How one question may read; `READING_LIMITS` but for what is given. */
  readonly reading?: Partial<ReadingLimits>
  /** Where given, the graph answers these documents and no other. */
  readonly persisted?: PersistedDocuments | null
  /** `EXPORT_LIMITS` but for what is given. */
  readonly exports?: Partial<ExportLimits>
  /** Told of each request once, when it is answered; of what lasts, at its end. */
  readonly answered?: (answered: Answered) => void
  /** Told of each request that is refused access, and of each export when it begins and when it ends. */
  readonly audit?: Audit
  /** What Prometheus is told; unless given, there is no such page. */
  readonly metrics?: () => Promise<string>
  /** How the sync goes that runs beside this server; `null` or not given where there is none. */
  readonly syncRuns?: () => SyncRuns | null
  /** Nothing is traced unless given. */
  readonly tracing?: Tracing
}

/** Points of cost; more than one process can answer in a second is no limit at all. */
export const RATE: Rate = { perSecond: 100_000, burst: 200_000 }

/** Of requests with a wrong token, from one address. */
const WRONG_TOKENS: Rate = { perSecond: 1 / 6, burst: 20 }

const STATUS = {
  BAD_USER_INPUT: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  LIMIT_EXCEEDED: 400,
} as const

export function createApp({ store, reportFault, clock = now, ...options }: AppOptions): App {
  const streams = createStreams({ ...STREAM_LIMITS, ...options.streams })
  const { hosts = [], origins: allowed = [], rate = RATE, jwt = null } = options
  const { persisted: given = null } = options
  // The page here is one of those who may ask.
  const persisted = given && new Map([...PAGE_DOCUMENTS, ...given])
  const reading = { ...READING_LIMITS, ...options.reading }
  const { answered, metrics, syncRuns, tracing, audit = () => {} } = options
  const rates = createRates(rate)
  const phase = tracing && { phase: tracing.phase }
  const graphql = createGraphql({
    ...{ store, streams, reportFault, clock, rates, reading, persisted },
    ...phase,
  })
  const feed = createFeed({ store, rates })
  const exports = createExports({
    store,
    limits: { ...EXPORT_LIMITS, ...options.exports },
    reportFault,
    audit,
  })
  const misnamed = hostRule(hosts)
  const origins = originsOf(allowed)
  const wrongTokens = createRates(WRONG_TOKENS)

  async function route(call: Call, note: Note): Promise<Reply> {
    const { method, path } = call
    const reading = method === 'GET' || method === 'HEAD'
    if (path === '/graphql' && !(reading && wantsPage(call))) return askGraph(call, note)
    if (!reading) {
      return refusal(405, 'BAD_USER_INPUT', `${method} is not for this path; use GET`, {
        allow: 'GET, HEAD',
      })
    }
    if (path.startsWith('/export/') || path.startsWith('/feed/')) {
      const asked = await asking(call, note)
      return path.startsWith('/feed/') ? feed(call, asked.viewer) : exports(call, asked)
    }
    if (path === '/health/live') return text(200, 'live\n')
    if (path === '/health/ready') return ready(note)
    if (path === '/metrics' && metrics !== undefined) return text(200, await metrics(), PROMETHEUS)
    const file = logsFile(path) ?? graphiqlFile(path, { persistedOnly: persisted !== null })
    if (file !== null) return page(file, call)
    return refusal(404, 'BAD_USER_INPUT', 'nothing is here; the graph is at /graphql')
  }

  async function askGraph(call: Call, note: Note): Promise<Reply> {
    const { method, headers } = call
    if (method !== 'POST') {
      return refusal(405, 'BAD_USER_INPUT', 'send GraphQL by POST', { allow: 'POST' })
    }
    const asked = await asking(call, note)
    const type = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
    if (type !== 'application/json') {
      return refusal(
        415,
        'BAD_USER_INPUT',
        'send GraphQL as JSON with Content-Type: application/json',
      )
    }
    return graphql(call, asked)
  }

  async function asking(call: Call, note: Note): Promise<Asking> {
    const { headers } = call
    const viewer = await viewerOf(call)
    note.viewerId = viewer.id
    note.viewerName = viewer.name
    return {
      viewer,
      note,
      async recheck() {
        try {
          const viewerNow = await authenticate(headers, store.tokens, clock(), jwt)
          if (rightsOf(viewerNow) === rightsOf(viewer)) return
          throw new Refusal('FORBIDDEN', 'your rights changed; connect again')
        } catch (error) {
          // The answer had begun, and with it its status.
          if (error instanceof Refusal) tellDenied(note, 200, { reason: 'rights_changed' })
          throw error
        }
      },
    }
  }

  /** Who tries one wrong token after the other is told to wait. A right one is never asked to. */
  async function viewerOf({ headers, address }: Call): Promise<Viewer> {
    try {
      return await authenticate(headers, store.tokens, clock(), jwt)
    } catch (error) {
      const isWrong = error instanceof Refusal && error.code === 'UNAUTHENTICATED'
      const wait = isWrong && address !== null ? wrongTokens.spend(address, 1) : null
      throw wait === null ? error : new TooManyTries(wait)
    }
  }

  function tellDenied(
    note: Note,
    status: number,
    { reason, asked = null }: { reason: DenialReason; asked?: string | null },
  ): void {
    const { method, path } = note
    audit({
      event: 'access_denied',
      ...{ reason, ...askerOf(note), method, path, status },
      asked: asked === null ? null : cutShort(asked),
    })
  }

  async function ready({ requestId }: Note): Promise<Reply> {
    const found = await readiness(store, clock(), syncRuns?.() ?? null, error =>
      reportFault(error, requestId),
    )
    return json(found.status === 'ready' ? 200 : 503, found)
  }

  async function answer(call: Call, instead?: Reply): Promise<Reply> {
    const startedAt = performance.now()
    const note = noteOf(call)
    const span = tracing?.begin(call, note) ?? null
    const serve = () => served(call, note)
    const reply = instead ?? (await (span === null ? serve() : span.within(serve)))
    return noted(reply, note, startedAt, span)
  }

  /** The reply with its request's ID; whoever keeps count is told of it. */
  function noted(reply: Reply, note: Note, startedAt: number, span: RequestSpan | null): Reply {
    const { status, body, codes = [] } = reply
    const headers = { ...reply.headers, 'x-request-id': note.requestId }
    const denied = reply.denied ?? (DENYING.has(status) ? { reason: 'other' as const } : null)
    if (denied !== null) tellDenied(note, status, denied)
    span?.end({ status, codes, operation: note.operation })
    if (answered === undefined) return { ...reply, headers }
    const { address, viewerName, ...seen } = note
    const lasting = body instanceof ReadableStream
    const tell = () =>
      answered({
        ...seen,
        status,
        codes,
        lasting,
        duration: performance.now() - startedAt,
        traceId: span?.traceId ?? null,
      })
    if (lasting) return { ...reply, headers, body: endTold(body, tell) }
    tell()
    return { ...reply, headers }
  }

  async function served(call: Call, note: Note): Promise<Reply> {
    const unserved = misnamed(call.host) ?? origins.preflight(call)
    return unserved ?? origins.shared(call, await answerOf(call, note))
  }

  async function answerOf(call: Call, note: Note): Promise<Reply> {
    try {
      return await route(call, note)
    } catch (error) {
      if (error instanceof TooManyTries) {
        const wait = { 'retry-after': String(error.seconds) }
        const denied = { reason: 'too_many_wrong_tokens', asked: null } as const
        return { ...refusal(429, error.code, error.message, wait), denied }
      }
      if (error instanceof Refusal) {
        const status = error instanceof BodyTooLong ? 413 : STATUS[error.code]
        const reason = reasonOf(error, call, note)
        return {
          ...refusal(status, error.code, error.message, {
            ...(status === 401 && { 'www-authenticate': 'Bearer' }),
          }),
          ...(reason !== null && { denied: { reason, asked: null } }),
        }
      }
      // Whoever hangs up while asking gets no answer, and the operator no alarm.
      if (error instanceof HungUp) return LEFT
      reportFault(error, note.requestId)
      return refusal(
        500,
        'INTERNAL_SERVER_ERROR',
        'Something went wrong here; the operator was told.',
      )
    }
  }

  return {
    close: streams.close,
    openStreams: streams.count,
    answer,
    fetch: async (request, hangUp) => responseOf(await answer(callOf(request, hangUp))),
  }
}

/** To nobody; logs have come to know it by this number. */
const LEFT: Reply = { status: 499, headers: {}, body: null }

/** Statuses with which somebody is kept out. */
const DENYING: ReadonlySet<number> = new Set([401, 403, 421])

/** Why access is refused; `null` where it is something else that is. */
function reasonOf({ code }: Refusal, { headers }: Call, { viewerId }: Note): DenialReason | null {
  if (code === 'UNAUTHENTICATED') {
    const sent = headers.get('x-auth-token') ?? headers.get('authorization')
    return sent === null ? 'no_token' : 'wrong_token'
  }
  if (code !== 'FORBIDDEN') return null
  return viewerId === null ? 'no_rights' : 'not_persisted'
}

class TooManyTries extends Refusal {
  readonly seconds: number

  constructor(seconds: number) {
    super(
      'LIMIT_EXCEEDED',
      `too many wrong access tokens came from this address; go on after ${seconds} s`,
    )
    this.seconds = seconds
  }
}

function page({ body, zipped, headers }: StaticFile, call: Call): Reply {
  const zips = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\b)/i.test(call.headers.get('accept-encoding') ?? '')
  return zips
    ? { status: 200, headers: { ...headers, 'content-encoding': 'gzip' }, body: zipped }
    : { status: 200, headers, body }
}

function wantsPage({ headers }: Call): boolean {
  return (headers.get('accept') ?? '').includes('text/html')
}

const PROMETHEUS = 'text/plain; version=0.0.4; charset=utf-8'

function text(status: number, body: string, type = 'text/plain; charset=utf-8'): Reply {
  return { status, headers: { 'content-type': type, 'cache-control': 'no-store' }, body }
}

/** Equal for the same rights, in whichever order they were found. */
function rightsOf({ id, memberships }: Viewer): string {
  const rights = memberships.map(({ organizationId, owner, permissionSets }) =>
    JSON.stringify([organizationId, owner, permissionSets.toSorted()]),
  )
  return JSON.stringify([id, rights.sort()])
}
