// GraphQL over HTTP, as its first release of September 2026 has it: a test for each thing it asks of a server, and the
// audits of graphql-http, which are of a draft before it.

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

describe('the status of an answer', () => {
  const TABLE: readonly (readonly [what: string, body: string, status: number])[] = [
    ['sound', ask('{ __typename }'), 200],
    [
      'sound, and partly answered',
      ask('{ organizations { events(first: -1) { totalCount } } }'),
      200,
    ],
    ['no JSON', '{"query":', 400],
    ['empty', '', 400],
    ['a list', `[${ask('{ __typename }')}]`, 422],
    ['null', 'null', 422],
    ['a number', '1', 422],
    ['a text', '"{ __typename }"', 422],
    ['without a query', '{}', 422],
    ['misspelt', '{"qeury":"{ __typename }"}', 422],
    ['a query that is no text', '{"query":1}', 422],
    ['variables that are a list', '{"query":"{ __typename }","variables":[7]}', 422],
    ['extensions that are a text', '{"query":"{ __typename }","extensions":"x"}', 422],
    ['a name that is no text', '{"query":"{ __typename }","operationName":7}', 422],
    ['a document that does not parse', ask('{'), 400],
    ['a document that is not valid', ask('{ secrets }'), 422],
    ['a document that asks too much', ask(`{ ${'a'.repeat(101)}: __typename }`), 422],
    ['a document that costs too much', ask(costly()), 422],
    [
      'without the operation that is named',
      ask('query A { __typename }').replace('}', ',"operationName":"B"}'),
      422,
    ],
    ['two operations, none named', ask('query A { __typename } query B { __typename }'), 422],
    ['a variable that is missing', ask(ID), 422],
    ['a variable that does not fit', ask(ID, { id: { not: 'an ID' } }), 422],
  ]

  function costly(): string {
    return `{ organization(id: "${ORGANIZATION}") {
      principals(first: 100) { nodes { events(first: 100) { nodes { id } } } } } }`
  }

  describe.each([undefined, '*/*', JSON_TYPE, RESPONSE_TYPE])('to who accepts %s', accept => {
    test.each(TABLE)('%s', async (_, body, status) => {
      const named = body.includes('operationName":"B"')
        ? JSON.stringify({ query: 'query A { __typename }', operationName: 'B' })
        : body
      const response = await post({ body: named, ...(accept && { accept }) })
      expect(response.status).toBe(status)
      // What is no answer is never plain JSON: a client could not know who says it.
      const type = status === 200 && accept !== RESPONSE_TYPE ? JSON_TYPE : RESPONSE_TYPE
      expect(response.headers.get('content-type')).toBe(`${type}${UTF8}`)
      const answer = await response.json()
      expect('data' in answer).toBe(status === 200)
      expect(app.faults).toEqual([])
    })
  })

  test('says also by which methods the graph can be asked', async () => {
    for (const method of ['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD']) {
      const response = await app.fetch('/graphql', { method, headers: { 'x-auth-token': token } })
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, POST'])
    }
  })

  test('of a request without a token, and with a wrong one, is 401, readable for clients of GraphQL', async () => {
    for (const given of [{}, { 'x-auth-token': 'wrong' }]) {
      const response = await app.fetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': JSON_TYPE, ...given } as Record<string, string>,
        body: ask('{ __typename }'),
      })
      expect([response.status, response.headers.get('content-type')]).toEqual([
        401,
        `${RESPONSE_TYPE}${UTF8}`,
      ])
    }
  })
})

describe('what a client accepts', () => {
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
  ])('%s: %s', async (accept, type) => {
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
  ])('%s: 406', async accept => {
    const response = await post({ accept })
    expect(response.status).toBe(406)
    expect(response.headers.get('accept')).toBe(`text/event-stream, ${RESPONSE_TYPE}, ${JSON_TYPE}`)
  })
})

describe('a GET', () => {
  test('may ask a query, with variables and a name', async () => {
    const query = `query A { __typename } ${ID.replace('query', 'query B')}`
    const answer = await get({
      query,
      variables: '{"id":"x"}',
      operationName: 'B',
      extensions: '{}',
    })
    expect(await answer.json()).toEqual({ data: { event: null } })
  })

  test('takes empty parameters as if they were not given', async () => {
    const answer = await get({
      ...{ query: '{ __typename }', variables: '', operationName: '', extensions: '' },
    })
    expect(await answer.json()).toEqual({ data: { __typename: 'Query' } })
  })

  test.each([
    ['without a query', {}, 422],
    ['with variables that are no JSON', { query: '{ __typename }', variables: '{' }, 400],
    ['with variables that are no object', { query: '{ __typename }', variables: '7' }, 422],
    ['that does not parse', { query: '{' }, 400],
    ['by a name that is "null"', { query: '{ __typename }', operationName: 'null' }, 422],
  ])('%s is refused', async (_, parameters, status) => {
    expect((await get(parameters as Record<string, string>)).status).toBe(status)
  })

  test('without a token is refused, so that no link asks in the name of its reader', async () => {
    const response = await app.fetch('/graphql?query=%7B__typename%7D')
    expect(response.status).toBe(401)
  })
})

