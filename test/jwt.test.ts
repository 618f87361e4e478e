// JSON Web Tokens of an identity provider: a token is accepted only if the configured issuer signed it, for this
// audience and for the current time. What its subject may see is stored here, and never taken from the token.

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { base64url, exportJWK, generateKeyPair, type JWK, SignJWT, UnsecuredJWT } from 'jose'
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
  vi,
} from 'vitest'
import { createJwtVerifier } from '../src/auth/jwt.ts'
import { hashSubject, newToken } from '../src/auth/tokens.ts'
import type { Instant } from '../src/instant.ts'
import { type App, createApp } from '../src/server/app.ts'
import { openApp, type TestApp } from './support/app.ts'
import { at, event, ORGANIZATION } from './support/events.ts'

type Key = Awaited<ReturnType<typeof generateKeyPair>>['privateKey']

const ISSUER = 'https://login.example/'
const AUDIENCE = 'https://logs.example'
const SUBJECT = 'alice@example.com'
const NOW = at('2026-06-01T12:00:00Z')
const SECONDS = NOW / 1e6

const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
]
const pairs = new Map<string, { privateKey: Key; jwk: JWK }>()
let foreign: Key

/** The server of the issuer, which answers with its keys, or as a test sets. */
let issuer: Server
let requests = 0
let answer: { status: number; body: string; headers?: Record<string, string> }
const keysOf = (...names: string[]) =>
  JSON.stringify({ keys: names.map(name => ({ ...pairs.get(name)?.jwk, kid: name })) })

let backend: TestApp
let app: App
let clock: Instant

beforeAll(async () => {
  for (const algorithm of ALGORITHMS) {
    const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true })
    pairs.set(algorithm, { privateKey, jwk: { ...(await exportJWK(publicKey)), alg: algorithm } })
  }
  foreign = (await generateKeyPair('RS256')).privateKey
  issuer = createServer(({ url }, response) => {
    requests++
    const { status, body, headers } =
      url === '/elsewhere' ? { status: 200, body: keysOf(...ALGORITHMS), headers: {} } : answer
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
  })
  await new Promise<void>(resolve => issuer.listen(0, '127.0.0.1', resolve))
})
afterAll(() => void issuer.close())

beforeEach(async () => {
  answer = { status: 200, body: keysOf(...ALGORITHMS) }
  requests = 0
  clock = NOW
  backend = await openApp()
  await backend.store.append([event()])
  app = appWithIssuer()
  await giveRights(SUBJECT)
})
afterEach(() => backend.store.close())

function appWithIssuer(named = ISSUER, query = ''): App {
  const { port } = issuer.address() as AddressInfo
  const jwksUrl = `http://127.0.0.1:${port}/keys${query}`
  return createApp({
    store: backend.store,
    reportFault: error => backend.faults.push(error),
    clock: () => clock,
    jwt: createJwtVerifier({ jwksUrl, issuer: named, audience: AUDIENCE, groupsClaim: 'groups' }),
  })
}

async function giveRights(
  subject: string,
  sets: readonly string[] = ['IAMReadOnly'],
  expiresAt: Instant | null = null,
) {
  const grants = [{ organizationId: ORGANIZATION, owner: false, permissionSets: sets }]
  const { token } = newToken({ name: subject, grants, expiresAt }, NOW)
  await backend.store.tokens.create(token, hashSubject(ISSUER, subject))
  return token
}

const GOOD = { iss: ISSUER, aud: AUDIENCE, sub: SUBJECT, iat: SECONDS - 60, exp: SECONDS + 600 }

function signed(
  claims: object = {},
  header: Record<string, unknown> = {},
  key: Key | Uint8Array | undefined = pairs.get('RS256')?.privateKey,
): Promise<string> {
  const allClaims = JSON.parse(JSON.stringify({ ...GOOD, ...claims }))
  return new SignJWT(allClaims)
    .setProtectedHeader({ alg: 'RS256', kid: 'RS256', typ: 'at+jwt', ...header })
    .sign(key as Key)
}

async function ask(token: string, header = 'authorization') {
  const response = await app.fetch(
    new Request('http://127.0.0.1/graphql', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        [header]: header === 'authorization' ? `Bearer ${token}` : token,
      },
      body: '{"query":"{ viewer { name memberships { seesEvents seesUsers } } organizations { id } }"}',
    }),
  )
  const text = await response.text()
  const { status, headers } = response
  return { status, headers, text, body: JSON.parse(text) }
}

