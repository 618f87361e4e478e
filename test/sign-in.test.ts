// Signing in with an identity provider, as browsers do and as attackers try, with complete servers and an issuer over HTTP.

import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSessions } from '../src/auth/sessions.ts'
import { now } from '../src/instant.ts'
import { scalewayIds } from '../src/principal.ts'
import { createApp } from '../src/server/app.ts'
import { openStore } from '../src/storage/open.ts'
import type { TestApp } from './support/app.ts'
import { temporaryFolder } from './support/command.ts'
import { ORGANIZATION, OTHER_ORGANIZATION } from './support/events.ts'
import type { TestIssuer } from './support/issuer.ts'
import {
  AUDIENCE,
  type HouseOptions,
  openSignInHouse,
  type SignInHouse,
} from './support/sign-in.ts'
import { type Door, type Listener, subscribe } from './support/streams.ts'
import { Visitor } from './support/visitor.ts'

const HOUR = 3_600_000_000
const WHO = '{ viewer { name memberships { owner permissionSets } } organizations { id } }'

let house: SignInHouse
let behind: TestApp
let issuer: TestIssuer
let url: string

beforeEach(() => open())
afterEach(() => house.close())

async function open(options: HouseOptions = {}): Promise<void> {
  house = await openSignInHouse(options)
  behind = house.behind
  issuer = house.issuer
  url = house.url
}

async function reopen(options: HouseOptions): Promise<void> {
  await house.close()
  await open(options)
}

const give: SignInHouse['give'] = (...args) => house.give(...args)

async function signedIn(): Promise<Visitor> {
  const visitor = new Visitor(url)
  expect(await visitor.signIn()).toBe(`${url}/`)
  return visitor
}

const ADA = { kind: 'subject', name: 'ada' } as const
const SECURITY = { kind: 'group', name: 'security' } as const
const OWNER = { owner: true }

describe('a person who signs in', () => {
  test('has the rights granted to the person and to its groups together', async () => {
    await give(ADA, { permissionSets: ['AuditTrailReadOnly'] })
    await give(SECURITY, { permissionSets: ['IAMUserReadOnly', 'AuditTrailReadOnly'] })
    await give({ kind: 'group', name: 'staff' }, { organizationId: OTHER_ORGANIZATION, ...OWNER })
    await give({ kind: 'group', name: 'ada' }, OWNER)
    await give({ kind: 'subject', name: 'security' }, OWNER)
    const { status, data } = await (await signedIn()).graph(WHO)
    expect(status).toBe(200)
    expect(data).toEqual({
      viewer: {
        name: 'Ada Lovelace',
        memberships: [
          { owner: true, permissionSets: [] },
          { owner: false, permissionSets: ['AuditTrailReadOnly', 'IAMUserReadOnly'] },
        ].sort(() => (OTHER_ORGANIZATION < ORGANIZATION ? 1 : -1)),
      },
      organizations: [{ id: ORGANIZATION }, { id: OTHER_ORGANIZATION }].sort((a, b) =>
        a.id < b.id ? -1 : 1,
      ),
    })
  })

  test('has no rights of a person or group of the same name at another issuer', async () => {
    const membership = { organizationId: ORGANIZATION, permissionSets: [], ...OWNER }
    for (const holder of [ADA, SECURITY]) {
      const grant = { id: randomUUID(), holder, membership, createdAt: now() }
      await behind.store.access.create({ ...grant, issuer: 'https://other.example' })
    }
    expect((await (await signedIn()).graph(WHO)).status).toBe(403)
  })

  test('without rights is signed in, and the error says how an operator grants rights', async () => {
    const visitor = await signedIn()
    const { status, errors } = await visitor.graph(WHO)
    expect([status, errors?.[0]]).toEqual([
      403,
      {
        message:
          '"ada" has no rights here; an operator can grant some with: iam-logs access grant --subject "ada"',
        extensions: { code: 'FORBIDDEN' },
      },
    ])
    expect(await (await visitor.ask('/session')).json()).toEqual({ signIn: true, signedIn: true })
  })

  test('loses and gains rights from the next request on', async () => {
    const grant = await give(SECURITY, { permissionSets: ['AuditTrailReadOnly'] })
    const visitor = await signedIn()
    expect((await visitor.graph(WHO)).status).toBe(200)
    await behind.store.access.revoke(grant)
    expect((await visitor.graph(WHO)).status).toBe(403)
    await give(ADA, OWNER)
    expect((await visitor.graph(WHO)).data.viewer.memberships).toEqual([
      { owner: true, permissionSets: [] },
    ])
  })

  test('has streams that end when the grant is revoked, and at sign-out', async () => {
    const grant = await give(SECURITY, { permissionSets: ['AuditTrailReadOnly'] })
    const visitor = await signedIn()
    const door: Door = (path, { headers, ...init }) => {
      const { 'x-auth-token': _, ...rest } = headers as Record<string, string>
      return visitor.ask(path, { ...init, headers: rest })
    }
    const first = await subscribe(door, { token: '' })
    await behind.store.access.revoke(grant)
    const codesOf = async (stream: Listener) =>
      (await stream.rest()).map(({ data }) => data?.errors?.[0].extensions.code).filter(Boolean)
    expect(await codesOf(first)).toEqual(['FORBIDDEN'])
    await give(ADA, OWNER)
    const second = await subscribe(door, { token: '' })
    await visitor.ask('/sign-out', { method: 'POST' })
    expect(await codesOf(second)).toEqual(['UNAUTHENTICATED'])
  })

  test('is named in the audit records of sign-in, exports and sign-out', async () => {
    await give(ADA, OWNER)
    const visitor = await signedIn()
    await visitor.ask(`/export/${ORGANIZATION}.ndjson`).then(answer => answer.text())
    await visitor.ask('/sign-out', { method: 'POST' })
    const who = { requestId: expect.any(String), address: '127.0.0.1' }
    const person = { issuer: issuer.url, subject: 'ada', name: 'Ada Lovelace' }
    expect(house.records).toMatchObject([
      { event: 'signed_in', ...who, ...person },
      { event: 'export_began', ...who, subject: 'ada', tokenName: 'Ada Lovelace' },
      { event: 'export_ended', ...who, subject: 'ada', complete: true },
      { event: 'signed_out', ...who, ...person },
    ])
  })
})

