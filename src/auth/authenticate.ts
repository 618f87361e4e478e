// Finds the viewer of a request by its token or session; again for every request, so that revoking a token, a grant or
// a session takes effect at the next one.

import { InputError, UserError } from '../errors.ts'
import type { Instant } from '../instant.ts'
import type { AuditStore } from '../store.ts'
import type { Viewer } from '../viewer.ts'
import { isJwt, type JwtVerifier } from './jwt.ts'
import { viewerOf } from './person.ts'
import type { Sessions } from './sessions.ts'
import { hashSecret, isExpired } from './tokens.ts'

/** The credentials of a request. */
export interface Proofs {
  readonly headers: Pick<Headers, 'get'>
  /** The secret of a session, for requests that a session may authenticate. */
  readonly session?: string | null
}

export interface Vouchers {
  readonly store: Pick<AuditStore, 'tokens' | 'access'>
  readonly jwt?: JwtVerifier | null
  readonly sessions?: Sessions | null
}

/**
 * A token takes precedence over a session. Refuses a request without a valid token with `UNAUTHENTICATED`, with the
 * same message whether it is wrong, revoked or expired, and one with two tokens with `BAD_USER_INPUT`.
 */
export async function authenticate(
  { headers, session = null }: Proofs,
  { store, jwt = null, sessions = null }: Vouchers,
  now: Instant,
): Promise<Viewer> {
  const own = headers.get('x-auth-token')
  const authorization = headers.get('authorization')
  if (own !== null && authorization !== null) {
    throw new InputError('both X-Auth-Token and Authorization were sent; send one of them')
  }
  const secret = own ?? bearer(authorization)
  if (secret === null) {
    // Other schemes are for a proxy that passes the header on.
    const isToken = /^bearer\b/i.test(authorization ?? '')
    if (session !== null && sessions !== null && !isToken) {
      return viewerOf(await sessions.personOf(session), store, now)
    }
    throw new UserError(
      'UNAUTHENTICATED',
      'no access token; send one as X-Auth-Token: TOKEN or Authorization: Bearer TOKEN',
    )
  }
  if (jwt !== null && isJwt(secret)) {
    return viewerOf(await jwt.personOf(secret, now), store, now)
  }
  const found = await store.tokens.find(hashSecret(secret))
  if (found === null || isExpired(found, now)) {
    throw new UserError(
      'UNAUTHENTICATED',
      'the access token is not valid; create one with: iam-logs token create',
    )
  }
  return found.viewer
}

function bearer(authorization: string | null): string | null {
  return /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? null
}