describe('an accepted token', () => {
  test.each(ALGORITHMS)('can be signed with %s', async algorithm => {
    const token = await signed(
      {},
      { alg: algorithm, kid: algorithm },
      pairs.get(algorithm)?.privateKey,
    )
    const { status, body } = await ask(token)
    expect(status).toBe(200)
    expect(body.data.viewer.name).toBe(SUBJECT)
    expect(body.data.organizations).toEqual([{ id: ORGANIZATION }])
  })

  test.each([
    ['be sent as X-Auth-Token', {}, {}, 'x-auth-token'],
    ['have the type JWT', {}, { typ: 'JWT' }],
    ['have its type in capitals', {}, { typ: 'AT+JWT' }],
    ['have its type with the prefix application/', {}, { typ: 'application/at+jwt' }],
    ['have no type', {}, { typ: undefined }],
    ['be for several audiences', { aud: ['https://other.example', AUDIENCE] }, {}],
    ['become valid in three seconds, as clocks differ', { nbf: SECONDS + 3 }, {}],
    ['have expired three seconds ago, as clocks differ', { exp: SECONDS - 3 }, {}],
  ])('can %s', async (_, claims, header, name = 'authorization') => {
    const { status } = await ask(await signed(claims, header), name)
    expect(status).toBe(200)
  })

  test('has the rights stored for its subject, not those that it claims', async () => {
    const claimedRights = {
      owner: true,
      permission_sets: ['OrganizationManager'],
      scope: 'admin',
      roles: ['owner'],
    }
    await giveRights('bob', ['AuditTrailReadOnly'])
    const { body } = await ask(await signed({ ...claimedRights, sub: 'bob' }))
    expect(body.data.viewer.memberships).toEqual([{ seesEvents: true, seesUsers: false }])
  })

  test('is refused from the next request on after the rights of its subject are revoked', async () => {
    const token = await signed({ sub: 'carol' })
    const rights = await giveRights('carol')
    expect((await ask(token)).status).toBe(200)
    await backend.store.tokens.revoke(rights.id)
    expect((await ask(token)).status).toBe(403)
  })

  test('is refused after it expires', async () => {
    const token = await signed()
    expect((await ask(token)).status).toBe(200)
    clock = NOW + 606e6
    expect((await ask(token)).status).toBe(401)
  })
})

test('a valid token of a subject without rights is answered with the error code FORBIDDEN', async () => {
  const { status, body } = await ask(await signed({ sub: 'mallory' }))
  expect(status).toBe(403)
  expect(body.errors[0].extensions.code).toBe('FORBIDDEN')
})

test('the rights of a subject end at the instant at which they expire', async () => {
  await giveRights('dave', ['IAMReadOnly'], NOW + 1)
  const token = await signed({ sub: 'dave' })
  expect((await ask(token)).status).toBe(200)
  clock = NOW + 1
  expect((await ask(token)).status).toBe(403)
})

test('the rights of a subject are for one issuer: the same subject of another issuer does not have them', async () => {
  const other = 'https://other.example/'
  const token = await signed({ iss: other })
  expect((await ask(token)).status).toBe(401)
  app = appWithIssuer(other)
  expect((await ask(token)).status).toBe(403)
  const grants = [{ organizationId: ORGANIZATION, owner: true, permissionSets: [] }]
  const { token: rights } = newToken({ name: 'another', grants, expiresAt: null }, NOW)
  await backend.store.tokens.create(rights, hashSubject(other, SUBJECT))
  expect((await ask(token)).body.data.viewer.name).toBe('another')
})