describe('a JSON Web Token of the issuer', () => {
  test('has the rights granted to its subject and groups, from one request to the next', async () => {
    const grant = await give(SECURITY, { permissionSets: ['AuditTrailReadOnly'] })
    await give({ kind: 'subject', name: 'bob' }, OWNER)
    const visitor = new Visitor(url)
    const ask = async (subject: string, claims: object = {}) => {
      const token = await issuer.jwt(subject, AUDIENCE, claims)
      return visitor.graph(WHO, { authorization: `Bearer ${token}` })
    }
    expect((await ask('bob')).data.viewer).toEqual({
      name: 'bob',
      memberships: [{ owner: true, permissionSets: [] }],
    })
    const groups = ['security']
    expect((await ask('carol', { groups })).data.organizations).toEqual([{ id: ORGANIZATION }])
    expect((await ask('carol')).status).toBe(403)
    await behind.store.access.revoke(grant)
    expect((await ask('carol', { groups })).status).toBe(403)
  })

  test('takes precedence over a session cookie in the same request, also if it is wrong', async () => {
    await give(ADA, OWNER)
    await give({ kind: 'subject', name: 'bob' }, { permissionSets: ['AuditTrailReadOnly'] })
    const visitor = await signedIn()
    const bob = await issuer.jwt('bob', AUDIENCE)
    const asBob = await visitor.graph(WHO, { authorization: `Bearer ${bob}` })
    expect(asBob.data.viewer.name).toBe('bob')
    expect((await visitor.graph(WHO, { 'x-auth-token': 'wrong' })).status).toBe(401)
    expect((await visitor.graph(WHO, { authorization: 'Bearer wrong' })).status).toBe(401)
    // Such a header belongs to a proxy in front of this server.
    const basic = await visitor.graph(WHO, { authorization: 'Basic YTpi' })
    expect(basic.data.viewer.name).toBe('Ada Lovelace')
  })
})

