// GraphQL over HTTP, the release of September 2026: a test for each of its requirements for servers, and the audits of
// graphql-http, which are for an earlier draft.

import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { type AuditResult, serverAudits } from 'graphql-http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openApp, type TestApp } from './support/app.ts'
import { ORGANIZATION } from './support/events.ts'

const JSON_TYPE = 'application/json'
const RESPONSE_TYPE = 'application/graphql-response+json'
const UTF8 = '; charset=utf-8'

let app: TestApp
let token: string

beforeAll(async () => {
  app = await openApp()
  token = await app.token()
})
afterAll(() => app.store.close())

interface Sent {
  readonly body?: RequestInit['body']
  readonly accept?: string
  readonly type?: string
  readonly headers?: Record<string, string>
}

function post({ body = '{"query":"{ __typename }"}', accept, type = JSON_TYPE, headers }: Sent) {
  return app.fetch('/graphql', {
    method: 'POST',
    headers: {
      'content-type': type,
      'x-auth-token': token,
      ...(accept !== undefined && { accept }),
      ...headers,
    },
    body,
  })
}

function get(parameters: Record<string, string>, headers: Record<string, string> = {}) {
  return app.fetch(`/graphql?${new URLSearchParams(parameters)}`, {
    headers: { 'x-auth-token': token, ...headers },
  })
}

const ask = (query: string, variables?: object) => JSON.stringify({ query, variables })
const ID = 'query ($id: ID!) { event(id: $id) { id } }'

describe('the status of a response', () => {
  const TABLE: readonly (readonly [what: string, body: string, status: number])[] = [
    ['a valid query', ask('{ __typename }'), 200],
    [
      'a valid query with an error in a field',
      ask('{ organizations { events(first: -1) { totalCount } } }'),
      200,
    ],
    ['a body that is not valid JSON', '{"query":', 400],
    ['an empty body', '', 400],
    ['a body that is a list', `[${ask('{ __typename }')}]`, 422],
    ['a body that is null', 'null', 422],
    ['a body that is a number', '1', 422],
    ['a body that is a string', '"{ __typename }"', 422],
    ['a body without a query', '{}', 422],
    ['a body with "query" misspelt', '{"qeury":"{ __typename }"}', 422],
    ['a query that is not a string', '{"query":1}', 422],
    ['variables that are a list', '{"query":"{ __typename }","variables":[7]}', 422],
    ['extensions that are a string', '{"query":"{ __typename }","extensions":"x"}', 422],
    ['an operation name that is not a string', '{"query":"{ __typename }","operationName":7}', 422],
    ['a document that does not parse', ask('{'), 400],
    ['a document that is not valid', ask('{ secrets }'), 422],
    ['a document that exceeds a limit', ask(`{ ${'a'.repeat(101)}: __typename }`), 422],
    ['a document that costs too much', ask(costly()), 422],
    [
      'an operation name that is not in the document',
      JSON.stringify({ query: 'query A { __typename }', operationName: 'B' }),
      422,
    ],
    [
      'two operations without an operation name',
      ask('query A { __typename } query B { __typename }'),
      422,
    ],
    ['a missing variable', ask(ID), 422],
    ['a variable of the wrong type', ask(ID, { id: { not: 'an ID' } }), 422],
  ]

  function costly(): string {
    return `{ organization(id: "${ORGANIZATION}") {
      principals(first: 100) { nodes { events(first: 100) { nodes { id } } } } } }`
  }

  const rows = TABLE.map(([what, body, status]) => ({ what, body, status }))
  describe.each([
    ['without the header Accept', undefined],
    ...['*/*', JSON_TYPE, RESPONSE_TYPE].map(type => [`with Accept: ${type}`, type] as const),
  ] as const)('%s', (_, accept) => {
    test.each(rows)('for $what is $status', async ({ body, status }) => {
      const response = await post({ body, ...(accept && { accept }) })
      expect(response.status).toBe(status)
      // A response without data is never application/json: a client could not tell whether it came from this server.
      const type = status === 200 && accept !== RESPONSE_TYPE ? JSON_TYPE : RESPONSE_TYPE
      expect(response.headers.get('content-type')).toBe(`${type}${UTF8}`)
      const answer = await response.json()
      expect('data' in answer).toBe(status === 200)
      expect(app.faults).toEqual([])
    })
  })

  test('is 405 for every method but GET and POST, with the header Allow', async () => {
    for (const method of ['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD']) {
      const response = await app.fetch('/graphql', { method, headers: { 'x-auth-token': token } })
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, POST'])
    }
  })

  test('is 401 without a token or with a wrong one, with a content type that GraphQL clients read', async () => {
    for (const tokenHeader of [{}, { 'x-auth-token': 'wrong' }]) {
      const response = await app.fetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': JSON_TYPE, ...tokenHeader } as Record<string, string>,
        body: ask('{ __typename }'),
      })
      expect([response.status, response.headers.get('content-type')]).toEqual([
        401,
        `${RESPONSE_TYPE}${UTF8}`,
      ])
    }
  })
})

