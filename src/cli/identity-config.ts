// The settings of identity providers: the issuer of accepted JSON Web Tokens, and the issuer for signing in.

import ms, { type StringValue } from 'ms'
import { z } from 'zod'
import type { IssuerSettings } from '../auth/issuer.ts'
import type { JwtSettings } from '../auth/jwt.ts'
import { quoted } from '../errors.ts'
import type { Instant } from '../instant.ts'

interface SignInSettings extends IssuerSettings {
  /** The maximum duration of a session, in microseconds. */
  readonly session: Instant
}

export interface IdentityConfig {
  /** The issuer of accepted JSON Web Tokens; `null`: none are accepted. */
  readonly jwt: JwtSettings | null
  /** The issuer for signing in; `null`: people cannot sign in. */
  readonly signIn: SignInSettings | null
}

const NO_ADDRESS = 'is not the address of an identity provider; give an https:// URL'

const jwksUrl = z
  .string()
  .refine(isSafeUrl, 'is not a valid URL of a key set; give an https:// URL')
const issuer = z
  .string()
  .refine(isSafeUrl, NO_ADDRESS)
  .refine(text => !/[?#]/.test(text), NO_ADDRESS)

/** Data sent by plain http can be changed on the way, unless it stays on this machine. */
function isSafeUrl(text: string): boolean {
  const { protocol, hostname, username, password } = URL.parse(text) ?? {}
  if (username !== '' || password !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname ?? ''))
}

/** Whether a host, from a URL or a setting, is this machine. */
export function isLoopback(host: string): boolean {
  return /^(localhost|\[?::1\]?|127(\.\d+){3})$/.test(host)
}

const NO_SESSION = 'is not a valid session length; give one from 1m to 30d, such as 8h'

/** In microseconds. */
const session = z
  .string()
  .regex(/^\d{1,5}[mhd]$/, NO_SESSION)
  .transform(text => ms(text as StringValue) * 1000)
  .refine(length => length > 0 && length <= ms('30d') * 1000, NO_SESSION)

const scopes = z
  .string()
  .regex(
    /^(?=(.* )?openid( |$))[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/,
    'is not a list of scopes; give openid and others, separated by spaces',
  )

export const identitySettings = {
  jwksUrl: jwksUrl.optional(),
  jwtIssuer: z.string().optional(),
  jwtAudience: z.string().optional(),
  oidcIssuer: issuer.optional(),
  oidcClientId: z.string().optional(),
  oidcClientSecret: z.string().optional(),
  oidcScopes: scopes.default('openid profile email'),
  oidcGroupsClaim: z.string().default('groups'),
  session: session.default(ms('8h') * 1000),
}

const JWT = ['IAM_LOGS_JWKS_URL', 'IAM_LOGS_JWT_ISSUER', 'IAM_LOGS_JWT_AUDIENCE'] as const
const SIGN_IN = [
  ...['IAM_LOGS_OIDC_ISSUER', 'IAM_LOGS_OIDC_CLIENT_ID', 'IAM_LOGS_OIDC_CLIENT_SECRET'],
] as const
/** Have no effect without those of `SIGN_IN`. */
const OF_SIGN_IN = ['IAM_LOGS_OIDC_SCOPES', 'IAM_LOGS_OIDC_GROUPS_CLAIM', 'IAM_LOGS_SESSION']

/** Messages about settings that contradict each other. */
export function identityComplaints(given: NodeJS.ProcessEnv): string[] {
  const isSet = (name: string) => given[name] !== undefined
  const complaints = [JWT, SIGN_IN].flatMap(names => {
    const unset = names.find(name => !isSet(name))
    const isHalf = unset !== undefined && names.some(isSet)
    return isHalf ? [`${unset} is not set; set all of ${names.join(', ')}, or none`] : []
  })
  const url = given.IAM_LOGS_PUBLIC_URL
  if (!SIGN_IN.some(isSet)) {
    const forJwt = JWT.some(isSet) ? 'IAM_LOGS_OIDC_GROUPS_CLAIM' : null
    const idle = OF_SIGN_IN.find(name => isSet(name) && name !== forJwt)
    if (idle !== undefined)
      complaints.push(
        `${idle} has no effect without IAM_LOGS_OIDC_ISSUER; set it, or remove ${idle}`,
      )
  } else if (url === undefined) {
    complaints.push(
      'IAM_LOGS_PUBLIC_URL is not set; sign-in needs the address that people open, such as https://logs.example.com',
    )
  } else if (/^http:/.test(url) && !isSafeUrl(url)) {
    complaints.push(
      `IAM_LOGS_PUBLIC_URL (${quoted(url)}) would send sessions unencrypted; give an https:// address`,
    )
  }
  return complaints
}

type Read = z.infer<z.ZodObject<typeof identitySettings>>

/** Replaces the single settings by `IdentityConfig`. */
export function withIdentity<T extends Read>(value: T) {
  const {
    jwksUrl,
    jwtIssuer,
    jwtAudience,
    oidcIssuer,
    oidcClientId,
    oidcClientSecret,
    oidcScopes: scopes,
    oidcGroupsClaim: groupsClaim,
    session,
    ...others
  } = value
  const identity: IdentityConfig = {
    jwt:
      jwksUrl === undefined || jwtIssuer === undefined || jwtAudience === undefined
        ? null
        : { jwksUrl, issuer: jwtIssuer, audience: jwtAudience, groupsClaim },
    signIn:
      oidcIssuer === undefined || oidcClientId === undefined || oidcClientSecret === undefined
        ? null
        : {
            ...{ issuer: oidcIssuer, clientId: oidcClientId, clientSecret: oidcClientSecret },
            ...{ scopes, groupsClaim, session },
          },
  }
  return { ...others, ...identity }
}