describe('a cookie of this server', () => {
  const secretOf = (visitor: Visitor) => visitor.cookies.get('iam-logs-session') ?? ''

  test('for a session is HttpOnly and SameSite, and expires with the session', async () => {
    const visitor = new Visitor(url)
    const back = await visitor.fetch(await visitor.toCallback())
    const set = back.headers.getSetCookie().find(line => line.startsWith('iam-logs-session='))
    expect(set?.replace(/=[\w-]{43};/, '=SECRET;')).toBe(
      'iam-logs-session=SECRET; Max-Age=28800; Path=/; HttpOnly; SameSite=Lax',
    )
    expect(back.headers.get('cache-control')).toBe('no-store')
  })

  test('for a sign-in attempt is limited to https and to the host or path of the public URL', async () => {
    const nameAt = async (publicUrl: string) => {
      const signIn = { issuer: issuer.client, publicUrl, lasts: HOUR }
      const base = new URL(publicUrl).pathname.replace(/\/$/, '')
      const options = { store: behind.store, reportFault: () => {}, signIn, hosts: ['*'] }
      const app = createApp({ ...options, base })
      const headers = { 'x-iam-logs-page': '1', origin: new URL(publicUrl).origin }
      const request = new Request(`${publicUrl}/sign-in`, { method: 'POST', headers })
      const set = (await app.fetch(request)).headers.get('set-cookie')
      return set?.replace(/=[\w-]+;/, ';')
    }
    expect(await nameAt('https://logs.example')).toBe(
      '__Host-iam-logs-attempt; Max-Age=600; Path=/; HttpOnly; Secure; SameSite=Lax',
    )
    expect(await nameAt('https://logs.example/iam')).toBe(
      '__Secure-iam-logs-attempt; Max-Age=600; Path=/iam; HttpOnly; Secure; SameSite=Lax',
    )
    expect(await nameAt('http://localhost:4000')).toBe(
      'iam-logs-attempt; Max-Age=600; Path=/; HttpOnly; SameSite=Lax',
    )
  })

  test('for a session is in no file of the database, nor are the tokens of the issuer, in any encoding', async () => {
    using folder = temporaryFolder()
    const store = await openStore(join(folder.path, 'log.db'), { scalewayIds: scalewayIds() })
    const sessions = createSessions(store.sessions, issuer.client, HOUR, now)
    const person = { issuer: issuer.url, subject: 'ada', name: null, groups: [] }
    const tokens = { idToken: 'the-id-token', refreshToken: 'the-refresh-token' }
    const secret = await sessions.begin({ person, ...tokens, validUntil: now() + HOUR })
    expect(await sessions.personOf(secret)).toEqual(person)
    const running = bytesIn(folder.path)
    await store.close()
    const random = Buffer.from(secret, 'base64url')
    for (const bytes of [running, bytesIn(folder.path)]) {
      expect(bytes.includes('ada')).toBe(true)
      for (const form of [secret, random, random.toString('hex'), ...Object.values(tokens)]) {
        expect(bytes.includes(form)).toBe(false)
      }
    }
  })

  test('for a session is accepted only in requests by pages of this server', async () => {
    await give(ADA, OWNER)
    const visitor = await signedIn()
    const query = JSON.stringify({ query: WHO })
    const json = { 'content-type': 'application/json' }
    const page = { 'x-iam-logs-page': '1' }
    const post = (headers: Record<string, string>) =>
      visitor.fetch(`${url}/graphql`, { method: 'POST', headers, body: query })
    const get = (path: string, headers: Record<string, string>) =>
      visitor.fetch(`${url}${path}`, { headers })
    const foreign = [
      post(json),
      post({ ...json, origin: url }),
      post({ ...json, ...page, origin: 'https://evil.example' }),
      post({ ...json, ...page, origin: 'null' }),
      post({ ...json, ...page, origin: url, 'sec-fetch-site': 'cross-site' }),
      post({ ...json, ...page, origin: url, 'sec-fetch-site': 'same-site' }),
      get(`/graphql?query=${encodeURIComponent(WHO)}`, page),
      get(`/export/${ORGANIZATION}.ndjson`, {}),
      get(`/export/${ORGANIZATION}.ndjson`, { ...page, 'sec-fetch-site': 'cross-site' }),
      get(`/feed/${ORGANIZATION}`, page),
    ]
    for (const one of await Promise.all(foreign)) expect(one.status).toBe(401)
    expect(
      (await post({ ...json, ...page, origin: url, 'sec-fetch-site': 'same-origin' })).status,
    ).toBe(200)
    expect((await get(`/export/${ORGANIZATION}.ndjson`, page)).status).toBe(200)
  })

  test('for a session does not let another site begin a sign-in or sign out', async () => {
    await give(ADA, OWNER)
    const visitor = await signedIn()
    for (const path of ['/sign-out', '/sign-in']) {
      const plain = await visitor.fetch(`${url}${path}`, { method: 'POST' })
      const forged = await visitor.ask(path, {
        method: 'POST',
        headers: { 'sec-fetch-site': 'cross-site' },
      })
      expect([plain.status, forged.status]).toEqual([403, 403])
      expect((await visitor.fetch(`${url}${path}`)).status).toBe(405)
    }
    expect((await visitor.graph(WHO)).status).toBe(200)
    expect(house.records.filter(({ event }) => event === 'access_denied')).toMatchObject(
      Array(4).fill({ reason: 'foreign_origin', path: 'session', status: 403 }),
    )
  })

  test('for a session is valid in every process until a sign-out in one of them', async () => {
    await give(ADA, OWNER)
    const visitor = await signedIn()
    const other = await house.serve('http://127.0.0.1:0')
    const elsewhere = new Visitor(url)
    elsewhere.cookies.set('iam-logs-session', secretOf(visitor))
    const atOther = async () => {
      const headers = {
        'content-type': 'application/json',
        'x-iam-logs-page': '1',
        cookie: `iam-logs-session=${secretOf(elsewhere)}`,
      }
      const body = JSON.stringify({ query: WHO })
      return (await other.fetch(new Request(`${url}/graphql`, { method: 'POST', headers, body })))
        .status
    }
    expect(await atOther()).toBe(200)
    const { location } = await (await visitor.ask('/sign-out', { method: 'POST' })).json()
    expect(visitor.cookies.has('iam-logs-session')).toBe(false)
    expect(await atOther()).toBe(401)
    expect((await elsewhere.graph(WHO)).errors?.[0].message).toBe(
      'your session has ended; sign in again',
    )
    const end = new URL(location)
    expect(end.origin + end.pathname).toBe(`${issuer.url}/session/end`)
    expect(end.searchParams.get('post_logout_redirect_uri')).toBe(`${url}/`)
    expect(end.searchParams.get('id_token_hint')).toMatch(/^ey/)
  })

  test('with a made-up secret is refused, and causes no reported fault', async () => {
    for (const secret of ['', 'x', 'A'.repeat(43), '../../etc', 'é', '\0']) {
      const visitor = new Visitor(url)
      visitor.cookies.set('iam-logs-session', encodeURIComponent(secret))
      expect((await visitor.graph(WHO)).status).toBe(401)
      expect((await visitor.ask('/sign-out', { method: 'POST' })).status).toBe(200)
    }
    expect(behind.faults).toEqual([])
  })
})

