// Signing in and out: the page asks where to, the browser goes to the issuer and comes back with a code, and has a session
// from then on. What goes wrong on the way is one of a few words behind the # of the page, which says it to people.

import { type Audit, cutShort, type SignedInOrOut } from '../../audit-record.ts'
import type { Proofs } from '../../auth/authenticate.ts'
import type { Attempt, Issuer } from '../../auth/issuer.ts'
import { IssuerUnavailable } from '../../auth/issuer-unavailable.ts'
import type { Sessions } from '../../auth/sessions.ts'
import { UserError } from '../../errors.ts'
import { type Instant, MICROSECONDS_PER_SECOND } from '../../instant.ts'
import type { Person } from '../../viewer.ts'
import type { Cookies } from '../cookies.ts'
import { HttpError } from '../http-error.ts'
import { type Identify, issuerUnavailable } from '../identify.ts'
import { networkOf } from '../proxies.ts'
import { createRates } from '../rates.ts'
import type { Plugin, RequestContext } from '../request-context.ts'
import { type Asked, answering } from '../routes/route.ts'

export interface SignIn {
  readonly issuer: Issuer
  /** Where browsers reach this server, without a slash at the end. */
  readonly publicUrl: string
  /** How long a session lasts at most, in microseconds. */
  readonly lasts: Instant
}

interface Offered extends SignIn {
  readonly sessions: Sessions
  readonly cookies: Cookies
}

/** How long the browser may take at the issuer's, in seconds. */
const ATTEMPT_LASTS = 600

/** A cookie holds 4 kB in all. */
const LONGEST_WAY_BACK = 1_800

/** From one network: each has the issuer asked. */
const FAILURES = { perSecond: 1 / 6, burst: 40 }

/** `offered`: `null` where no issuer is configured. */
export function useSignIn(offered: Offered | null, identify: Identify, audit: Audit): Plugin {
  const routes = offered === null ? null : createRoutes(offered, audit)

  /** For a page that knows of no token: somebody may be signed in already, here or by a proxy. */
  async function tellSession({ request, context, Response }: Asked): Promise<Response> {
    const session = offered?.cookies.ofOurPage(request) ?? null
    const isSent = session !== null || request.headers.has('authorization')
    const signedIn =
      isSent && (await isKnown(identify, { headers: request.headers, session }, context))
    return json(Response, { signIn: offered !== null, signedIn })
  }

  return {
    onRequest: answering(asked => {
      const { method } = asked.request
      const path = asked.url.pathname
      if (path === '/session' && method === 'GET') return tellSession(asked)
      if (path === '/sign-in/callback' && method === 'GET') return routes?.finish(asked)
      if (path === '/sign-in' && method === 'POST') return routes?.begin(asked)
      if (path === '/sign-out' && method === 'POST') return routes?.end(asked)
      return undefined
    }),
  }
}

async function isKnown(identify: Identify, proofs: Proofs, context: RequestContext) {
  try {
    await identify.first(proofs, context)
    return true
  } catch (error) {
    if (!(error instanceof HttpError)) throw error
    // Who has no rights is told so by the graph.
    if (error.status === 403) return true
    if (error.status === 401) return false
    throw error
  }
}