describe('at its limit', () => {
  test.each([
    ['exp', 'four seconds ago', 200, { exp: SECONDS - 4 }],
    ['exp', 'five seconds ago', 401, { exp: SECONDS - 5 }],
    ['nbf', 'in five seconds', 200, { nbf: SECONDS + 5 }],
    ['nbf', 'in six seconds', 401, { nbf: SECONDS + 6 }],
    ['iat', 'in five seconds', 200, { iat: SECONDS + 5 }],
    ['iat', 'in six seconds', 401, { iat: SECONDS + 6 }],
    ['iat', 'a day and five seconds ago', 200, { iat: SECONDS - 86_405 }],
    ['iat', 'a day and six seconds ago', 401, { iat: SECONDS - 86_406 }],
    ['sub', 'of 256 characters', 200, { sub: 'x'.repeat(256) }],
    ['sub', 'of 257 characters', 401, { sub: 'x'.repeat(257) }],
  ] as const)('a token with %s %s is answered with %i', async (_, __, status, claims) => {
    await giveRights('x'.repeat(256))
    await giveRights('x'.repeat(257))
    expect((await ask(await signed(claims))).status).toBe(status)
  })

  test('a token of 8,192 characters is accepted, and one of 8,193 characters is refused', async () => {
    // The encoding of one part cannot have every length, but the sum of two parts can.
    const made: string[] = []
    for (const x of ['', 'x', 'xx', 'xxx']) {
      const bare = (await signed({ more: '' }, { x })).length
      const more = 'x'.repeat(Math.floor(((8_192 - bare) * 3) / 4))
      for (const end of ['', 'x', 'xx']) made.push(await signed({ more: more + end }, { x }))
    }
    const statusOf = async (length: number) => {
      const token = made.find(one => one.length === length) ?? ''
      expect(token).toHaveLength(length)
      return (await ask(token)).status
    }
    expect(await statusOf(8_192)).toBe(200)
    expect(await statusOf(8_193)).toBe(401)
  })

  test.each([
    [262_144, 200],
    [262_145, 503],
  ])('a set of keys of %i bytes leads to status %i', async (length, status) => {
    const keys = keysOf(...ALGORITHMS)
    answer = { status: 200, body: `${keys}${' '.repeat(length - keys.length)}` }
    expect((await ask(await signed())).status).toBe(status)
  })
})