describe('the callback of a sign-in', () => {
  test('leads back to the page that was left, and only to pages of this server', async () => {
    const ways = {
      '': '/',
      '?actions=CREATED&principalIds=a%20b': '/?actions=CREATED&principalIds=a%20b',
      graphql: '/graphql',
      ...Object.fromEntries(
        [
          ...['https://evil.example/', '//evil.example/', '/evil.example', '\\\\evil.example'],
          ...['@evil.example', '.evil.example', ':80', '?a#token=x', '?a\r\nset-cookie: b=c'],
          ...['graphql/../../x', 'graphqlx', `?${'x'.repeat(1_800)}`],
        ].map(to => [to, '/']),
      ),
    }
    for (const [to, path] of Object.entries(ways)) {
      expect([to, await new Visitor(url).signIn(to)]).toEqual([to, url + path])
    }
  })

  const refusedWith = async (visitor: Visitor, callback: string) => {
    const back = await visitor.fetch(callback)
    expect(back.status).toBe(303)
    expect(visitor.cookies.has('iam-logs-session')).toBe(false)
    return back.headers.get('location')
  }

  test('is refused in another browser, with another or no state, and a second time', async () => {
    const visitor = new Visitor(url)
    const callback = await visitor.toCallback('?actions=CREATED')
    expect(await refusedWith(new Visitor(url), callback)).toBe(`${url}/#sign-in=late`)
    const changed = new URL(callback)
    changed.searchParams.set('state', 'another')
    expect(await refusedWith(visitor, changed.href)).toBe(`${url}/?actions=CREATED#sign-in=late`)
    changed.searchParams.delete('state')
    expect(await refusedWith(visitor, changed.href)).toBe(`${url}/?actions=CREATED#sign-in=late`)
    const attempt = visitor.cookies.get('iam-logs-attempt') ?? ''
    expect((await visitor.fetch(callback)).headers.get('location')).toBe(`${url}/?actions=CREATED`)
    visitor.cookies.clear()
    visitor.cookies.set('iam-logs-attempt', attempt)
    expect(await refusedWith(visitor, callback)).toBe(`${url}/?actions=CREATED#sign-in=refused`)
    expect(
      house.records.map(record => ('reason' in record ? record.reason : record.event)),
    ).toEqual([...Array(3).fill('sign_in_failed'), 'signed_in', 'sign_in_failed'])
    expect(behind.faults).toEqual([])
  })

  test('is refused with another nonce or verifier in the cookie', async () => {
    for (const name of ['nonce', 'verifier']) {
      const visitor = new Visitor(url)
      const callback = await visitor.toCallback()
      const cookie = visitor.cookies.get('iam-logs-attempt') ?? ''
      const attempt = JSON.parse(Buffer.from(cookie, 'base64url').toString())
      const forged = JSON.stringify({ ...attempt, [name]: 'x'.repeat(43) })
      visitor.cookies.set('iam-logs-attempt', Buffer.from(forged).toString('base64url'))
      expect(await refusedWith(visitor, callback)).toBe(`${url}/#sign-in=refused`)
    }
    expect(behind.faults).toEqual([])
  })

  test('leads to no other server, even if the cookie names one', async () => {
    const visitor = new Visitor(url)
    const callback = await visitor.toCallback('?a')
    const cookie = visitor.cookies.get('iam-logs-attempt') ?? ''
    const attempt = JSON.parse(Buffer.from(cookie, 'base64url').toString())
    const forged = JSON.stringify({ ...attempt, to: '@evil.example' })
    visitor.cookies.set('iam-logs-attempt', Buffer.from(forged).toString('base64url'))
    expect((await visitor.fetch(callback)).headers.get('location')).toBe(`${url}/`)
  })

  test('leads back to the page with the reason if the issuer refused the sign-in', async () => {
    issuer.person = null
    expect(await new Visitor(url).signIn('?a')).toBe(`${url}/?a#sign-in=refused`)
    expect(behind.faults).toEqual([])
  })

  test('ends the previous session of the browser', async () => {
    await give(ADA, OWNER)
    const visitor = await signedIn()
    const former = new Visitor(url)
    former.cookies.set('iam-logs-session', visitor.cookies.get('iam-logs-session') ?? '')
    expect((await former.graph(WHO)).status).toBe(200)
    await visitor.signIn()
    expect((await visitor.graph(WHO)).status).toBe(200)
    expect((await former.graph(WHO)).status).toBe(401)
  })
})

