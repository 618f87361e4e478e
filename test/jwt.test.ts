// Tokens of somebody else's: only what the one issuer signed, for this audience, for now, lets anyone in; and what it
// lets see is kept here.

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

/** The issuer: answers with its keys, or as a test wants. */
let issuer: Server
let asked = 0
let answer: { status: number; body: string; headers?: Record<string, string> }
const keysOf = (...names: string[]) =>
  JSON.stringify({ keys: names.map(name => ({ ...pairs.get(name)?.jwk, kid: name })) })

let behind: TestApp
let app: App
let clock: Instant

beforeAll(async () => {
  for (const algorithm of ALGORITHMS) {
    const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true })
    pairs.set(algorithm, { privateKey, jwk: { ...(await exportJWK(publicKey)), alg: algorithm } })
  }
  foreign = (await generateKeyPair('RS256')).privateKey
  issuer = createServer(({ url }, response) => {
    asked++
    const { status, body, headers } =
      url === '/elsewhere' ? { status: 200, body: keysOf(...ALGORITHMS), headers: {} } : answer
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
  })
  await new Promise<void>(resolve => issuer.listen(0, '127.0.0.1', resolve))
})
afterAll(() => void issuer.close())

beforeEach(async () => {
  answer = { status: 200, body: keysOf(...ALGORITHMS) }
  asked = 0
  clock = NOW
  behind = await openApp()
  await behind.store.append([event()])
  app = appWithIssuer()
  await giveRights(SUBJECT)
})
afterEach(() => behind.store.close())

