// JSON Web Tokens of one issuer. A token only identifies a person; the rights are stored here, by subject and group.
// Only asymmetric algorithms are accepted, because a shared secret for verification could also sign.

import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { UserError } from '../errors.ts'
import type { Instant } from '../instant.ts'
import type { Person } from '../viewer.ts'
import { createPause, fetchBounded, IssuerUnavailable } from './identity-provider.ts'
import { personFrom } from './person.ts'

export interface JwtSettings {
  /** The URL of the issuer's keys; https, or http on this machine. */
  readonly jwksUrl: string
  readonly issuer: string
  readonly audience: string
  /** The claim that names groups. */
  readonly groupsClaim: string
}

export type JwtVerifier = ReturnType<typeof createJwtVerifier>

const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
]

/** For access tokens (RFC 9068), and for tokens without a specific type; ID tokens are for another audience. */
const TYPES: ReadonlySet<string> = new Set(['at+jwt', 'application/at+jwt', 'jwt'])

/** The maximum age, whatever the token's expiry. */
const MAX_AGE = '24h'

/** Seconds. */
const SKEW = 5

const MAX_LENGTH = 8_192

/** By its form, which the program's own tokens do not have. */
export function isJwt(token: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(token)
}

export function createJwtVerifier(settings: JwtSettings) {
  const { jwksUrl, issuer, audience, groupsClaim } = settings
  // The query of the URL may contain a secret.
  const pause = createPause(`the keys of ${jwksUrl.split('?')[0]} cannot be read`)
  const remote = createRemoteJWKSet(new URL(jwksUrl), {
    timeoutDuration: 5_000,
    // Milliseconds between two requests because of unknown keys, and until known keys expire.
    cooldownDuration: 30_000,
    cacheMaxAge: 600_000,
    async [customFetch](url, init) {
      pause.check()
      return fetchBounded(url, init)
    },
  })
  const keys: JWTVerifyGetKey = async (header, token) => {
    try {
      return await remote(header, token)
    } catch (error) {
      throw isOfToken(error) || error instanceof IssuerUnavailable ? error : pause.after(error)
    }
  }
  return {
    /**
     * Refuses with one message any token that is not valid at this time, by this issuer and for this audience; rejects
     * with `IssuerUnavailable` if the issuer's keys cannot be read.
     */
    async personOf(token: string, now: Instant): Promise<Person> {
      if (token.length > MAX_LENGTH) throw notValid()
      try {
        const { payload, protectedHeader } = await jwtVerify(token, keys, {
          algorithms: ALGORITHMS,
          issuer,
          audience,
          requiredClaims: ['exp', 'iat', 'sub'],
          maxTokenAge: MAX_AGE,
          clockTolerance: SKEW,
          currentDate: new Date(now / 1000),
        })
        // jose checks neither, despite its types.
        const { typ = 'JWT' }: { typ?: unknown } = protectedHeader
        if (typeof typ !== 'string' || !TYPES.has(typ.toLowerCase())) throw notValid()
        const person = personFrom(payload, issuer, groupsClaim)
        if (person === null) throw notValid()
        return person
      } catch (error) {
        throw error instanceof errors.JOSEError ? notValid() : error
      }
    },
  }
}

/** Whether the keys could be read, but none of them is that of the token. */
function isOfToken(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) return false
  // `ERR_JOSE_GENERIC`: the status was not 200, or the body not JSON.
  return error instanceof errors.JOSEError && error.code !== 'ERR_JOSE_GENERIC'
}

/** One message for every fault, which helps no attacker. */
function notValid(): UserError {
  return new UserError(
    'UNAUTHENTICATED',
    'the access token is not valid; ask its issuer for a new one, for this audience',
  )
}
