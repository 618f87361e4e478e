// The server through `app.fetch`, without a socket: authentication, what needs no token, unknown paths, invalid
// queries, and internal errors, of which a response reveals nothing but that they occurred.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { hashSecret, newToken } from '../src/auth/tokens.ts'
import { MICROSECONDS_PER_SECOND } from '../src/instant.ts'
import { openApp, type TestApp } from './support/app.ts'
import { event, ORGANIZATION } from './support/events.ts'

const TYPENAME = JSON.stringify({ query: '{ __typename }' })
const JSON_TYPE = { 'content-type': 'application/json' }
const ABSENT = 'no access token; send one as X-Auth-Token: TOKEN or Authorization: Bearer TOKEN'
const INVALID = 'the access token is not valid; create one with: iam-logs token create'
const MASKED = 'An internal error occurred; it was logged for the operator.'

let app: TestApp

beforeEach(async () => {
  app = await openApp()
})

afterEach(async () => {
  await app.store.close()
  vi.unstubAllEnvs()
})

/** Queries `__typename` with these headers, or sends another body. */
function post(
  headers: RequestInit['headers'],
  body: RequestInit['body'] = TYPENAME,
): Promise<Response> {
  return app.fetch('/graphql', { method: 'POST', headers: { ...JSON_TYPE, ...headers }, body })
}

/** Expects one error with this code, and nothing else. */
async function expectRefusal(response: Response, status: number, code: string, message?: unknown) {
  expect(response.status).toBe(status)
  expect(await response.json()).toEqual({
    errors: [
      expect.objectContaining({ message: message ?? expect.any(String), extensions: { code } }),
    ],
  })
}

describe('authentication', () => {
  test.each([
    ['a query', '{ __typename }'],
    ['a query of the viewer', '{ viewer { id } }'],
    ['an introspection query', '{ __schema { types { name } } }'],
    ['a syntax error', '{'],
  ])('%s without a token is refused with 401', async (_, query) => {
    const response = await post({}, JSON.stringify({ query }))
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
    await expectRefusal(response, 401, 'UNAUTHENTICATED', ABSENT)
  })

  test.each(['x-auth-token', 'X-Auth-Token'])(
    'a token is accepted in the header %s',
    async name => {
      const response = await post({ [name]: await app.token() })
      expect(await response.json()).toEqual({ data: { __typename: 'Query' } })
    },
  )

  test.each(['Bearer', 'bearer', 'BEARER'])(
    'a token is accepted as Authorization: %s',
    async scheme => {
      const response = await post({ authorization: `${scheme} ${await app.token()}` })
      expect(await response.json()).toEqual({ data: { __typename: 'Query' } })
    },
  )

  test.each([
    ['an empty value', ''],
    ['a scheme only', 'Bearer'],
    ['two words', 'Bearer one two'],
    ['a user name and password', 'Basic b3duZXI6b3duZXI='],
  ])('Authorization with %s counts as no token', async (_, authorization) => {
    await expectRefusal(await post({ authorization }), 401, 'UNAUTHENTICATED', ABSENT)
  })

  test('two tokens in one request are refused, even if both are valid', async () => {
    const token = await app.token()
    const response = await post({ 'x-auth-token': token, authorization: `Bearer ${token}` })
    await expectRefusal(
      response,
      400,
      'BAD_USER_INPUT',
      'both X-Auth-Token and Authorization were sent; send one of them',
    )
  })

  test.each([
    ['a wrong token', async () => 'ilg_wrong'],
    ['an empty token', async () => ''],
    ['a token with a changed letter', async () => `${(await app.token()).slice(0, -1)}!`],
    [
      'the hash of a valid token',
      async () => Buffer.from(hashSecret(await app.token())).toString('hex'),
    ],
    ['a revoked token', async () => revoked()],
  ])('%s is refused with the same message as any invalid token', async (_, secret) => {
    const response = await post({ 'x-auth-token': await secret() })
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
    await expectRefusal(response, 401, 'UNAUTHENTICATED', INVALID)
  })

  test('revoking a token takes effect on its next request', async () => {
    const secret = await app.token(['IAMReadOnly'])
    expect((await post({ 'x-auth-token': secret })).status).toBe(200)
    const kept = (await app.store.tokens.list()).find(({ name }) => name === 'IAMReadOnly')
    expect(await app.store.tokens.revoke(kept?.id ?? '')).not.toBeNull()
    expect((await post({ 'x-auth-token': secret })).status).toBe(401)
  })

  test('a token is valid until the instant at which it expires, and refused as invalid from then on', async () => {
    let clock = 1000 * MICROSECONDS_PER_SECOND
    await app.store.close()
    app = await openApp({ clock: () => clock })
    const expiresAt = clock + 60 * MICROSECONDS_PER_SECOND
    const { token, secret, hash } = newToken({ ...OWNER, expiresAt }, clock)
    await app.store.tokens.create(token, hash)
    clock = expiresAt - 1
    expect((await post({ 'x-auth-token': secret })).status).toBe(200)
    clock = expiresAt
    await expectRefusal(await post({ 'x-auth-token': secret }), 401, 'UNAUTHENTICATED', INVALID)
  })
})

