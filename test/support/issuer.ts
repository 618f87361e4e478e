// An identity provider on this machine (oidc-provider), which signs everybody in as the person that the test names,
// without asking. It can stop responding, and its people can change at any time.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import Provider, { type Configuration } from 'oidc-provider'
import { createIssuer, type Issuer } from '../../src/auth/issuer.ts'

export const CLIENT = { clientId: 'iam-logs', clientSecret: 'secret-of-the-client' } as const

interface Claims {
  name?: string
  groups?: unknown
}

export interface TestIssuer {
  readonly url: string
  /** The issuer as the server under test uses it. */
  readonly client: Issuer
  /** The subject that signs in next; `null`: sign-in is refused. */
  person: string | null
  /** Claims by subject. A subject that is removed is unknown from then on. */
  readonly people: Map<string, Claims>
  /** If set, every response has this status. */
  away: number | null
  /** The paths of all requests. */
  readonly asked: string[]
  /** Signs a JSON Web Token for an audience. */
  jwt(subject: string, audience: string, claims?: object): Promise<string>
  close(): Promise<void>
}

export interface IssuerOptions {
  /** Whether sessions can be renewed; true by default. */
  readonly refreshTokens?: boolean
  /** In seconds. */
  readonly idTokenLasts?: number
}

/** The same keys for all issuers. */
let keys: ReturnType<typeof generateKeyPair> | undefined

/** `publicUrl`: of the server that uses this issuer. */
export async function openIssuer(
  publicUrl: string,
  { refreshTokens = true, idTokenLasts = 3_600 }: IssuerOptions = {},
): Promise<TestIssuer> {
  keys ??= generateKeyPair('RS256', { extractable: true })
  const { privateKey } = await keys
  const jwk = { ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig', kid: 'only' }
  let answer: (request: IncomingMessage, response: ServerResponse) => unknown = () => {}
  const server = createServer((request, response) => answer(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const people = new Map<string, Claims>()

  const configuration: Configuration = {
    clients: [
      {
        client_id: CLIENT.clientId,
        client_secret: CLIENT.clientSecret,
        redirect_uris: [`${publicUrl}/sign-in/callback`],
        post_logout_redirect_uris: [`${publicUrl}/`],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
      },
    ],
    jwks: { keys: [jwk as never] },
    cookies: { keys: ['a key for cookies'] },
    claims: { openid: ['sub'], profile: ['name'], groups: ['groups'] },
    scopes: ['openid', 'profile', 'groups'],
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource(ctx, form) {
          ctx.body = `<!doctype html>${form}<button form="op.logoutForm" name="logout" value="yes">Yes</button>`
        },
      },
    },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    issueRefreshToken: () => refreshTokens,
    rotateRefreshToken: true,
    ttl: {
      ...{ IdToken: idTokenLasts, AccessToken: idTokenLasts, AuthorizationCode: 60 },
      ...{ Session: 86_400, Grant: 86_400, Interaction: 600, RefreshToken: 86_400 },
    },
    findAccount: (_, subject) => {
      const claims = people.get(subject)
      return claims && { accountId: subject, claims: () => ({ sub: subject, ...claims }) }
    },
    async loadExistingGrant({ oidc }) {
      const { provider, client, session } = oidc
      const grant = new provider.Grant({
        clientId: client?.clientId,
        accountId: session?.accountId,
      } as never)
      grant.addOIDCScope('openid profile groups')
      await grant.save()
      return grant
    },
  }
  const provider = quietly(() => new Provider(url, configuration))
  const handle = provider.callback()

  const issuer: TestIssuer = {
    url,
    client: createIssuer({
      ...{ issuer: url, ...CLIENT, scopes: 'openid profile groups', groupsClaim: 'groups' },
    }),
    person: null,
    people,
    away: null,
    asked: [],
    jwt: (subject, audience, claims = {}) =>
      new SignJWT({ iss: url, aud: audience, sub: subject, ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: 'only', typ: 'at+jwt' })
        .setIssuedAt()
        .setExpirationTime('10m')
        .sign(privateKey),
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }

  answer = async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', url)
    issuer.asked.push(pathname)
    if (issuer.away !== null) return response.writeHead(issuer.away).end()
    if (!pathname.startsWith('/interaction/')) return handle(request, response)
    const { person } = issuer
    const result =
      person === null
        ? { error: 'access_denied' }
        : { login: { accountId: person, remember: true } }
    return provider.interactionFinished(request, response, result)
  }
  return issuer
}

/** Suppresses the warning that data is kept in memory only. */
function quietly<T>(make: () => T): T {
  const { warn } = console
  console.warn = () => {}
  try {
    return make()
  } finally {
    console.warn = warn
  }
}
