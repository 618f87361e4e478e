// JSON Web Tokens of one issuer: who somebody is, by the issuer's word; what they may see is kept here, under the
// subject, and nothing in the token adds to it. Only asymmetric algorithms: a secret that checks could also sign.

import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { UserError } from '../errors.ts'
import type { Instant } from '../instant.ts'
import type { Person } from '../viewer.ts'
import { fetchBounded } from './fetch-bounded.ts'
import { IssuerUnavailable } from './issuer-unavailable.ts'
import { personFrom } from './person.ts'

export interface JwtSettings {
  /** Where the issuer's keys are; https, or http on this machine. */
  readonly jwksUrl: string
  readonly issuer: string
  readonly audience: string
  /** The claim that names groups. */
  readonly groupsClaim: string
}

export interface JwtVerifier {
  /**
   * Whose token it is. Refuses, in the same words, what is no token of the issuer's for this audience, or not at this
   * time; rejects with `IssuerUnavailable` where the issuer's keys cannot be read.
   */
  personOf(token: string, now: Instant): Promise<Person>
}

const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
]

/** Of an access token (RFC 9068), or of one that does not say what it is; an ID token is for another audience. */
const TYPES: ReadonlySet<string> = new Set(['at+jwt', 'application/at+jwt', 'jwt'])

/** Whatever a token says, it is no older than this. */
const OLDEST = '24h'

/** Seconds by which clocks may differ. */
const SKEW = 5

const LONGEST_TOKEN = 8_192

/** After the keys could not be had they are not asked for, in milliseconds: anyone can send what makes us ask. */
const PAUSE = 10_000

/** Whether it is made like a JWT; the program's own tokens are not. */
export function isJwt(token: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(token)
}

export function createJwtVerifier(settings: JwtSettings): JwtVerifier {
  const { jwksUrl, issuer, audience, groupsClaim } = settings
  let pausedUntil = 0
  const remote = createRemoteJWKSet(new URL(jwksUrl), {
    timeoutDuration: 5_000,
    // Milliseconds between two looks for a key that is not known, and until known ones are looked at anew.
    cooldownDuration: 30_000,
    cacheMaxAge: 600_000,
    async [customFetch](url, init) {
      if (Date.now() < pausedUntil) throw new KeysUnreadable()
      try {
        return await fetchBounded(url, init)
      } catch (cause) {
        throw new KeysUnreadable('no response', { cause })
      }
    },
  })
  const keys: JWTVerifyGetKey = async (header, token) => {
    try {
      return await remote(header, token)
    } catch (error) {
      const now = Date.now()
      if (isOfKeys(error) && now >= pausedUntil) pausedUntil = now + PAUSE
      throw error
    }
  }
  // The query of the URL may hold a secret.
  const [where] = jwksUrl.split('?')
  return {
    async personOf(token, now) {
      if (token.length > LONGEST_TOKEN) throw notValid()
      try {
        const { payload, protectedHeader } = await jwtVerify(token, keys, {
          algorithms: ALGORITHMS,
          issuer,
          audience,
          requiredClaims: ['exp', 'iat', 'sub'],
          maxTokenAge: OLDEST,
          clockTolerance: SKEW,
          currentDate: new Date(now / 1000),
        })
        // jose checks neither, whatever its types say.
        const { typ = 'JWT' }: { typ?: unknown } = protectedHeader
        if (typeof typ !== 'string' || !TYPES.has(typ.toLowerCase())) throw notValid()
        const person = personFrom(payload, issuer, groupsClaim)
        if (person === null) throw notValid()
        return person
      } catch (error) {
        if (isOfKeys(error)) {
          const isPaused = error instanceof KeysUnreadable && error.cause === undefined
          const message = `the keys of ${where} cannot be read`
          throw new IssuerUnavailable(message, isPaused ? {} : { cause: error })
        }
        throw error instanceof errors.JOSEError ? notValid() : error
      }
    },
  }
}

function isOfKeys(error: unknown): boolean {
  if (error instanceof KeysUnreadable) return true
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) return true
  // What jose throws where the answer is no 200, or no JSON.
  return error instanceof errors.JOSEError && error.code === 'ERR_JOSE_GENERIC'
}

/** Without a `cause` where the keys were not asked for, see `PAUSE`. */
class KeysUnreadable extends Error {}

/** Why is for its bearer to find out: the words are the same for every fault. */
function notValid(): UserError {
  return new UserError(
    'UNAUTHENTICATED',
    'the access token is not valid; ask its issuer for a new one, for this audience',
  )
}