describe('a request with the header Accept', () => {
  test.each([
    [RESPONSE_TYPE, RESPONSE_TYPE],
    [`${RESPONSE_TYPE}, ${JSON_TYPE};q=0.9`, RESPONSE_TYPE],
    [`${JSON_TYPE};q=0.9, ${RESPONSE_TYPE}`, RESPONSE_TYPE],
    [`${JSON_TYPE}, ${RESPONSE_TYPE}`, JSON_TYPE],
    [`${JSON_TYPE};q=0.1, ${RESPONSE_TYPE};q=0.9`, RESPONSE_TYPE],
    [`${JSON_TYPE};q=0, ${RESPONSE_TYPE}`, RESPONSE_TYPE],
    [`${JSON_TYPE};q=0, */*;q=0.1`, RESPONSE_TYPE],
    [`${RESPONSE_TYPE};q=0.5, */*;q=0.8`, JSON_TYPE],
    ['application/*', JSON_TYPE],
    ['text/html, */*;q=0.8', JSON_TYPE],
    [`${JSON_TYPE}; charset=utf-8`, JSON_TYPE],
    [`${JSON_TYPE}; charset=iso-8859-1, ${RESPONSE_TYPE};q=0.1`, RESPONSE_TYPE],
    ['APPLICATION/JSON', JSON_TYPE],
    ['multipart/mixed;q=0.9, application/json', JSON_TYPE],
  ])('%s is answered with %s', async (accept, type) => {
    const response = await post({ accept })
    expect(response.headers.get('content-type')).toBe(`${type}${UTF8}`)
    expect(await response.json()).toEqual({ data: { __typename: 'Query' } })
  })

  test.each([
    'image/png',
    'text/html',
    `${JSON_TYPE};q=0`,
    '*/*;q=0',
    'application/json; charset=utf-16',
  ])('%s is answered with 406', async accept => {
    const response = await post({ accept })
    expect(response.status).toBe(406)
    expect(response.headers.get('accept')).toBe(`text/event-stream, ${RESPONSE_TYPE}, ${JSON_TYPE}`)
  })
})

describe('a GET', () => {
  test('can send a query with variables and an operation name', async () => {
    const query = `query A { __typename } ${ID.replace('query', 'query B')}`
    const answer = await get({
      query,
      variables: '{"id":"x"}',
      operationName: 'B',
      extensions: '{}',
    })
    expect(await answer.json()).toEqual({ data: { event: null } })
  })

  test('with empty parameters is answered as without them', async () => {
    const answer = await get({
      ...{ query: '{ __typename }', variables: '', operationName: '', extensions: '' },
    })
    expect(await answer.json()).toEqual({ data: { __typename: 'Query' } })
  })

  test.each([
    ['without a query', {}, 422],
    ['with variables that are not valid JSON', { query: '{ __typename }', variables: '{' }, 400],
    ['with variables that are not an object', { query: '{ __typename }', variables: '7' }, 422],
    ['with a query that does not parse', { query: '{' }, 400],
    ['with the operation name "null"', { query: '{ __typename }', operationName: 'null' }, 422],
  ])('%s is refused', async (_, parameters, status) => {
    expect((await get(parameters as Record<string, string>)).status).toBe(status)
  })

  test('without a token is refused, so that nobody runs a query by opening a link', async () => {
    const response = await app.fetch('/graphql?query=%7B__typename%7D')
    expect(response.status).toBe(401)
  })
})