describe('an issuer that does not respond', () => {
  test('is reported once, is not requested again by each sign-in, and does not affect access tokens', async () => {
    issuer.away = 503
    const visitor = new Visitor(url)
    for (let times = 0; times < 3; times++) {
      const begun = await visitor.ask('/sign-in', { method: 'POST' })
      expect([begun.status, begun.headers.get('retry-after'), (await begun.json()).errors]).toEqual(
        [
          ...[503, '10'],
          [
            {
              message: 'the identity provider does not respond; try again in a moment',
              extensions: { code: 'UNAVAILABLE' },
            },
          ],
        ],
      )
    }
    expect(issuer.asked).toEqual(['/.well-known/openid-configuration'])
    expect(behind.faults).toHaveLength(1)
    expect(String(behind.faults[0])).toContain(
      `a request to the identity provider ${issuer.url} failed`,
    )
    const owner = await behind.token()
    expect((await visitor.graph(WHO, { 'x-auth-token': owner })).status).toBe(200)
  })

  test('does not end a session before its ID token expires', async () => {
    await reopen({ idTokenLasts: 600 })
    await give(ADA, OWNER)
    const visitor = await signedIn()
    issuer.away = 500
    house.ahead = 400_000_000
    expect((await visitor.graph(WHO)).status).toBe(200)
    house.ahead = 700_000_000
    expect((await visitor.graph(WHO)).status).toBe(503)
    expect((await visitor.graph(WHO)).status).toBe(503)
  })
})

