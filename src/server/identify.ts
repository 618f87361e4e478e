// Finds the viewer of an HTTP request, and refuses requests without a valid one.

import { authenticate, type Proofs, type Vouchers } from '../auth/authenticate.ts'
import { IssuerUnavailable } from '../auth/issuer-unavailable.ts'
import { UserError } from '../errors.ts'
import type { Clock } from '../store.ts'
import type { Viewer } from '../viewer.ts'
import { HttpError } from './http-error.ts'
import { networkOf } from './proxies.ts'
import { createRates, type Rate } from './rates.ts'
import type { RequestContext } from './request-context.ts'

/** The rate of requests with a wrong token, per IPv4 address or IPv6 /64. */
const WRONG_TOKENS: Rate = { perSecond: 1 / 6, burst: 20 }

export type Identify = ReturnType<typeof createIdentify>

export function createIdentify(vouchers: Vouchers, clock: Clock) {
  const wrongTokens = createRates(WRONG_TOKENS, tooManyTries)

  async function again(proofs: Proofs, context: RequestContext): Promise<Viewer> {
    try {
      return await authenticate(proofs, vouchers, clock())
    } catch (error) {
      throw error instanceof IssuerUnavailable ? issuerUnavailable(error, context) : error
    }
  }

  return {
    /** Authenticates again during the same request, without a limit. */
    again,
    /** At the start of a request; limits wrong tokens from one network. */
    async first(proofs: Proofs, context: RequestContext): Promise<Viewer> {
      try {
        return await again(proofs, context)
      } catch (error) {
        if (!(error instanceof UserError) || error instanceof HttpError) throw error
        // Limits guessing: after many wrong tokens the client has to wait. A valid token never has to.
        const { address } = context
        if (error.code === 'UNAUTHENTICATED' && address !== null) {
          wrongTokens.charge(networkOf(address), 1)
        }
        throw denied(error, proofs)
      }
    },
  }
}

/**
 * Reports to the operator only if the issuer was just contacted, not for each request that is refused until the next
 * attempt.
 */
export function issuerUnavailable(error: IssuerUnavailable, { report }: RequestContext): HttpError {
  if (error.cause !== undefined) report(error)
  return new HttpError(503, 'the identity provider does not respond; try again in a moment', {
    code: 'UNAVAILABLE',
    headers: { 'retry-after': '10' },
  })
}

function denied({ code, message }: UserError, { headers, session }: Proofs): UserError {
  const sent = headers.get('x-auth-token') ?? headers.get('authorization')
  if (code === 'UNAUTHENTICATED') {
    const reason = sent !== null ? 'wrong_token' : session != null ? 'session_ended' : 'no_token'
    return new HttpError(401, message, { denied: { reason, requested: null } })
  }
  if (code !== 'FORBIDDEN') return new UserError(code, message)
  return new HttpError(403, message, { denied: { reason: 'no_rights', requested: null } })
}

function tooManyTries(seconds: number): HttpError {
  return new HttpError(
    429,
    `too many invalid access tokens from this address; try again in ${seconds} s`,
    {
      headers: { 'retry-after': String(seconds) },
      denied: { reason: 'too_many_wrong_tokens', requested: null },
    },
  )
}
