// Signing in and out. The page requests a URL of the issuer; the browser returns from there with a code and gets a
// session. An error on the way becomes one of a few words in the page's fragment, for which the page has messages.

import { type Audit, cutShort, type SignedInOrOut } from '../../audit-record.ts'
import type { Proofs } from '../../auth/authenticate.ts'
import { IssuerUnavailable } from '../../auth/identity-provider.ts'
import type { Attempt, Issuer } from '../../auth/issuer.ts'
import type { Sessions } from '../../auth/sessions.ts'
import { UserError } from '../../errors.ts'
import { type Instant, MICROSECONDS_PER_SECOND } from '../../instant.ts'
import type { Person } from '../../viewer.ts'
import type { Cookies } from '../cookies.ts'
import { HttpError } from '../http-error.ts'
import { networkOf } from '../proxies.ts'
import { createRates } from '../rates.ts'
import type { Plugin, RequestContext } from '../request-context.ts'
import { methodNotAllowed, wantsPage } from '../routes/pages-route.ts'
import { answering, type RouteRequest } from '../routes/route.ts'
import type { Identify } from './use-viewer.ts'

export interface SignIn {
  readonly issuer: Issuer
  /** The URL under which browsers reach this server, without a slash at the end. */
  readonly publicUrl: string
  /** The maximum duration of a session, in microseconds. */
  readonly lasts: Instant
}

interface SignInOptions extends SignIn {
  readonly sessions: Sessions
  readonly cookies: Cookies
}

/** Seconds for signing in at the issuer. */
const ATTEMPT_LIFETIME = 600

/** Stored in a cookie, which can hold 4 kB in all. */
const MAX_RETURN_PATH = 1_800

/** Per network, because each attempt sends a request to the issuer. */
const FAILURES = { perSecond: 1 / 6, burst: 40 }

/** `options`: `null` if no issuer is configured. */
export function useSignIn(options: SignInOptions | null, identify: Identify, audit: Audit): Plugin {
  /** For a page without a token: the user may be signed in here or by a proxy. */
  async function answerSession({ request, context, Response }: RouteRequest): Promise<Response> {
    const session = options?.cookies.ofOurPage(request) ?? null
    const hasProof = session !== null || request.headers.has('authorization')
    const signedIn =
      hasProof && (await isKnown(identify, { headers: request.headers, session }, context))
    return json(Response, { signIn: options !== null, signedIn })
  }

  const routes: readonly Route[] = [
    ['/session', 'GET, HEAD', answerSession],
    ...(options === null ? [] : createRoutes(options, audit)),
  ]
  return {
    onRequest: answering(route => {
      const { method } = route.request
      const found = routes.find(([path]) => path === route.url.pathname)
      if (found === undefined) return undefined
      const [, methods, answer] = found
      if (methods.split(', ').includes(method)) return answer(route)
      // A person who types the address gets the page for what is not found.
      if (wantsPage(route.request)) return undefined
      throw methodNotAllowed(method, methods)
    }),
  }
}

type Route = [path: string, methods: string, answer: (route: RouteRequest) => Promise<Response>]

async function isKnown(identify: Identify, proofs: Proofs, context: RequestContext) {
  try {
    await identify.first(proofs, context)
    return true
  } catch (error) {
    const code = error instanceof UserError && error.code
    if (code === 'UNAUTHENTICATED') return false
    // The API itself responds to users without rights.
    if (code === 'FORBIDDEN') return true
    throw error
  }
}