describe('the body of a POST', () => {
  test('may have members that nobody knows', async () => {
    const response = await post({ body: '{"query":"{ __typename }","id":7,"doc":null}' })
    expect(await response.json()).toEqual({ data: { __typename: 'Query' } })
  })

  const SEARCH = ask(
    `{ organization(id: "${ORGANIZATION}") { principals(search: "Aïcha") { totalCount } } }`,
  )
  test.each([
    ['UTF-8', Buffer.from(SEARCH), JSON_TYPE, 200],
    ['UTF-8, said so', Buffer.from(SEARCH), `${JSON_TYPE}; charset="UTF-8"`, 200],
    [
      'another charset, said so',
      Buffer.from(SEARCH, 'latin1'),
      `${JSON_TYPE};charset=iso-8859-1`,
      415,
    ],
    ['another charset, not said', Buffer.from(SEARCH, 'latin1'), JSON_TYPE, 400],
  ])('is %s', async (_, body, type, status) => {
    expect((await post({ body, type })).status).toBe(status)
  })

  test.each([
    ['gzip', gzipSync('{"query":"{ __typename }"}'), 200],
    ['identity', Buffer.from('{"query":"{ __typename }"}'), 200],
    ['gzip', Buffer.from('{"query":"{ __typename }"}'), 400],
    ['gzip', gzipSync(ask(`{ __typename } # ${'x'.repeat(300_000)}`)), 413],
    ['br', Buffer.from('{"query":"{ __typename }"}'), 415],
  ])('packed by %s', async (encoding, body, status) => {
    const response = await post({ body, headers: { 'content-encoding': encoding } })
    expect(response.status).toBe(status)
    expect(app.faults).toEqual([])
  })

  const form = new FormData()
  form.set('operations', '{"query":"{ __typename }"}')
  test.each([
    ['text/plain', '{"query":"{ __typename }"}'],
    ['application/x-www-form-urlencoded', new URLSearchParams({ query: '{ __typename }' })],
    ['multipart/form-data; boundary=x', form],
    ['application/graphql', '{ __typename }'],
    ['application/jsonx', '{"query":"{ __typename }"}'],
  ])('in %s is refused, as any page could send it', async (type, body) => {
    expect((await post({ body: body as string, type })).status).toBe(415)
  })

  test('holds no variables that are deeper than any argument', async () => {
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

describe('a hash in place of the text', () => {
  const query = '{ viewer { __typename } }'
  const sha256Hash = createHash('sha256').update(query).digest('hex')
  const asked = (hash: string, text?: string) =>
    JSON.stringify({
      ...(text !== undefined && { query: text }),
      extensions: { persistedQuery: { version: 1, sha256Hash: hash } },
    })

  test('is not known at first, in the words that clients know, and afterwards is', async () => {
    const first = await post({ body: asked(sha256Hash) })
    // Apollo's gateways take any other status for a fault.
    expect(first.status).toBe(200)
    expect(await first.json()).toEqual({
      data: null,
      errors: [
        { message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } },
      ],
    })
    const answer = { data: { viewer: { __typename: 'Viewer' } } }
    expect(await (await post({ body: asked(sha256Hash, query) })).json()).toEqual(answer)
    expect(await (await post({ body: asked(sha256Hash) })).json()).toEqual(answer)
    const extensions = JSON.stringify({ persistedQuery: { version: 1, sha256Hash } })
    expect(await (await get({ extensions })).json()).toEqual(answer)
  })

  test('that is of another text is refused, and not remembered', async () => {
    const other = createHash('sha256').update('{ __typename }').digest('hex')
    expect((await post({ body: asked(other, query) })).status).toBe(422)
    const { errors } = await (await post({ body: asked(other) })).json()
    expect(errors[0].message).toBe('PersistedQueryNotFound')
  })
})

/** What the audits, of a draft, would have otherwise than the release has it. */
const SUPERSEDED: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['423L', 'LKJ', '6C0', '476', '58B', '3E3A'].map(id => [id, '422: no well-formed request']),
  ),
  '572B': '400, also to who accepts application/json: a document that does not parse',
  FDE2: '400, also to who accepts application/json: its field is no name',
  '7B9B': '422, also to who accepts application/json: variables that do not fit',
  '86EE': '422: variables that do not fit',
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
  const purposeOf = (id: string) => SUPERSEDED[id] ?? SUPERSEDED[id.slice(0, 3)]

  test.each(audits.map(audit => [audit.name, audit] as const))('a server %s', async (_, audit) => {
    const result: AuditResult = await audit.fn()
    const purpose = purposeOf(audit.id)
    if (purpose === undefined) expect(result).toEqual({ ...audit, fn: undefined, status: 'ok' })
    else {
      // Never a MUST.
      expect(result.status).toMatch(/^(notice|warn)$/)
      expect(result).toMatchObject({ response: { status: Number(purpose.slice(0, 3)) } })
    }
  })

  test('of which there are 61, know all that is superseded', () => {
    expect(audits).toHaveLength(61)
    const ids = audits.map(({ id }) => id)
    for (const id of Object.keys(SUPERSEDED)) {
      expect(ids.some(one => one === id || one.slice(0, 3) === id)).toBe(true)
    }
  })
})