describe('a session', () => {
  test('is renewed once for concurrent requests, and then has the current name and groups', async () => {
    await give(SECURITY, { permissionSets: ['AuditTrailReadOnly'] })
    await give({ kind: 'group', name: 'staff' }, { permissionSets: ['IAMUserReadOnly'] })
    const visitor = await signedIn()
    const sets = async () => (await visitor.graph(WHO)).data.viewer.memberships[0].permissionSets
    expect(await sets()).toEqual(['AuditTrailReadOnly', 'IAMUserReadOnly'])
    issuer.people.set('ada', { name: 'Ada King', groups: ['staff'] })
    expect(await sets()).toEqual(['AuditTrailReadOnly', 'IAMUserReadOnly'])
    house.ahead = 2 * HOUR
    issuer.asked.length = 0
    const all = await Promise.all(Array.from({ length: 5 }, () => visitor.graph(WHO)))
    expect(all.map(({ data }) => data.viewer)).toEqual(
      Array(5).fill({
        name: 'Ada King',
        memberships: [{ owner: false, permissionSets: ['IAMUserReadOnly'] }],
      }),
    )
    expect(issuer.asked.filter(path => path === '/token')).toHaveLength(1)
  })

  test('ends when the issuer no longer knows the person', async () => {
    await give(ADA, OWNER)
    const visitor = await signedIn()
    issuer.people.delete('ada')
    expect((await visitor.graph(WHO)).status).toBe(200)
    house.ahead = 301_000_000
    expect((await visitor.graph(WHO)).status).toBe(401)
    house.ahead = 0
    expect((await visitor.graph(WHO)).status).toBe(401)
  })

  test('ends at its maximum age, however often it is renewed', async () => {
    await give(ADA, OWNER)
    const visitor = await signedIn()
    house.ahead = 8 * HOUR - 60_000_000
    expect((await visitor.graph(WHO)).status).toBe(200)
    house.ahead = 8 * HOUR
    expect((await visitor.graph(WHO)).status).toBe(401)
  })

  test('ends with its ID token if the issuer gives no refresh token', async () => {
    await reopen({ refreshTokens: false, idTokenLasts: 600 })
    await give(ADA, OWNER)
    const visitor = await signedIn()
    house.ahead = 590_000_000
    expect((await visitor.graph(WHO)).status).toBe(200)
    house.ahead = 600_000_000
    expect((await visitor.graph(WHO)).status).toBe(401)
  })

  test('is refused for a person with more than a thousand groups, with the reason in a reported fault', async () => {
    issuer.people.set('ada', { groups: Array.from({ length: 1_001 }, (_, at) => `group ${at}`) })
    expect(await new Visitor(url).signIn()).toBe(`${url}/#sign-in=failed`)
    expect(String(behind.faults[0])).toContain('returned 1001 groups, more than 1000')
  })
})

test.each([
  ['HEAD', '/sign-in/callback?code=x', 'GET'],
  ['POST', '/sign-in/callback', 'GET'],
  ['GET', '/sign-in', 'POST'],
  ['DELETE', '/sign-out', 'POST'],
  ['POST', '/session', 'GET, HEAD'],
])('the response to %s %s names the methods of the path', async (method, path, allow) => {
  const response = await fetch(`${url}${path}`, { method })
  expect([response.status, response.headers.get('allow')]).toEqual([405, allow])
})

test('a server without an issuer says so at /session, and has no paths for signing in and out', async () => {
  expect(await (await behind.fetch('/session')).json()).toEqual({ signIn: false, signedIn: false })
  const token = await behind.token()
  const headers = { authorization: `Bearer ${token}` }
  expect(await (await behind.fetch('/session', { headers })).json()).toEqual({
    ...{ signIn: false, signedIn: true },
  })
  const answers = ['/sign-in', '/sign-out'].map(path => behind.fetch(path, { method: 'POST' }))
  for (const { status } of await Promise.all(answers)) expect(status).toBe(404)
  expect((await behind.fetch('/sign-in/callback')).status).toBe(404)
})

function bytesIn(folder: string): Buffer {
  return Buffer.concat(readdirSync(folder).map(name => readFileSync(join(folder, name))))
}