describe('without a token', () => {
  test('a running server reports that it is alive and, with its database, that it is ready', async () => {
    const live = await app.fetch('/health/live')
    expect(live.status).toBe(200)
    expect(await live.text()).toBe('live\n')
    const ready = await app.fetch('/health/ready')
    expect(ready.status).toBe(200)
    expect(await ready.json()).toMatchObject({ status: 'ready', database: 'ok' })
  })

  test('a server whose database is closed reports that it is alive, but not ready', async () => {
    await app.store.close()
    expect((await app.fetch('/health/live')).status).toBe(200)
    const ready = await app.fetch('/health/ready')
    expect(ready.status).toBe(503)
    expect(ready.headers.get('content-type')).toBe('application/json')
    expect(await ready.json()).toEqual({
      status: 'not ready',
      database: 'does not answer',
      sync: { state: 'unknown' },
    })
    expect(app.faults).toHaveLength(1)
  })

  test('GraphiQL is served to browsers, and contains no ID of an Organization', async () => {
    await app.store.append([event()])
    const page = await app.fetch('/graphql', { headers: { accept: 'text/html,*/*;q=0.8' } })
    expect(page.status).toBe(200)
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(await page.text()).not.toContain(ORGANIZATION)
  })
})

describe('an unknown path', () => {
  test.each(['/nothing', '/graphql/', '/GraphQL', '/graphql/assets/../page.js', '/health', '//'])(
    '%s is answered with 404',
    async path => {
      await expectRefusal(await app.fetch(path), 404, 'BAD_USER_INPUT')
    },
  )
})

describe('in a browser', () => {
  const accept = 'text/html,application/xhtml+xml,*/*;q=0.8'

  test('/logs redirects to the Logs page and keeps the query string', async () => {
    for (const path of ['/logs', '/logs/']) {
      const answer = await app.fetch(`${path}?last=7d`, { headers: { accept }, redirect: 'manual' })
      expect([answer.status, answer.headers.get('location')]).toEqual([308, '/?last=7d'])
      await expectRefusal(await app.fetch(path), 404, 'BAD_USER_INPUT')
    }
  })

  test('an unknown path is answered with a page that says so and links to the Logs page', async () => {
    const answer = await app.fetch('/nothing', { headers: { accept } })
    expect(answer.status).toBe(404)
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
    const text = await answer.text()
    expect(text).toContain('Page not found')
    expect(text).toContain('<a href="/">')
    await expectRefusal(
      await app.fetch('/nothing', { headers: { accept: '*/*' } }),
      404,
      'BAD_USER_INPUT',
    )
  })
})

