// The checks of graphql-cop, the best-known security scanner for GraphQL servers, repeated against this server: none of
// them finds anything.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { openApp, type TestApp } from './support/app.ts'

let app: TestApp
let token: string
beforeAll(async () => {
  app = await openApp()
  token = await app.token()
})
afterAll(() => app.store.close())

async function send(
  init: RequestInit & { headers?: Record<string, string> },
  path = '/graphql',
): Promise<{ status: number; body: string; headers: Headers }> {
  const { headers = {}, ...rest } = init
  const response = await app.fetch(path, {
    ...rest,
    headers: { 'x-auth-token': token, ...headers },
  })
  return { status: response.status, body: await response.text(), headers: response.headers }
}

const JSON_TYPE = { 'content-type': 'application/json' }
const ask = (query: string, more: Record<string, string> = {}) =>
  send({ method: 'POST', headers: { ...JSON_TYPE, ...more }, body: JSON.stringify({ query }) })

test('a query with 101 aliases of one field is refused', async () => {
  const { body } = await ask(
    `{ ${Array.from({ length: 101 }, (_, at) => `a${at}: __typename`).join(' ')} }`,
  )
  expect(body).not.toContain('"data"')
  expect(body).toContain('LIMIT_EXCEEDED')
})

test('a batch of ten queries in one request is refused', async () => {
  const batch = Array(10).fill({ query: '{ __typename }' })
  const answer = await send({ method: 'POST', headers: JSON_TYPE, body: JSON.stringify(batch) })
  expect(answer.status).toBe(422)
  expect(answer.body).not.toContain('"data"')
})

test('a deeply nested introspection query is refused', async () => {
  const circle = (depth: number): string =>
    depth === 0 ? 'name' : `fields { type { ${circle(depth - 1)} } }`
  const { body } = await ask(`{ __schema { types { ${circle(5)} } } }`)
  expect(body).not.toContain('"data"')
  expect(body).toContain('LIMIT_EXCEEDED')
})

test('ten unknown directives are answered with only one error', async () => {
  const { body } = await ask(`{ __typename ${'@aa '.repeat(10)} }`)
  expect(JSON.parse(body).errors).toHaveLength(1)
})

test('a query that repeats one field 500 times is refused', async () => {
  const { body } = await ask(`{ ${'__typename '.repeat(500)} }`)
  expect(body).not.toContain('"data"')
  expect(body).toContain('LIMIT_EXCEEDED')
})

test('a misspelt field sent with a wrong token is answered with 401, without a suggestion from the schema', async () => {
  const { status, body } = await ask('{ __schema { directive } }', { 'x-auth-token': 'wrong' })
  expect(status).toBe(401)
  expect(body).not.toContain('directives')
})

test.each([
  ['a mutation', 'mutation{__typename}', {}, 405],
  [
    'a query without a token, as a link in a page sends it',
    '{__typename}',
    { 'x-auth-token': '' },
    401,
  ],
])('a GET request with %s is refused', async (_, query, headers, expected) => {
  const { status, body } = await send({ headers }, `/graphql?query=${encodeURIComponent(query)}`)
  expect(status).toBe(expected)
  expect(body).not.toContain('"data"')
})

test('GraphiQL requested without a token does not contain the query of its URL, and may run only scripts of this server', async () => {
  const { body, headers } = await send(
    { headers: { accept: 'text/html', 'x-auth-token': '' } },
    '/graphql?query={__typename}<script>',
  )
  expect(headers.get('content-security-policy')).toMatch(/script-src 'self'(;|$)/)
  expect(body).not.toContain('<script>{')
  expect(body).not.toContain('{__typename}')
})

test('introspection without a token is refused', async () => {
  const { status, body } = await ask('{ __schema { types { name } } }', { 'x-auth-token': '' })
  expect(status).toBe(401)
  expect(body).not.toContain('Organization')
})

test.each(['application/x-www-form-urlencoded', 'multipart/form-data; boundary=a', 'text/plain'])(
  'a POST request with the content type %s is refused',
  async type => {
    const body = 'query=%7B__typename%7D'
    const answer = await send({ method: 'POST', headers: { 'content-type': type }, body })
    expect(answer.status).toBe(415)
    expect(answer.body).not.toContain('"data"')
  },
)

test('a response contains only data, without tracing extensions', async () => {
  const { body } = await ask('{ viewer { id } }')
  expect(Object.keys(JSON.parse(body))).toEqual(['data'])
})

test('responses, with errors or without, contain no stack trace and no path of a source file', async () => {
  for (const query of ['{ cop }', '{', '{ viewer { id } } }']) {
    const { body } = await ask(query)
    expect(body).not.toMatch(/exception|stack|node_modules|\.ts:/)
  }
})
