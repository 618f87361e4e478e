// Who is it? From the headers of a request to the viewer behind its token, asked anew for every request, so
// that revoking a token has effect on the next.

import { Refusal } from '../errors.ts'
import type { Instant } from '../instant.ts'
import type { TokenStore } from '../store.ts'
import type { Viewer } from '../viewer.ts'
import { type JwtVerifier, looksLikeJwt } from './jwt.ts'
import { hashSecret } from './tokens.ts'

/**
 * The viewer. Refuses with `UNAUTHENTICATED` a request without a valid token, in the same words whether it
 * is wrong, revoked or expired, and with `BAD_USER_INPUT` one that carries two.
 */
export async function authenticate(
  headers: Pick<Headers, 'get'>,
  tokens: TokenStore,
  now: Instant,
  jwt: JwtVerifier | null = null,
): Promise<Viewer> {
  const own = headers.get('x-auth-token')
  const authorization = headers.get('authorization')
  if (own !== null && authorization !== null) {
    throw new Refusal(
      'BAD_USER_INPUT',
      'both X-Auth-Token and Authorization were sent; send one of them',
    )
  }
  const secret = own ?? bearer(authorization)
  if (secret === null) {
    throw new Refusal(
      'UNAUTHENTICATED',
      'no access token; send one as X-Auth-Token: TOKEN or Authorization: Bearer TOKEN',
    )
  }
  if (jwt !== null && looksLikeJwt(secret)) return ofSubject(jwt, secret, tokens, now)
  const viewer = await viewerBehind(hashSecret(secret), tokens, now)
  if (viewer === null) {
    throw new Refusal(
      'UNAUTHENTICATED',
      'the access token is not valid; make one with: iam-logs token create',
    )
  }
  return viewer
}

async function ofSubject(
  jwt: JwtVerifier,
  token: string,
  tokens: TokenStore,
  now: Instant,
): Promise<Viewer> {
  const viewer = await viewerBehind(await jwt.hashOfSubject(token, now), tokens, now)
  if (viewer === null) throw NO_RIGHTS
  return viewer
}

/** `null` where there is no such token, or it has expired: it is valid up to that instant, excluded. */
async function viewerBehind(
  hash: Uint8Array,
  tokens: TokenStore,
  now: Instant,
): Promise<Viewer | null> {
  const found = await tokens.find(hash)
  if (found === null || (found.expiresAt !== null && found.expiresAt <= now)) return null
  return found.viewer
}

const NO_RIGHTS = new Refusal(
  'FORBIDDEN',
  'nobody gave rights to the subject of this token; who runs the server does, with: iam-logs token create --subject',
)

function bearer(authorization: string | null): string | null {
  return /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? null
}