function createRoutes({ issuer, publicUrl, lasts, sessions, cookies }: Offered, audit: Audit) {
  const failures = createRates(FAILURES)
  const callback = `${publicUrl}/sign-in/callback`

  function refuseOthers(request: Request): void {
    if (cookies.isFromOurPage(request)) return
    throw new HttpError(403, 'only a page of this server may ask for this', {
      denied: { reason: 'foreign_origin', asked: request.headers.get('origin') },
    })
  }

  async function begin({ request, url, context, Response }: Asked): Promise<Response> {
    refuseOthers(request)
    try {
      const { location, attempt } = await issuer.begin(callback)
      const kept = { ...attempt, to: wayBack(url.searchParams.get('to')) }
      const text = Buffer.from(JSON.stringify(kept)).toString('base64url')
      return json(Response, { location }, cookies.write('attempt', text, ATTEMPT_LASTS))
    } catch (error) {
      throw error instanceof IssuerUnavailable ? issuerUnavailable(error, context) : error
    }
  }

  async function finish({ request, url, context, Response }: Asked): Promise<Response> {
    const attempt = attemptIn(cookies.read(request, 'attempt'))
    const network = networkOf(context.address ?? '')
    const headers = new Headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
    let said = ''
    try {
      if (attempt === null || attempt.state !== url.searchParams.get('state')) {
        throw new NotBegunHere()
      }
      headers.append('set-cookie', cookies.write('attempt', null, 0))
      if (failures.isLow(network)) throw new UserError('LIMIT_EXCEEDED', 'too many failed here')
      const signedIn = await issuer.finish(new URL(`${callback}${url.search}`), attempt)
      const former = cookies.read(request, 'session')
      if (former !== null) await sessions.end(former)
      const secret = await sessions.begin(signedIn)
      audit(recordOf('signed_in', signedIn.person, context))
      const seconds = Math.floor(lasts / MICROSECONDS_PER_SECOND)
      headers.append('set-cookie', cookies.write('session', secret, seconds))
    } catch (error) {
      failures.owe(network, 1)
      context.denied = { reason: 'sign_in_failed', asked: null }
      said = `#sign-in=${wordFor(error, context)}`
    }
    headers.set('location', `${publicUrl}/${attempt?.to ?? ''}${said}`)
    return new Response(null, { status: 303, headers })
  }

  async function end({ request, context, Response }: Asked): Promise<Response> {
    refuseOthers(request)
    const secret = cookies.read(request, 'session')
    const ended = secret === null ? null : await sessions.end(secret)
    let location: string | null = null
    if (ended !== null) {
      audit(recordOf('signed_out', ended.person, context))
      // Here it is done, whether or not the issuer answers.
      location = await issuer.endUrl(ended.idToken, `${publicUrl}/`).catch(() => null)
    }
    return json(Response, { location }, cookies.write('session', null, 0))
  }

  return { begin, finish, end }
}

interface Kept extends Attempt {
  readonly to: string
}

/** Comes from a browser, so it may be anything. */
function attemptIn(cookie: string | null): Kept | null {
  try {
    const { state, nonce, verifier, to } = JSON.parse(
      Buffer.from(cookie ?? '', 'base64url').toString(),
    )
    const isWhole = [state, nonce, verifier].every(one => /^[\w.~-]{43,128}$/.test(one))
    return isWhole ? { state, nonce, verifier, to: wayBack(to) } : null
  } catch {
    return null
  }
}

/** One of the two pages, and what its address says behind a question mark; nothing else is led to. */
function wayBack(to: unknown): string {
  const isOurs = typeof to === 'string' && /^(graphql)?(\?[\x21\x22\x24-\x7e]*)?$/.test(to)
  return isOurs && to.length <= LONGEST_WAY_BACK ? to : ''
}

/** This browser did not begin it, or began another one since, or too long ago. */
class NotBegunHere extends Error {}

/** For the page, which knows these words. */
function wordFor(error: unknown, context: RequestContext): string {
  if (error instanceof NotBegunHere) return 'late'
  if (error instanceof IssuerUnavailable) {
    issuerUnavailable(error, context)
    return 'away'
  }
  if (error instanceof UserError && error.code === 'UNAUTHENTICATED') return 'refused'
  context.report(error)
  return 'failed'
}

function recordOf(
  event: SignedInOrOut['event'],
  { issuer, subject, name }: Person,
  { requestId, address }: RequestContext,
): SignedInOrOut {
  return {
    event,
    ...{ requestId, address, issuer },
    subject: cutShort(subject),
    name: name === null ? null : cutShort(name),
  }
}

function json(Response: Asked['Response'], body: object, cookie?: string): Response {
  return new Response(JSON.stringify(body), {
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      ...(cookie !== undefined && { 'set-cookie': cookie }),
    },
  })
}