describe('the body of a POST', () => {
  test('may have unknown members', async () => {
    const response = await post({ body: '{"query":"{ __typename }","id":7,"doc":null}' })
    expect(await response.json()).toEqual({ data: { __typename: 'Query' } })
  })

  const SEARCH = ask(
    `{ organization(id: "${ORGANIZATION}") { principals(search: "Aïcha") { totalCount } } }`,
  )
  test.each([
    ['in UTF-8 is accepted', Buffer.from(SEARCH), JSON_TYPE, 200],
    [
      'in UTF-8 with the charset "UTF-8" is accepted',
      Buffer.from(SEARCH),
      `${JSON_TYPE}; charset="UTF-8"`,
      200,
    ],
    [
      'in another charset that is named is refused with 415',
      Buffer.from(SEARCH, 'latin1'),
      `${JSON_TYPE};charset=iso-8859-1`,
      415,
    ],
    [
      'in another charset that is not named is refused with 400',
      Buffer.from(SEARCH, 'latin1'),
      JSON_TYPE,
      400,
    ],
  ])('%s', async (_, body, type, status) => {
    expect((await post({ body, type })).status).toBe(status)
  })

  test.each([
    ['compressed with gzip is accepted', 'gzip', gzipSync('{"query":"{ __typename }"}'), 200],
    [
      'with the encoding identity is accepted',
      'identity',
      Buffer.from('{"query":"{ __typename }"}'),
      200,
    ],
    [
      'that is not gzip but says so is refused with 400',
      'gzip',
      Buffer.from('{"query":"{ __typename }"}'),
      400,
    ],
    [
      'too large once decompressed is refused with 413',
      'gzip',
      gzipSync(ask(`{ __typename } # ${'x'.repeat(300_000)}`)),
      413,
    ],
    [
      'with the encoding br is refused with 415',
      'br',
      Buffer.from('{"query":"{ __typename }"}'),
      415,
    ],
  ])('%s', async (_, encoding, body, status) => {
    const response = await post({ body, headers: { 'content-encoding': encoding } })
    expect(response.status).toBe(status)
    expect(app.faults).toEqual([])
  })

  const form = new FormData()
  form.set('operations', '{"query":"{ __typename }"}')
  // Any web page could send the first three to this server in the name of its visitor.
  test.each([
    ['text/plain', '{"query":"{ __typename }"}'],
    ['application/x-www-form-urlencoded', new URLSearchParams({ query: '{ __typename }' })],
    ['multipart/form-data; boundary=x', form],
    ['application/graphql', '{ __typename }'],
    ['application/jsonx', '{"query":"{ __typename }"}'],
  ])('of type %s is refused with 415', async (type, body) => {
    expect((await post({ body: body as string, type })).status).toBe(415)
  })

  test('with variables nested deeper than any argument is refused with 422', async () => {
    const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`
    const query = 'query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }'
    const body = (levels: number) => `{"query":"${query}","variables":{"r":[${deep(levels)}]}}`
    expect(await (await post({ body: body(20) })).json()).toEqual({ data: { _entities: [null] } })
    for (const levels of [60, 5_000, 100_000]) {
      const response = await post({ body: body(levels) })
      expect(response.status).toBe(422)
      const { errors } = await response.json()
      expect(errors[0].extensions).toEqual({ code: 'BAD_USER_INPUT' })
    }
    expect(app.faults).toEqual([])
  })
})

describe('a hash instead of the text of a query', () => {
  const query = '{ viewer { __typename } }'
  const sha256Hash = createHash('sha256').update(query).digest('hex')
  const bodyOf = (hash: string, text?: string) =>
    JSON.stringify({
      ...(text !== undefined && { query: text }),
      extensions: { persistedQuery: { version: 1, sha256Hash: hash } },
    })

  test('is unknown at first, with the error that clients expect, and known once sent with the text', async () => {
    const first = await post({ body: bodyOf(sha256Hash) })
    // Apollo's gateways treat any other status as an error.
    expect(first.status).toBe(200)
    expect(await first.json()).toEqual({
      data: null,
      errors: [
        { message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } },
      ],
    })
    const answer = { data: { viewer: { __typename: 'Viewer' } } }
    expect(await (await post({ body: bodyOf(sha256Hash, query) })).json()).toEqual(answer)
    expect(await (await post({ body: bodyOf(sha256Hash) })).json()).toEqual(answer)
    const extensions = JSON.stringify({ persistedQuery: { version: 1, sha256Hash } })
    expect(await (await get({ extensions })).json()).toEqual(answer)
  })

  test('of another text is refused, and not stored', async () => {
    const other = createHash('sha256').update('{ __typename }').digest('hex')
    expect((await post({ body: bodyOf(other, query) })).status).toBe(422)
    const { errors } = await (await post({ body: bodyOf(other) })).json()
    expect(errors[0].message).toBe('PersistedQueryNotFound')
  })
})

/** Audits of the draft that the release contradicts, by ID: the status that the release requires, and why. */
const SUPERSEDED: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['423L', 'LKJ', '6C0', '476', '58B', '3E3A'].map(id => [
      id,
      '422: the request is not well-formed',
    ]),
  ),
  '572B': '400, even if the client accepts application/json: the document does not parse',
  FDE2: '400, even if the client accepts application/json: the name of a field is invalid',
  '7B9B': '422, even if the client accepts application/json: the variables have the wrong type',
  '86EE': '422: the variables have the wrong type',
}

describe('the audits of graphql-http', () => {
  const audits = serverAudits({
    url: 'http://127.0.0.1/graphql',
    fetchFn: async (url: string, init: RequestInit = {}) => {
      const headers = new Headers(init.headers)
      headers.set('x-auth-token', token)
      return app.fetch(url.replace('http://127.0.0.1', ''), { ...init, headers })
    },
  })
  const replacementOf = (id: string) => SUPERSEDED[id] ?? SUPERSEDED[id.slice(0, 3)]

  test.each(audits.map(audit => [audit.name, audit] as const))('a server %s', async (_, audit) => {
    const result: AuditResult = await audit.fn()
    const replacement = replacementOf(audit.id)
    if (replacement === undefined) expect(result).toEqual({ ...audit, fn: undefined, status: 'ok' })
    else {
      // The audits of a MUST are never superseded.
      expect(result.status).toMatch(/^(notice|warn)$/)
      expect(result).toMatchObject({ response: { status: Number(replacement.slice(0, 3)) } })
    }
  })

  test('are 61 in number, and include all those listed as superseded', () => {
    expect(audits).toHaveLength(61)
    const ids = audits.map(({ id }) => id)
    for (const id of Object.keys(SUPERSEDED)) {
      expect(ids.some(one => one === id || one.slice(0, 3) === id)).toBe(true)
    }
  })
})
