// Who is it? From a request to the viewer behind its token or its session, asked anew for every request, so that revoking
// a token, a grant or a session has effect on the next.

import { InputError, UserError } from '../errors.ts'
import type { Instant } from '../instant.ts'
import type { AuditStore } from '../store.ts'
import type { Viewer } from '../viewer.ts'
import { isJwt, type JwtVerifier } from './jwt.ts'
import { viewerOf } from './person.ts'
import type { Sessions } from './sessions.ts'
import { hashSecret, isExpired } from './tokens.ts'

/** What a request may prove who asks by. */
export interface Proofs {
  readonly headers: Pick<Headers, 'get'>
  /** The secret of a session, where the request is one that a session may answer. */
  readonly session?: string | null
}

/** By what it is looked whether that is right. */
export interface Vouchers {
  readonly store: Pick<AuditStore, 'tokens' | 'access'>
  readonly jwt?: JwtVerifier | null
  readonly sessions?: Sessions | null
}

/**
 * The viewer. A token goes before a session. Refuses with `UNAUTHENTICATED` a request without a valid token, in the same
 * words whether it is wrong, revoked or expired, and with `BAD_USER_INPUT` one that carries two.
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
    // Another scheme is for a proxy before this server, which hands it on.
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
      'the access token is not valid; make one with: iam-logs token create',
    )
  }
  return found.viewer
}

function bearer(authorization: string | null): string | null {
  return /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? null
}
