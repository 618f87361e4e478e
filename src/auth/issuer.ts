// The identity provider by OpenID Connect: the authorization code flow with PKCE, state and nonce, and refreshing. The
// server first contacts it when somebody signs in, so that it can start without it.

import * as oidc from 'openid-client'
import { UserError } from '../errors.ts'
import { type Instant, MICROSECONDS_PER_SECOND } from '../instant.ts'
import type { Person } from '../viewer.ts'
import { createPause, fetchBounded } from './identity-provider.ts'
import { personFrom } from './person.ts'

export interface IssuerSettings {
  /** https, or http on this machine. */
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  readonly scopes: string
  /** The claim that names groups. */
  readonly groupsClaim: string
}

/** Stored by the browser that begins to sign in; only that browser can complete it. */
export interface Attempt {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

export interface SignedIn {
  readonly person: Person
  readonly idToken: string | null
  readonly refreshToken: string | null
  /** The expiry of the issuer's tokens. */
  readonly validUntil: Instant
}

export type Issuer = ReturnType<typeof createIssuer>

/** Seconds. */
const TIMEOUT = 5
const SKEW = 5

/**
 * All methods reject with `IssuerUnavailable` if the issuer does not respond, and refuse if the issuer denies the
 * request.
 */
export function createIssuer(settings: IssuerSettings) {
  const { issuer, groupsClaim } = settings
  const pause = createPause(`a request to the identity provider ${issuer} failed`)
  let discovered: Promise<oidc.Configuration> | null = null

  async function configuration(): Promise<oidc.Configuration> {
    discovered ??= discover(settings)
    try {
      return await discovered
    } catch (error) {
      discovered = null
      throw pause.after(error)
    }
  }

  async function ask<T>(work: (config: oidc.Configuration) => Promise<T>): Promise<T> {
    pause.check()
    const config = await configuration()
    try {
      return await work(config)
    } catch (error) {
      if (isDenial(error)) {
        throw notSignedIn('the identity provider refused to sign you in')
      }
      throw isUnavailable(error) ? pause.after(error) : error
    }
  }

  async function signedIn(
    config: oidc.Configuration,
    tokens: oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers,
    subject: string,
  ): Promise<SignedIn> {
    const claims = tokens.claims()
    // Many issuers return groups only there.
    const { userinfo_endpoint: hasMore } = config.serverMetadata()
    const more = hasMore ? await oidc.fetchUserInfo(config, tokens.access_token, subject) : {}
    const person = personFrom({ ...claims, ...more, sub: subject }, issuer, groupsClaim)
    if (person === null || (claims !== undefined && claims.sub !== subject)) {
      throw notSignedIn('the identity provider returned no valid subject, or another one')
    }
    const until = claims?.exp ?? Date.now() / 1000 + (tokens.expires_in ?? 0)
    return {
      person,
      idToken: tokens.id_token ?? null,
      refreshToken: tokens.refresh_token ?? null,
      validUntil: Math.floor(until) * MICROSECONDS_PER_SECOND,
    }
  }

  return {
    begin: (callback: string) =>
      ask(async config => {
        const attempt: Attempt = {
          state: oidc.randomState(),
          nonce: oidc.randomNonce(),
          verifier: oidc.randomPKCECodeVerifier(),
        }
        const location = oidc.buildAuthorizationUrl(config, {
          redirect_uri: callback,
          scope: settings.scopes,
          state: attempt.state,
          nonce: attempt.nonce,
          code_challenge: await oidc.calculatePKCECodeChallenge(attempt.verifier),
          code_challenge_method: 'S256',
        })
        return { location: location.href, attempt }
      }),

    /** `url`: the callback with its query. */
    finish: (url: URL, { state, nonce, verifier }: Attempt) =>
      ask(async config => {
        const tokens = await oidc.authorizationCodeGrant(config, url, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        })
        return signedIn(config, tokens, tokens.claims()?.sub ?? '')
      }),

    renew: ({ subject }: Person, refreshToken: string) =>
      ask(async config => {
        const tokens = await oidc.refreshTokenGrant(config, refreshToken)
        return signedIn(config, tokens, subject)
      }),

    /** The page that ends the session at the issuer, too; `null` if the issuer has no such page. */
    endUrl: (idToken: string | null, backTo: string) =>
      ask(async config => {
        if (config.serverMetadata().end_session_endpoint === undefined) return null
        return oidc.buildEndSessionUrl(config, {
          post_logout_redirect_uri: backTo,
          ...(idToken !== null && { id_token_hint: idToken }),
        }).href
      }),
  }
}

function notSignedIn(reason: string): UserError {
  return new UserError('UNAUTHENTICATED', `${reason}; sign in again`)
}

function discover(settings: IssuerSettings): Promise<oidc.Configuration> {
  const { issuer, clientId, clientSecret } = settings
  const url = new URL(issuer)
  const basic = oidc.ClientSecretBasic(clientSecret)
  const post = oidc.ClientSecretPost(clientSecret)
  const authenticate: oidc.ClientAuth = (server, ...rest) => {
    // The default by the specification.
    const { token_endpoint_auth_methods_supported: methods = ['client_secret_basic'] } = server
    return (methods.includes('client_secret_basic') ? basic : post)(server, ...rest)
  }
  return oidc.discovery(url, clientId, { [oidc.clockTolerance]: SKEW }, authenticate, {
    timeout: TIMEOUT,
    execute: [
      oidc.enableNonRepudiationChecks,
      ...(url.protocol === 'http:' ? [oidc.allowInsecureRequests] : []),
    ],
    [oidc.customFetch]: (address, init) => fetchBounded(address, init as RequestInit),
  })
}

/** Errors of one person or attempt: unknown, forged, expired or revoked. */
function isDenial(error: unknown): boolean {
  if (error instanceof oidc.ResponseBodyError) return error.error === 'invalid_grant'
  if (error instanceof oidc.AuthorizationResponseError) return true
  if (error instanceof oidc.WWWAuthenticateChallengeError) return true
  return error instanceof oidc.ClientError && DENIALS.has(error.code ?? '')
}

const DENIALS: ReadonlySet<string> = new Set([
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_UNSUPPORTED_OPERATION',
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
  'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED',
])

/** Must not be true for an error that a browser can cause, because requests are paused then. */
function isUnavailable(error: unknown): boolean {
  if (error instanceof oidc.ResponseBodyError) return error.status >= 500
  if (!(error instanceof oidc.ClientError)) return error instanceof TypeError
  const { code, cause } = error
  if (code === 'OAUTH_RESPONSE_IS_NOT_CONFORM')
    return cause instanceof Response && cause.status >= 500
  return code === undefined || code === 'OAUTH_TIMEOUT' || code === 'OAUTH_ABORT'
}
