// The server without a socket: who may ask, and that no fault tells more than that it happened. Everything goes through `app.fetch`.

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

/** Asks for `__typename` with these headers, unless told otherwise. */
function post(
  headers: RequestInit['headers'],
  body: RequestInit['body'] = TYPENAME,
): Promise<Response> {
  return app.fetch('/graphql', { method: 'POST', headers: { ...JSON_TYPE, ...headers }, body })
}

/** The answer is one error with this code, and nothing else. */
async function expectRefusal(response: Response, status: number, code: string, message?: unknown) {
  expect(response.status).toBe(status)
  expect(await response.json()).toEqual({
    errors: [
      expect.objectContaining({ message: message ?? expect.any(String), extensions: { code } }),
    ],
  })
}

describe('who may ask', () => {
  test.each([
    ['a query', '{ __typename }'],
    ['a question about the viewer', '{ viewer { id } }'],
    ['an introspection', '{ __schema { types { name } } }'],
    ['a syntax error', '{'],
  ])('%s without a token is refused with 401', async (_, query) => {
    const response = await post({}, JSON.stringify({ query }))
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
    await expectRefusal(response, 401, 'UNAUTHENTICATED', ABSENT)
  })

  test.each(['x-auth-token', 'X-Auth-Token'])('the token may come in %s', async name => {
    const response = await post({ [name]: await app.token() })
    expect(await response.json()).toEqual({ data: { __typename: 'Query' } })
  })

  test.each(['Bearer', 'bearer', 'BEARER'])(
    'the token may come as Authorization: %s',
    async scheme => {
      const response = await post({ authorization: `${scheme} ${await app.token()}` })
      expect(await response.json()).toEqual({ data: { __typename: 'Query' } })
    },
  )

  test.each([
    ['nothing', ''],
    ['a scheme alone', 'Bearer'],
    ['two words', 'Bearer one two'],
    ['a user name and a password', 'Basic b3duZXI6b3duZXI='],
  ])('Authorization with %s counts as no token', async (_, authorization) => {
    await expectRefusal(await post({ authorization }), 401, 'UNAUTHENTICATED', ABSENT)
  })

  test('two tokens at once are refused, also when both are valid', async () => {
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
    ['a wrong one', async () => 'ilg_wrong'],
    ['an empty one', async () => ''],
    ['one with a letter changed', async () => `${(await app.token()).slice(0, -1)}!`],
    [
      'a hash of a valid one',
      async () => Buffer.from(hashSecret(await app.token())).toString('hex'),
    ],
    ['a revoked one', async () => revoked()],
  ])('a token that is no good is refused in the same words: %s', async (_, secret) => {
    const response = await post({ 'x-auth-token': await secret() })
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
    await expectRefusal(response, 401, 'UNAUTHENTICATED', INVALID)
  })

  test('revoking a token takes effect on its next request', async () => {
    const secret = await app.token(['IAMReadOnly'])
    expect((await post({ 'x-auth-token': secret })).status).toBe(200)
    const kept = (await app.store.tokens.list()).find(({ name }) => name === 'IAMReadOnly')
    expect(await app.store.tokens.revoke(kept?.id ?? '')).toBe(true)
    expect((await post({ 'x-auth-token': secret })).status).toBe(401)
  })

  test('a token is valid up to the instant it expires at, and from it on refused as a wrong one', async () => {
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

  test('no refusal is kept by a cache', async () => {
    expect((await post({})).headers.get('cache-control')).toBe('no-store')
  })
})

describe('what needs no token', () => {
  test('a server that runs says that it is alive, and, with its database, that it is ready', async () => {
    const live = await app.fetch('/health/live')
    expect(live.status).toBe(200)
    expect(await live.text()).toBe('live\n')
    const ready = await app.fetch('/health/ready')
    expect(ready.status).toBe(200)
    expect(await ready.json()).toMatchObject({ status: 'ready', database: 'ok' })
  })

  test('a server whose database is gone is alive but not ready', async () => {
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

  test('GraphiQL is a page for browsers, and holds nothing of the log', async () => {
    const page = await app.fetch('/graphql', { headers: { accept: 'text/html,*/*;q=0.8' } })
    expect(page.status).toBe(200)
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(await page.text()).not.toContain(ORGANIZATION)
  })
})

describe('where nothing is', () => {
  test.each(['/nothing', '/graphql/', '/GraphQL', '/graphql/assets/../page.js', '/health', '//'])(
    'nothing is at %s',
    async path => {
      await expectRefusal(await app.fetch(path), 404, 'BAD_USER_INPUT')
    },
  )
})

describe('where nothing is, in a browser', () => {
  const accept = 'text/html,application/xhtml+xml,*/*;q=0.8'

  test('/logs leads to the page, with what it is to show', async () => {
    for (const path of ['/logs', '/logs/']) {
      const answer = await app.fetch(`${path}?last=7d`, { headers: { accept }, redirect: 'manual' })
      expect([answer.status, answer.headers.get('location')]).toEqual([308, '/?last=7d'])
      await expectRefusal(await app.fetch(path), 404, 'BAD_USER_INPUT')
    }
  })

  test('a page says so, and leads to the logs', async () => {
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

describe('complaints about a query', () => {
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
  ])('%s is bad user input', async (_, query) => {
    const { errors, data } = await app.ask(query)
    expect(data ?? null).toBeNull()
    expect(errors?.map(error => error.extensions.code)).toEqual(['BAD_USER_INPUT'])
    expect(app.faults).toEqual([])
  })

  test.each([
    ['is missing', {}],
    ['is null', { id: null }],
    ['is of the wrong type', { id: { not: 'an ID' } }],
  ])('a variable that %s is bad user input', async (_, variables) => {
    const { errors } = await app.ask('query ($id: ID!) { event(id: $id) { id } }', variables)
    expect(errors?.map(error => error.extensions)).toEqual([{ code: 'BAD_USER_INPUT' }])
  })

  test('a date that is none is bad user input and is named', async () => {
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
    ['an argument that is understood', `query ($id: ID!) { event(id: $id) { id } }`, { id: long }],
    [
      'a cursor',
      `query ($c: String) { organization(id: "${ORGANIZATION}") { events(after: $c) { totalCount } } }`,
      { c: long },
    ],
  ])('a megabyte in %s does not come back', async (_, query, variables) => {
    const { body } = await app.ask(query, variables)
    expect(body.length).toBeLessThan(2000)
  })
})

describe('a fault inside', () => {
  const SECRETS = /SELECT|sqlite|database|better-sqlite3|node_modules|\.ts\b|\bat /i

  test.each(['production', 'development'])(
    'while the token is looked up is masked and reported once, with NODE_ENV=%s',
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
    'while the graph is asked is masked and reported once, with NODE_ENV=%s',
    async environment => {
      vi.stubEnv('NODE_ENV', environment)
      // The database goes away between the token's look-up and the first read of events.
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

test('a fault that a whole page of fields runs into is reported once', async () => {
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
