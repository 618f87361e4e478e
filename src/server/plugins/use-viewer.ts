// Authenticates each request, so that revoking a token takes effect at the next one. Streams check again at intervals.

import type { Audit } from '../../audit-record.ts'
import { authenticate, type Proofs, type Vouchers } from '../../auth/authenticate.ts'
import { UserError } from '../../errors.ts'
import type { Clock } from '../../store.ts'
import type { Viewer } from '../../viewer.ts'
import type { Cookies } from '../cookies.ts'
import { HttpError } from '../http-error.ts'
import { networkOf } from '../proxies.ts'
import { createRates, type Rate } from '../rates.ts'
import type { Denial, Plugin, RequestContext } from '../request-context.ts'
import { answering } from '../routes/route.ts'
import { auditDenied } from './use-request-log.ts'

/** The rate of requests with a wrong token, per IPv4 address or IPv6 /64. */
const WRONG_TOKENS: Rate = { perSecond: 1 / 6, burst: 20 }

export type Identify = ReturnType<typeof createIdentify>

export function createIdentify(vouchers: Vouchers, clock: Clock) {
  const wrongTokens = createRates(WRONG_TOKENS, tooManyTries)

  const again = (proofs: Proofs) => authenticate(proofs, vouchers, clock())

  return {
    /** Authenticates again during the same request, without a limit. */
    again,
    /** At the start of a request. After many wrong tokens from one network, others have to wait; a valid one never. */
    async first(proofs: Proofs, context: RequestContext): Promise<Viewer> {
      try {
        return await again(proofs)
      } catch (error) {
        const { address } = context
        const isWrong = error instanceof UserError && error.code === 'UNAUTHENTICATED'
        if (isWrong && address !== null) wrongTokens.charge(networkOf(address), 1)
        throw error
      }
    },
  }
}

/** `cookies`: `null` without sign-in. */
export function useViewer(identify: Identify, cookies: Cookies | null, audit: Audit): Plugin {
  return {
    onRequest: answering(async ({ request, url, context }) => {
      const session = cookies && sessionOf(cookies, request, url.pathname)
      const proofs = { headers: request.headers, session }
      try {
        context.viewer = await identify.first(proofs, context)
      } catch (error) {
        if (error instanceof UserError) context.denied = denialBy(error, proofs)
        throw error
      }
      const rights = rightsOf(context.viewer)
      context.recheck = async () => {
        try {
          if (rightsOf(await identify.again(proofs)) === rights) return
          throw new UserError('FORBIDDEN', 'your rights changed; connect again')
        } catch (error) {
          if (error instanceof UserError) {
            auditDenied(audit, context, 200, { reason: 'rights_changed' })
          }
          throw error
        }
      }
      return undefined
    }),
  }
}

/** Only for requests that the pages send by script; others are not authenticated by a cookie. */
function sessionOf(cookies: Cookies, request: Request, path: string): string | null {
  const isAsked = path === '/graphql' ? request.method === 'POST' : path.startsWith('/export/')
  return isAsked ? cookies.ofOurPage(request) : null
}

/** The same for any order of memberships. */
function rightsOf({ id, memberships }: Viewer): string {
  const rights = memberships.map(({ organizationId, owner, permissionSets }) =>
    JSON.stringify([organizationId, owner, permissionSets.toSorted()]),
  )
  return JSON.stringify([id, rights.sort()])
}

function denialBy({ code }: UserError, { headers, session }: Proofs): Denial | null {
  if (code === 'FORBIDDEN') return { reason: 'no_rights' }
  if (code !== 'UNAUTHENTICATED') return null
  const sent = headers.get('x-auth-token') ?? headers.get('authorization')
  return {
    reason: sent !== null ? 'wrong_token' : session != null ? 'session_ended' : 'no_token',
  }
}

function tooManyTries(seconds: number): HttpError {
  const message = `too many invalid access tokens from this address; try again in ${seconds} s`
  const denied = { reason: 'too_many_wrong_tokens' } as const
  return new HttpError(429, message, { retryAfter: seconds, denied })
}