describe('a token', () => {
  const part = (value: object) => base64url.encode(JSON.stringify(value))
  const partsOf = (token: string) => token.split('.') as [string, string, string]

  const INVALID: readonly [string, () => Promise<string>][] = [
    ['is signed with an unknown key', () => signed({}, {}, foreign)],
    ['has no signature', async () => new UnsecuredJWT(GOOD).encode()],
    [
      'has alg none and a signature',
      async () => `${part({ alg: 'none' })}.${part(GOOD)}.${partsOf(await signed())[2]}`,
    ],
    ['has alg nOnE', async () => `${part({ alg: 'nOnE' })}.${part(GOOD)}.`],
    [
      'is signed with the public key as a secret',
      async () => {
        const secret = new TextEncoder().encode(JSON.stringify(pairs.get('RS256')?.jwk))
        return signed({}, { alg: 'HS256' }, secret)
      },
    ],
    [
      'is signed with a key in its own header',
      async () => {
        const { privateKey, publicKey } = await generateKeyPair('ES256')
        return signed(
          {},
          { alg: 'ES256', jwk: await exportJWK(publicKey), kid: undefined },
          privateKey,
        )
      },
    ],
    [
      'refers to keys at another URL',
      () => signed({}, { jku: 'https://evil.example/keys' }, foreign),
    ],
    ['has an unknown key ID', () => signed({}, { kid: 'nobody' })],
    ['has the ID of a key of another algorithm', () => signed({}, { alg: 'RS256', kid: 'ES256' })],
    [
      'has other claims than those that were signed',
      async () => {
        const [header, , signature] = partsOf(await signed())
        return `${header}.${part({ ...GOOD, sub: 'root' })}.${signature}`
      },
    ],
    [
      'has an unknown critical header',
      async () => {
        const [, payload, signature] = partsOf(await signed())
        return `${part({ alg: 'RS256', crit: ['exotic'], exotic: 1 })}.${payload}.${signature}`
      },
    ],
    ['is of another issuer', () => signed({ iss: 'https://evil.example/' })],
    ['is of the issuer without its final slash', () => signed({ iss: ISSUER.slice(0, -1) })],
    ['has no issuer', () => signed({ iss: undefined })],
    ['is for another audience', () => signed({ aud: 'https://other.example' })],
    ['has no audience', () => signed({ aud: undefined })],
    ['has an empty list of audiences', () => signed({ aud: [] })],
    ['has expired', () => signed({ exp: SECONDS - 6 })],
    ['has no expiry', () => signed({ exp: undefined })],
    ['has an expiry that is not a number', () => signed({ exp: 'never' })],
    ['is not valid yet', () => signed({ nbf: SECONDS + 60 })],
    ['has no time of issue', () => signed({ iat: undefined })],
    ['is issued in the future', () => signed({ iat: SECONDS + 60 })],
    [
      'is more than a day old, whatever its expiry',
      () => signed({ iat: SECONDS - 86_500, exp: 1e30 }),
    ],
    ['has no subject', () => signed({ sub: undefined })],
    ['has an empty subject', () => signed({ sub: '' })],
    ['has a list as its subject', () => signed({ sub: [SUBJECT] })],
    [
      'has a subject that imitates the stored form of another',
      () => signed({ sub: `a\0${ISSUER}\0${SUBJECT}` }),
    ],
    ['is an ID token', () => signed({}, { typ: 'id+jwt' })],
    ['is a logout token', () => signed({}, { typ: 'logout+jwt' })],
    ['has a claim of 9,000 characters', () => signed({ more: 'x'.repeat(9_000) })],
    [
      'has only two parts',
      async () =>
        partsOf(await signed())
          .slice(0, 2)
          .join('.'),
    ],
    ['has only empty parts', async () => '..'],
  ]
  test.each(INVALID)('that %s is refused with 401', async (_, make) => {
    const { status, body, text } = await ask(await make())
    expect(status).toBe(401)
    expect(body.errors[0].extensions.code).toBe('UNAUTHENTICATED')
    expect(text).not.toMatch(/signature|claim|jwk|jose/i)
    expect(backend.faults).toEqual([])
  })

  const MALFORMED = [null, true, 0, 1.5, '', 'x', [], ['RS256'], {}, { toLowerCase: 'at+jwt' }]
  const HEADERS = ['alg', 'kid', 'typ', 'cty', 'crit', 'jwk', 'jku', 'x5c', 'x5t', 'b64', 'zip']
  test.each(HEADERS)(
    'with a malformed %s in its header causes no internal error, and is refused if its signature is wrong',
    async name => {
      const key = pairs.get('RS256')?.privateKey as CryptoKey
      for (const value of MALFORMED) {
        const header = { alg: 'RS256', kid: 'RS256', typ: 'at+jwt', [name]: value }
        const signedPart = `${part(header)}.${part(GOOD)}`
        const signature = await crypto.subtle.sign(key.algorithm, key, Buffer.from(signedPart))
        for (const last of [Buffer.from(signature).toString('base64url'), 'AAAA']) {
          const { status } = await ask(`${signedPart}.${last}`)
          expect(last === 'AAAA' || name === 'typ' ? [401] : [200, 401]).toContain(status)
          expect(backend.faults).toEqual([])
        }
      }
    },
  )

  test('with any single bit changed is refused', async () => {
    const token = await signed()
    const verifier = createJwtVerifier({
      jwksUrl: `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/keys`,
      issuer: ISSUER,
      audience: AUDIENCE,
      groupsClaim: 'groups',
    })
    await verifier.personOf(token, NOW)
    const bytes = token.split('.').map(one => Buffer.from(one, 'base64url'))
    const bits = bytes.flatMap((one, at) =>
      Array.from({ length: one.length * 8 }, (_, bit) => [at, bit]),
    )
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...bits), async ([at = 0, bit = 0]) => {
        const changed = bytes.map(one => Buffer.from(one))
        const one = changed[at] as Buffer
        one[bit >> 3] = (one[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const forged = changed.map(each => each.toString('base64url')).join('.')
        await expect(verifier.personOf(forged, NOW)).rejects.toMatchObject({
          code: 'UNAUTHENTICATED',
        })
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('the keys of the issuer', () => {
  test.each([
    ['cannot be read', { status: 500, body: '' }],
    ['do not exist', { status: 404, body: '{}' }],
    [
      'are redirected to another path',
      { status: 302, body: '', headers: { location: '/elsewhere' } },
    ],
    ['are not JSON', { status: 200, body: '<html>' }],
    ['are not a set of keys', { status: 200, body: '{"key":[]}' }],
    ['are too long', { status: 200, body: `{"keys":[],"more":"${'x'.repeat(300_000)}"}` }],
  ])(
    '%s: the token is answered with 503, the fault is reported once, and tokens of this program are accepted',
    async (_, failure) => {
      answer = failure
      const { status, text, body, headers } = await ask(await signed())
      expect(status).toBe(503)
      expect(body.errors).toEqual([
        expect.objectContaining({ extensions: { code: 'UNAVAILABLE' } }),
      ])
      expect(headers.get('retry-after')).toBe('10')
      expect(text).not.toContain('127.0.0.1')
      expect(backend.faults).toHaveLength(1)
      expect((await ask(await backend.token(), 'x-auth-token')).status).toBe(200)
    },
  )

  test.each([201, 404, 500, 503])(
    'are not accepted from a response with status %i',
    async status => {
      answer = { status, body: keysOf(...ALGORITHMS) }
      expect((await ask(await signed())).status).toBe(503)
      expect(backend.faults).toHaveLength(1)
    },
  )

  test('are reported as unreadable without the query string of their URL', async () => {
    answer = { status: 500, body: '' }
    app = appWithIssuer(ISSUER, '?code=key-of-keys')
    expect((await ask(await signed())).status).toBe(503)
    const { port } = issuer.address() as AddressInfo
    expect(backend.faults.map(fault => (fault as Error).message)).toEqual([
      `the keys of http://127.0.0.1:${port}/keys cannot be read`,
    ])
  })

  describe('after a change', () => {
    const SINCE = Date.now()
    beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: SINCE }))
    afterEach(() => void vi.useRealTimers())

    test('are read again for an unknown key, at the earliest 30 seconds after the last read', async () => {
      answer = { status: 200, body: keysOf('RS256') }
      const [withOldKey, withNewKey] = [
        await signed(),
        await signed({}, { alg: 'ES256', kid: 'ES256' }, pairs.get('ES256')?.privateKey),
      ]
      const statuses = async () => [
        (await ask(withOldKey)).status,
        (await ask(withNewKey)).status,
        requests,
      ]
      expect(await statuses()).toEqual([200, 401, 1])
      answer = { status: 200, body: keysOf('ES256') }
      vi.setSystemTime(SINCE + 29_999)
      expect(await statuses()).toEqual([200, 401, 1])
      vi.setSystemTime(SINCE + 30_000)
      expect(await statuses()).toEqual([200, 200, 2])
      expect((await ask(withOldKey)).status).toBe(401)
    })

    test('are read again after ten minutes, so that a token of a withdrawn key is refused', async () => {
      const token = await signed()
      expect((await ask(token)).status).toBe(200)
      answer = { status: 200, body: keysOf('ES256') }
      vi.setSystemTime(SINCE + 599_999)
      expect([(await ask(token)).status, requests]).toEqual([200, 1])
      vi.setSystemTime(SINCE + 600_000)
      expect([(await ask(token)).status, requests]).toEqual([401, 2])
    })
  })

  test('are requested only once in ten seconds while they cannot be read, and used as soon as they can', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const failing = { status: 500, body: '' }
    for (const failure of [failing, { status: 200, body: '<html>' }, { status: 200, body: '[]' }]) {
      answer = failure
      const tokens = await Promise.all(Array.from({ length: 10 }, () => signed()))
      for (const token of tokens) expect((await ask(token)).status).toBe(503)
      expect((await Promise.all(tokens.map(token => ask(token)))).at(-1)?.status).toBe(503)
      expect(requests).toBe(1)
      expect(backend.faults).toHaveLength(1)
      backend.faults.length = 0
      requests = 0
      vi.setSystemTime(Date.now() + 10_000)
    }
    answer = { status: 200, body: keysOf('RS256') }
    expect((await ask(await signed())).status).toBe(200)
    answer = failing
    vi.setSystemTime(Date.now() + 30_000)
    // A failed read because of an unknown key does not affect tokens of known keys.
    expect((await ask(await signed({}, { kid: 'nobody' }))).status).toBe(503)
    expect((await ask(await signed())).status).toBe(200)
  })

  test('as an empty set verify no token', async () => {
    answer = { status: 200, body: '{"keys":[]}' }
    expect((await ask(await signed())).status).toBe(401)
  })

  test('with the same ID do not verify a token of a third key', async () => {
    const both = JSON.parse(keysOf('RS256', 'PS256'))
    for (const key of both.keys) Object.assign(key, { kid: 'RS256', alg: undefined })
    answer = { status: 200, body: JSON.stringify(both) }
    expect((await ask(await signed({}, {}, foreign))).status).toBe(401)
  })

  test('are requested once for many concurrent tokens and unknown key IDs', async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, () => signed()))
    const answers = await Promise.all(tokens.map(token => ask(token)))
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
    expect(requests).toBe(1)
    for (const kid of ['a', 'b', 'c']) await ask(await signed({}, { kid }))
    expect(requests).toBe(1)
  })
})