function appWithIssuer(named = ISSUER, query = ''): App {
  const { port } = issuer.address() as AddressInfo
  const jwksUrl = `http://127.0.0.1:${port}/keys${query}`
  return createApp({
    store: behind.store,
    reportFault: error => behind.faults.push(error),
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
  await behind.store.tokens.create(token, hashSubject(ISSUER, subject))
  return token
}

const GOOD = { iss: ISSUER, aud: AUDIENCE, sub: SUBJECT, iat: SECONDS - 60, exp: SECONDS + 600 }

function signed(
  claims: object = {},
  header: Record<string, unknown> = {},
  key: Key | Uint8Array | undefined = pairs.get('RS256')?.privateKey,
): Promise<string> {
  const whole = JSON.parse(JSON.stringify({ ...GOOD, ...claims }))
  return new SignJWT(whole)
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

describe('lets in', () => {
  test.each(ALGORITHMS)('what the issuer signed by %s', async algorithm => {
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
    ['in the other header', {}, {}, 'x-auth-token'],
    ['of the type JWT', {}, { typ: 'JWT' }],
    ['of a type in capitals', {}, { typ: 'AT+JWT' }],
    ['of a type by its whole name', {}, { typ: 'application/at+jwt' }],
    ['of no type', {}, { typ: undefined }],
    ['for several audiences', { aud: ['https://other.example', AUDIENCE] }, {}],
    ['that began three seconds from now, by another clock', { nbf: SECONDS + 3 }, {}],
    ['that ended three seconds ago, by another clock', { exp: SECONDS - 3 }, {}],
  ])('a token %s', async (_, claims, header, name = 'authorization') => {
    const { status } = await ask(await signed(claims, header), name)
    expect(status).toBe(200)
  })

  test('with the rights that are kept here, not with those the token boasts of', async () => {
    const boast = {
      owner: true,
      permission_sets: ['OrganizationManager'],
      scope: 'admin',
      roles: ['owner'],
    }
    await giveRights('bob', ['AuditTrailReadOnly'])
    const { body } = await ask(await signed({ ...boast, sub: 'bob' }))
    expect(body.data.viewer.memberships).toEqual([{ seesEvents: true, seesUsers: false }])
  })

  test('until its rights are revoked, from the next request on', async () => {
    const token = await signed({ sub: 'carol' })
    const rights = await giveRights('carol')
    expect((await ask(token)).status).toBe(200)
    await behind.store.tokens.revoke(rights.id)
    expect((await ask(token)).status).toBe(403)
  })

  test('until it expires', async () => {
    const token = await signed()
    expect((await ask(token)).status).toBe(200)
    clock = NOW + 606e6
    expect((await ask(token)).status).toBe(401)
  })
})

test('a sound token of somebody who has no rights here is forbidden, and tells nothing', async () => {
  const { status, body } = await ask(await signed({ sub: 'mallory' }))
  expect(status).toBe(403)
  expect(body.errors[0].extensions.code).toBe('FORBIDDEN')
})

test('rights of a subject end at the instant they were given until', async () => {
  await giveRights('dave', ['IAMReadOnly'], NOW + 1)
  const token = await signed({ sub: 'dave' })
  expect((await ask(token)).status).toBe(200)
  clock = NOW + 1
  expect((await ask(token)).status).toBe(403)
})

test('rights of a subject are those by one issuer: by another its name means somebody else', async () => {
  const other = 'https://other.example/'
  const token = await signed({ iss: other })
  expect((await ask(token)).status).toBe(401)
  app = appWithIssuer(other)
  expect((await ask(token)).status).toBe(403)
  const grants = [{ organizationId: ORGANIZATION, owner: true, permissionSets: [] }]
  const { token: rights } = newToken({ name: 'another', grants, expiresAt: null }, NOW)
  await behind.store.tokens.create(rights, hashSubject(other, SUBJECT))
  expect((await ask(token)).body.data.viewer.name).toBe('another')
})

describe('at its very edge', () => {
  test.each([
    ['exp', 'five seconds ago, less one', { exp: SECONDS - 4 }, 200],
    ['exp', 'five seconds ago', { exp: SECONDS - 5 }, 401],
    ['nbf', 'in five seconds', { nbf: SECONDS + 5 }, 200],
    ['nbf', 'in six seconds', { nbf: SECONDS + 6 }, 401],
    ['iat', 'in five seconds', { iat: SECONDS + 5 }, 200],
    ['iat', 'in six seconds', { iat: SECONDS + 6 }, 401],
    ['iat', 'a day and five seconds ago', { iat: SECONDS - 86_405 }, 200],
    ['iat', 'a day and six seconds ago', { iat: SECONDS - 86_406 }, 401],
    ['sub', 'of 256 characters', { sub: 'x'.repeat(256) }, 200],
    ['sub', 'of 257 characters', { sub: 'x'.repeat(257) }, 401],
  ])('%s %s', async (_, __, claims, status) => {
    await giveRights('x'.repeat(256))
    await giveRights('x'.repeat(257))
    expect((await ask(await signed(claims))).status).toBe(status)
  })

  test('a token of 8,192 characters is taken, and none that is longer', async () => {
    // Three bytes more are four characters.
    const least = Math.floor(((8_192 - (await signed({ more: '' })).length) * 3) / 4) - 3
    const made = await Promise.all(
      Array.from({ length: 8 }, (_, more) => signed({ more: 'x'.repeat(least + more) })),
    )
    const lengths = made.map(({ length }) => length)
    expect(Math.max(...lengths.filter(length => length <= 8_192))).toBeGreaterThan(8_189)
    expect(Math.min(...lengths.filter(length => length > 8_192))).toBeLessThan(8_196)
    for (const token of made) {
      expect((await ask(token)).status).toBe(token.length <= 8_192 ? 200 : 401)
    }
  })

  test('a token of exactly 8,192 characters is taken', async () => {
    // Each part alone has lengths it cannot have; of two that grow, one length is met.
    const made: string[] = []
    for (const x of ['', 'x', 'xx', 'xxx']) {
      const bare = (await signed({ more: '' }, { x })).length
      const more = 'x'.repeat(Math.floor(((8_192 - bare) * 3) / 4))
      for (const end of ['', 'x', 'xx']) made.push(await signed({ more: more + end }, { x }))
    }
    const exact = made.find(({ length }) => length === 8_192) ?? ''
    expect(exact).toHaveLength(8_192)
    expect((await ask(exact)).status).toBe(200)
  })

  test.each([
    [262_144, 200],
    [262_145, 503],
  ])('keys of %i bytes', async (length, status) => {
    const keys = keysOf(...ALGORITHMS)
    answer = { status: 200, body: `${keys}${' '.repeat(length - keys.length)}` }
    expect((await ask(await signed())).status).toBe(status)
  })
})

describe('does not let in', () => {
  const part = (value: object) => base64url.encode(JSON.stringify(value))
  const cut = (token: string) => token.split('.') as [string, string, string]

  const WRONG: readonly [string, () => Promise<string>][] = [
    ['of another key', () => signed({}, {}, foreign)],
    ['without a signature', async () => new UnsecuredJWT(GOOD).encode()],
    [
      'with alg none and a signature',
      async () => `${part({ alg: 'none' })}.${part(GOOD)}.${cut(await signed())[2]}`,
    ],
    ['with alg nOnE', async () => `${part({ alg: 'nOnE' })}.${part(GOOD)}.`],
    [
      'signed by the public key as a secret',
      async () => {
        const secret = new TextEncoder().encode(JSON.stringify(pairs.get('RS256')?.jwk))
        return signed({}, { alg: 'HS256' }, secret)
      },
    ],
    [
      'of a key of its own',
      async () => {
        const { privateKey, publicKey } = await generateKeyPair('ES256')
        return signed(
          {},
          { alg: 'ES256', jwk: await exportJWK(publicKey), kid: undefined },
          privateKey,
        )
      },
    ],
    ['with its keys elsewhere', () => signed({}, { jku: 'https://evil.example/keys' }, foreign)],
    ['of a key ID that is not there', () => signed({}, { kid: 'nobody' })],
    ['of another kind of key', () => signed({}, { alg: 'RS256', kid: 'ES256' })],
    [
      'with the claims exchanged',
      async () => {
        const [header, , signature] = cut(await signed())
        return `${header}.${part({ ...GOOD, sub: 'root' })}.${signature}`
      },
    ],
    [
      'with an unknown critical header',
      async () => {
        const [, payload, signature] = cut(await signed())
        return `${part({ alg: 'RS256', crit: ['exotic'], exotic: 1 })}.${payload}.${signature}`
      },
    ],
    ['of another issuer', () => signed({ iss: 'https://evil.example/' })],
    ['of an issuer without the slash', () => signed({ iss: ISSUER.slice(0, -1) })],
    ['of no issuer', () => signed({ iss: undefined })],
    ['for another audience', () => signed({ aud: 'https://other.example' })],
    ['for no audience', () => signed({ aud: undefined })],
    ['for an empty list of audiences', () => signed({ aud: [] })],
    ['that has ended', () => signed({ exp: SECONDS - 6 })],
    ['without an end', () => signed({ exp: undefined })],
    ['with an end that is no number', () => signed({ exp: 'never' })],
    ['that has not begun', () => signed({ nbf: SECONDS + 60 })],
    ['without a beginning', () => signed({ iat: undefined })],
    ['that is issued in the future', () => signed({ iat: SECONDS + 60 })],
    ['that is a day old, whenever it ends', () => signed({ iat: SECONDS - 86_500, exp: 1e30 })],
    ['without a subject', () => signed({ sub: undefined })],
    ['of an empty subject', () => signed({ sub: '' })],
    ['of a subject that is a list', () => signed({ sub: [SUBJECT] })],
    ['of a subject as another would be kept', () => signed({ sub: `a\0${ISSUER}\0${SUBJECT}` })],
    ['that is an ID token', () => signed({}, { typ: 'id+jwt' })],
    ['that is a logout token', () => signed({}, { typ: 'logout+jwt' })],
    ['of nine thousand characters', () => signed({ more: 'x'.repeat(9_000) })],
    [
      'that is half',
      async () =>
        cut(await signed())
          .slice(0, 2)
          .join('.'),
    ],
    ['with nothing in it', async () => '..'],
  ]
  test.each(WRONG)('a token %s', async (_, make) => {
    const { status, body, text } = await ask(await make())
    expect(status).toBe(401)
    expect(body.errors[0].extensions.code).toBe('UNAUTHENTICATED')
    expect(text).not.toMatch(/signature|claim|jwk|jose/i)
    expect(behind.faults).toEqual([])
  })

  const ODD = [null, true, 0, 1.5, '', 'x', [], ['RS256'], {}, { toLowerCase: 'at+jwt' }]
  const HEADERS = ['alg', 'kid', 'typ', 'cty', 'crit', 'jwk', 'jku', 'x5c', 'x5t', 'b64', 'zip']
  test.each(HEADERS)('a token whose %s is nothing that it can be, signed or not', async name => {
    const key = pairs.get('RS256')?.privateKey as CryptoKey
    for (const odd of ODD) {
      const header = { alg: 'RS256', kid: 'RS256', typ: 'at+jwt', [name]: odd }
      const what = `${part(header)}.${part(GOOD)}`
      const signature = await crypto.subtle.sign(key.algorithm, key, Buffer.from(what))
      for (const last of [Buffer.from(signature).toString('base64url'), 'AAAA']) {
        const { status } = await ask(`${what}.${last}`)
        expect(last === 'AAAA' || name === 'typ' ? [401] : [200, 401]).toContain(status)
        expect(behind.faults).toEqual([])
      }
    }
  })

  test('a token with any bit turned over', async () => {
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
        const turned = bytes.map(one => Buffer.from(one))
        const one = turned[at] as Buffer
        one[bit >> 3] = (one[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const forged = turned.map(each => each.toString('base64url')).join('.')
        await expect(verifier.personOf(forged, NOW)).rejects.toMatchObject({
          code: 'UNAUTHENTICATED',
        })
      }),
      { numRuns: 2_000 },
    )
  })
})

describe("the issuer's keys", () => {
  test.each([
    ['cannot be had', { status: 500, body: '' }],
    ['are not there', { status: 404, body: '{}' }],
    ['are elsewhere', { status: 302, body: '', headers: { location: '/elsewhere' } }],
    ['are no JSON', { status: 200, body: '<html>' }],
    ['are no set of keys', { status: 200, body: '{"key":[]}' }],
    ['are too many', { status: 200, body: `{"keys":[],"more":"${'x'.repeat(300_000)}"}` }],
  ])(
    "%s: nobody is let in, the operator is told, and the program's own tokens are taken",
    async (_, given) => {
      answer = given
      const { status, text, body, headers } = await ask(await signed())
      expect(status).toBe(503)
      expect(body.errors).toEqual([
        expect.objectContaining({ extensions: { code: 'UNAVAILABLE' } }),
      ])
      expect(headers.get('retry-after')).toBe('10')
      expect(text).not.toContain('127.0.0.1')
      expect(behind.faults).toHaveLength(1)
      expect((await ask(await behind.token(), 'x-auth-token')).status).toBe(200)
    },
  )

  test.each([201, 404, 500, 503])('that come with status %i are none', async status => {
    answer = { status, body: keysOf(...ALGORITHMS) }
    expect((await ask(await signed())).status).toBe(503)
    expect(behind.faults).toHaveLength(1)
  })

  test('are told of without what stands behind the question mark of their address', async () => {
    answer = { status: 500, body: '' }
    app = appWithIssuer(ISSUER, '?code=key-of-keys')
    expect((await ask(await signed())).status).toBe(503)
    const { port } = issuer.address() as AddressInfo
    expect(behind.faults.map(fault => (fault as Error).message)).toEqual([
      `the keys of http://127.0.0.1:${port}/keys cannot be read`,
    ])
  })

  describe('that change', () => {
    const SINCE = Date.now()
    beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: SINCE }))
    afterEach(() => void vi.useRealTimers())

    test('are looked for where one is not known, half a minute after the last look', async () => {
      answer = { status: 200, body: keysOf('RS256') }
      const [old, young] = [
        await signed(),
        await signed({}, { alg: 'ES256', kid: 'ES256' }, pairs.get('ES256')?.privateKey),
      ]
      const statuses = async () => [(await ask(old)).status, (await ask(young)).status, asked]
      expect(await statuses()).toEqual([200, 401, 1])
      answer = { status: 200, body: keysOf('ES256') }
      vi.setSystemTime(SINCE + 29_999)
      expect(await statuses()).toEqual([200, 401, 1])
      vi.setSystemTime(SINCE + 30_000)
      expect(await statuses()).toEqual([200, 200, 2])
      expect((await ask(old)).status).toBe(401)
    })

    test('are looked at anew after ten minutes, so that one that was withdrawn is nothing', async () => {
      const token = await signed()
      expect((await ask(token)).status).toBe(200)
      answer = { status: 200, body: keysOf('ES256') }
      vi.setSystemTime(SINCE + 599_999)
      expect([(await ask(token)).status, asked]).toEqual([200, 1])
      vi.setSystemTime(SINCE + 600_000)
      expect([(await ask(token)).status, asked]).toEqual([401, 2])
    })
  })

  test('that cannot be had are asked for once in ten seconds, whoever asks, and had when they are there', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const failing = { status: 500, body: '' }
    for (const given of [failing, { status: 200, body: '<html>' }, { status: 200, body: '[]' }]) {
      answer = given
      const tokens = await Promise.all(Array.from({ length: 10 }, () => signed()))
      for (const token of tokens) expect((await ask(token)).status).toBe(503)
      expect((await Promise.all(tokens.map(token => ask(token)))).at(-1)?.status).toBe(503)
      expect(asked).toBe(1)
      expect(behind.faults).toHaveLength(1)
      behind.faults.length = 0
      asked = 0
      vi.setSystemTime(Date.now() + 10_000)
    }
    answer = { status: 200, body: keysOf('RS256') }
    expect((await ask(await signed())).status).toBe(200)
    answer = failing
    vi.setSystemTime(Date.now() + 30_000)
    // A look for a key that nobody knows keeps nobody out who is known.
    expect((await ask(await signed({}, { kid: 'nobody' }))).status).toBe(503)
    expect((await ask(await signed())).status).toBe(200)
  })

  test('are none: what they signed before is nothing', async () => {
    answer = { status: 200, body: '{"keys":[]}' }
    expect((await ask(await signed())).status).toBe(401)
  })

  test('are two of one name: neither is taken on trust', async () => {
    const both = JSON.parse(keysOf('RS256', 'PS256'))
    for (const key of both.keys) Object.assign(key, { kid: 'RS256', alg: undefined })
    answer = { status: 200, body: JSON.stringify(both) }
    expect((await ask(await signed({}, {}, foreign))).status).toBe(401)
  })

  test('are asked for once, whoever comes', async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, () => signed()))
    const answers = await Promise.all(tokens.map(token => ask(token)))
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
    expect(asked).toBe(1)
    for (const kid of ['a', 'b', 'c']) await ask(await signed({}, { kid }))
    expect(asked).toBe(1)
  })
})