describe('an invalid query', () => {
  test.each([
    ['a syntax error', '{ organizations { id '],
    ['no operation', 'fragment F on Query { __typename }'],
    ['an unknown field', '{ secrets }'],
    ['a missing argument', '{ event { id } }'],
    ['a literal of the wrong type', '{ event(id: true) { id } }'],
    [
      'an unknown enum value',
      `{ organization(id: "${ORGANIZATION}") { events(orderBy: X) { totalCount } } }`,
    ],
    ['a subscription', 'subscription { __typename }'],
    ['two operations and no name', 'query A { __typename } query B { __typename }'],
  ])('with %s has the error code BAD_USER_INPUT', async (_, query) => {
    const { errors, data } = await app.ask(query)
    expect(data ?? null).toBeNull()
    expect(errors?.map(error => error.extensions.code)).toEqual(['BAD_USER_INPUT'])
    expect(app.faults).toEqual([])
  })

  test.each([
    ['is missing', {}],
    ['is null', { id: null }],
    ['is of the wrong type', { id: { not: 'an ID' } }],
  ])('with a variable that %s has the error code BAD_USER_INPUT', async (_, variables) => {
    const { errors } = await app.ask('query ($id: ID!) { event(id: $id) { id } }', variables)
    expect(errors?.map(error => error.extensions)).toEqual([{ code: 'BAD_USER_INPUT' }])
  })

  test('with an invalid date has the error code BAD_USER_INPUT and a message that quotes the date', async () => {
    const query = `query ($filter: EventFilter) {
      organization(id: "${ORGANIZATION}") { events(filter: $filter) { totalCount } }
    }`
    const { errors } = await app.ask(query, { filter: { createdAfter: '2026-02-30' } })
    expect(errors?.[0].message).toContain('"2026-02-30" is not a date and time with an offset')
    expect(errors?.[0].extensions).toEqual({ code: 'BAD_USER_INPUT' })
  })

  const long = 'long '.repeat(200_000)
  test.each([
    ['a variable', 'query ($id: Int!) { event(id: $id) { id } }', { id: long }],
    ['a field of a variable', 'query ($f: EventFilter) { __typename }', { f: { [long]: 1 } }],
    [
      'a value of a variable',
      'query ($f: EventFilter) { __typename }',
      { f: { createdAfter: long } },
    ],
    ['an enum in a variable', 'query ($o: EventOrder) { __typename }', { o: long }],
    [
      'a literal',
      `{ node(id: "${ORGANIZATION}") { ... on Organization { events(first: "${long}") { totalCount } } } }`,
      {},
    ],
    ['a name', `{ ${long.replaceAll(' ', '')} }`, {}],
    ['a directive', `{ __typename @${long.replaceAll(' ', '')} }`, {}],
    ['the argument of a valid query', `query ($id: ID!) { event(id: $id) { id } }`, { id: long }],
    [
      'a cursor',
      `query ($c: String) { organization(id: "${ORGANIZATION}") { events(after: $c) { totalCount } } }`,
      { c: long },
    ],
  ])('with a megabyte in %s has a short response', async (_, query, variables) => {
    const { body } = await app.ask(query, variables)
    expect(body.length).toBeLessThan(2000)
  })
})

describe('an internal error', () => {
  const SECRETS = /SELECT|sqlite|database|better-sqlite3|node_modules|\.ts\b|\bat /i

  test.each(['production', 'development'])(
    'while the token is looked up is masked in the response and reported once, with NODE_ENV=%s',
    async environment => {
      vi.stubEnv('NODE_ENV', environment)
      const failing = await openApp()
      const secret = await failing.token()
      await failing.store.close()
      const { status, body } = await failing.ask('{ __typename }', {}, secret)
      expect(status).toBe(500)
      expect(JSON.parse(body)).toEqual({
        errors: [{ message: MASKED, extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
      })
      expect(failing.faults).toHaveLength(1)
      expect(String(failing.faults[0])).toMatch(/database/)
    },
  )

  test.each(['production', 'development'])(
    'while a query is executed is masked in the response and reported once, with NODE_ENV=%s',
    async environment => {
      vi.stubEnv('NODE_ENV', environment)
      // The database is closed between the look-up of the token and the first read of events.
      let closing = false
      const failing = await openApp({
        onStatement: text => {
          if (closing && /FROM events/.test(text)) failing.store.close()
        },
      })
      await failing.store.append([event()])
      closing = true
      const { data, errors, body } = await failing.ask(
        `{ organization(id: "${ORGANIZATION}") { id events { nodes { id: eventId } } } }`,
      )
      expect(data).toEqual({ organization: null })
      expect(errors).toEqual([
        {
          message: MASKED,
          path: ['organization', 'events', 'nodes'],
          locations: [{ line: 1, column: expect.any(Number) }],
          extensions: { code: 'INTERNAL_SERVER_ERROR' },
        },
      ])
      expect(body.replace(MASKED, '')).not.toMatch(SECRETS)
      expect(failing.faults).toHaveLength(1)
      expect(String(failing.faults[0])).toMatch(/database/)
    },
  )
})

test('an internal error that occurs in many fields of a query is reported once', async () => {
  let isBroken = false
  const failing = await openApp({
    onStatement: text => {
      if (isBroken && /from "?directory/i.test(text)) throw new Error('the directory is broken')
    },
  })
  await failing.store.append(Array.from({ length: 20 }, () => event()))
  isBroken = true
  const { errors } = await failing.ask(
    `{ organization(id: "${ORGANIZATION}") { events { nodes { id: eventId resource { name } principal { name } } } } }`,
  )
  expect(errors?.length).toBeGreaterThan(0)
  expect(failing.faults).toHaveLength(1)
})

const OWNER = {
  name: null,
  grants: [{ organizationId: ORGANIZATION, owner: true, permissionSets: [] }],
  expiresAt: null,
}

async function revoked(): Promise<string> {
  const { token, secret, hash } = newToken(OWNER, 0)
  await app.store.tokens.create(token, hash)
  await app.store.tokens.revoke(token.id)
  return secret
}
