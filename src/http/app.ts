// The whole server as one function from a request to an answer: what is where, and who may ask. Only health
// and static pages answer to someone without a token.

import { authenticate } from '../auth/authenticate.ts'
import type { JwtVerifier } from '../auth/jwt.ts'
import { Refusal } from '../errors.ts'
import { HELD_LONG } from '../graph/fair-reader.ts'
import type { PersistedDocuments } from '../graph/persisted.ts'
import { now } from '../instant.ts'
import type { AuditStore, Clock } from '../store.ts'
import type { Viewer } from '../viewer.ts'
import { graphiqlFile } from '../web/graphiql.ts'
import { BodyTooLong, type Call, callOf, HungUp, json, type Reply, responseOf } from './exchange.ts'
import { createExports, EXPORT_LIMITS, type ExportLimits } from './export.ts'
import type { ReportFault } from './faults.ts'
import { createFeed } from './feed.ts'
import { type Asking, createGraphql } from './graphql.ts'
import { NOT_READY, readiness } from './health.ts'
import { hostRule } from './hosts.ts'
import { originsOf } from './origins.ts'
import { createRates, type Rate } from './rates.ts'
import { refusal } from './refusal.ts'
import { createStreams, STREAM_LIMITS, type StreamLimits } from './streams.ts'

export interface App {
  /** Never rejects: whatever goes wrong is an answer. */
  answer(call: Call): Promise<Reply>
  /** The same, for who has the platform's Request at hand; see `Call.hangUp`. */
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
  /** Names under which it answers, besides localhost; `*`: any. */
  readonly hosts?: readonly string[]
  /** Origins whose pages may ask from a browser. */
  readonly origins?: readonly string[]
  /** Whose JSON Web Tokens are taken besides the program's own; none unless given. */
  readonly jwt?: JwtVerifier | null
  /** How much one viewer may ask; `RATE` unless given. */
  readonly rate?: Rate
  /** Milliseconds of reading after which other requests come first; `HELD_LONG` unless given. */
  readonly turn?: number
  /** Where given, the graph answers these documents and no other. */
  readonly persisted?: PersistedDocuments | null
  /** `EXPORT_LIMITS` but for what is given. */
  readonly exports?: Partial<ExportLimits>
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
  const { hosts = [], origins: allowed = [], rate = RATE, jwt = null, turn = HELD_LONG } = options
  const { persisted = null } = options
  const rates = createRates(rate)
  const graphql = createGraphql({ store, streams, reportFault, clock, rates, turn, persisted })
  const feed = createFeed({ store, rates })
  const exports = createExports({
    store,
    limits: { ...EXPORT_LIMITS, ...options.exports },
    reportFault,
  })
  const misnamed = hostRule(hosts)
  const origins = originsOf(allowed)
  const wrongTokens = createRates(WRONG_TOKENS)

  async function route(call: Call): Promise<Reply> {
    const { method, path } = call
    const reading = method === 'GET' || method === 'HEAD'
    if (path === '/graphql' && !(reading && wantsPage(call))) return askGraph(call)
    if (!reading) {
      return refusal(405, 'BAD_USER_INPUT', `${method} is not for this path; use GET`, {
        allow: 'GET, HEAD',
      })
    }
    if (path.startsWith('/export/') || path.startsWith('/feed/')) {
      const asked = await asking(call)
      return path.startsWith('/feed/') ? feed(call, asked.viewer) : exports(call, asked)
    }
    if (path === '/health/live') return text(200, 'live')
    if (path === '/health/ready') return ready()
    if (path === '/') return { status: 302, headers: { location: '/graphql' }, body: null }
    const file = graphiqlFile(path, { persistedOnly: persisted !== null })
    if (file !== null) return { status: 200, headers: file.headers, body: file.body }
    return refusal(404, 'BAD_USER_INPUT', 'nothing is here; the graph is at /graphql')
  }

  async function askGraph(call: Call): Promise<Reply> {
    const { method, headers } = call
    if (method !== 'POST') {
      return refusal(405, 'BAD_USER_INPUT', 'send GraphQL by POST', { allow: 'POST' })
    }
    const asked = await asking(call)
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

  async function asking(call: Call): Promise<Asking> {
    const { headers } = call
    const viewer = await viewerOf(call)
    return {
      viewer,
      async recheck() {
        const viewerNow = await authenticate(headers, store.tokens, clock(), jwt)
        if (rightsOf(viewerNow) !== rightsOf(viewer)) {
          throw new Refusal('FORBIDDEN', 'your rights changed; connect again')
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

  async function ready(): Promise<Reply> {
    try {
      return json(200, await readiness(store, clock()))
    } catch (error) {
      reportFault(error)
      return json(503, NOT_READY)
    }
  }

  async function answer(call: Call): Promise<Reply> {
    const unserved = misnamed(call.host) ?? origins.preflight(call)
    return unserved ?? origins.shared(call, await answerOf(call))
  }

  async function answerOf(call: Call): Promise<Reply> {
    try {
      return await route(call)
    } catch (error) {
      if (error instanceof TooManyTries) {
        return refusal(429, error.code, error.message, { 'retry-after': String(error.seconds) })
      }
      if (error instanceof Refusal) {
        const status = error instanceof BodyTooLong ? 413 : STATUS[error.code]
        return refusal(status, error.code, error.message, {
          ...(status === 401 && { 'www-authenticate': 'Bearer' }),
        })
      }
      // Whoever hangs up while asking gets no answer, and the operator no alarm.
      if (!(error instanceof HungUp)) reportFault(error)
      return refusal(
        500,
        'INTERNAL_SERVER_ERROR',
        'Something went wrong here; the operator was told.',
      )
    }
  }

  return {
    close: streams.close,
    answer,
    fetch: async (request, hangUp) => responseOf(await answer(callOf(request, hangUp))),
  }
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

function wantsPage({ headers }: Call): boolean {
  return (headers.get('accept') ?? '').includes('text/html')
}

function text(status: number, body: string): Reply {
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
    body: `${body}\n`,
  }
}

/** Equal for the same rights, in whichever order they were found. */
function rightsOf({ id, memberships }: Viewer): string {
  const rights = memberships.map(({ organizationId, owner, permissionSets }) =>
    JSON.stringify([organizationId, owner, permissionSets.toSorted()]),
  )
  return JSON.stringify([id, rights.sort()])
}