function createRoutes(
  { issuer, publicUrl, lasts, sessions, cookies }: SignInOptions,
  audit: Audit,
): Route[] {
  const failures = createRates(FAILURES)
  const callback = `${publicUrl}/sign-in/callback`

  function refuseOthers(request: Request): void {
    if (cookies.isFromOurPage(request)) return
    throw new HttpError(403, 'only pages of this server may send this request', {
      denied: { reason: 'foreign_origin', requested: request.headers.get('origin') },
    })
  }

  async function begin({ request, url, Response }: RouteRequest): Promise<Response> {
    refuseOthers(request)
    const { location, attempt } = await issuer.begin(callback)
    const content = { ...attempt, to: returnPath(url.searchParams.get('to')) }
    const text = Buffer.from(JSON.stringify(content)).toString('base64url')
    return json(Response, { location }, cookies.write('attempt', text, ATTEMPT_LIFETIME))
  }

  async function finish({ request, url, context, Response }: RouteRequest): Promise<Response> {
    const attempt = attemptIn(cookies.read(request, 'attempt'))
    const network = networkOf(context.address ?? '')
    const headers = new Headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
    let fragment = ''
    try {
      if (attempt === null || attempt.state !== url.searchParams.get('state')) {
        throw new UnknownAttempt()
      }
      headers.append('set-cookie', cookies.write('attempt', null, 0))
      if (failures.isLow(network))
        throw new UserError('LIMIT_EXCEEDED', 'too many failed sign-ins from this address')
      const signedIn = await issuer.finish(new URL(`${callback}${url.search}`), attempt)
      const former = cookies.read(request, 'session')
      if (former !== null) await sessions.end(former)
      const secret = await sessions.begin(signedIn)
      audit(recordOf('signed_in', signedIn.person, context))
      const seconds = Math.floor(lasts / MICROSECONDS_PER_SECOND)
      headers.append('set-cookie', cookies.write('session', secret, seconds))
    } catch (error) {
      failures.owe(network, 1)
      context.denied = { reason: 'sign_in_failed' }
      fragment = `#sign-in=${wordFor(error, context)}`
    }
    headers.set('location', `${publicUrl}/${attempt?.to ?? ''}${fragment}`)
    return new Response(null, { status: 303, headers })
  }

  async function end({ request, context, Response }: RouteRequest): Promise<Response> {
    refuseOthers(request)
    const secret = cookies.read(request, 'session')
    const ended = secret === null ? null : await sessions.end(secret)
    let location: string | null = null
    if (ended !== null) {
      audit(recordOf('signed_out', ended.person, context))
      // The session has ended here, whether or not the issuer responds.
      location = await issuer.endUrl(ended.idToken, `${publicUrl}/`).catch(() => null)
    }
    return json(Response, { location }, cookies.write('session', null, 0))
  }

  return [
    ['/sign-in', 'POST', begin],
    // Not HEAD: whoever looks up a link must not use up the code in it.
    ['/sign-in/callback', 'GET', finish],
    ['/sign-out', 'POST', end],
  ]
}

/** `to`: where the browser returns. The cookie may be forged. */
function attemptIn(cookie: string | null): (Attempt & { to: string }) | null {
  try {
    const { state, nonce, verifier, to } = JSON.parse(
      Buffer.from(cookie ?? '', 'base64url').toString(),
    )
    const isValid = [state, nonce, verifier].every(one => /^[\w.~-]{43,128}$/.test(one))
    return isValid ? { state, nonce, verifier, to: returnPath(to) } : null
  } catch {
    return null
  }
}

/** The path and query of one of our two pages; empty for anything else, against open redirects. */
function returnPath(to: unknown): string {
  const isOurs = typeof to === 'string' && /^(graphql)?(\?[\x21\x22\x24-\x7e]*)?$/.test(to)
  return isOurs && to.length <= MAX_RETURN_PATH ? to : ''
}

/** This browser did not begin the attempt, has begun another one since, or began it too long ago. */
class UnknownAttempt extends Error {}

/** The page has a message for each of these words. */
function wordFor(error: unknown, context: RequestContext): string {
  if (error instanceof UnknownAttempt) return 'late'
  if (error instanceof UserError && error.code === 'UNAUTHENTICATED') return 'refused'
  context.report(error)
  return error instanceof IssuerUnavailable ? 'away' : 'failed'
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

function json(Response: RouteRequest['Response'], body: object, cookie?: string): Response {
  return new Response(JSON.stringify(body), {
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      ...(cookie !== undefined && { 'set-cookie': cookie }),
    },
  })
}
