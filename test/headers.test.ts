// The headers of every kind of response, as a table: each row is a request, with all headers of its response except
// those of the transport. Browsers, caches and clients rely on them.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EXPORT_FORMATS } from '../src/transfer/export-formats.ts'
import { openApp, type TestApp } from './support/app.ts'
import { event, ORGANIZATION, uuid } from './support/events.ts'
import { FEED_ENDINGS } from './support/paths.ts'

const ALLOWED_ORIGIN = 'https://logs.example'
const ID = 'e0000000-0000-4000-8000-00000000abcd'

/** Headers of the transport, which may differ between servers. */
const TRANSPORT = ['connection', 'content-length', 'date', 'keep-alive', 'transfer-encoding']

type Headers_ = Readonly<Record<string, string>>
type Ask = readonly [path: string, init?: RequestInit]
type Row = readonly [name: string, ask: Ask | (() => Ask), status: number, headers: Headers_]

let app: TestApp
let owner: string
/** The same store with other settings. */
let withoutOrigins: TestApp
let restricted: TestApp
let failing: TestApp

beforeAll(async () => {
  const watching = { metrics: async () => 'figures 1\n' }
  const open = (options: Parameters<typeof openApp>[0] = {}) =>
    openApp({ watching, origins: [ALLOWED_ORIGIN], store: () => app?.store, ...options })
  app = await openApp({ watching, origins: [ALLOWED_ORIGIN] })
  await app.store.append([event({ id: ID })])
  owner = await app.token()
  withoutOrigins = await open({ origins: [] })
  restricted = await open({
    persisted: new Map(),
    exports: { most: 0 },
    rate: { perSecond: 1, burst: 1 },
  })
  failing = await openApp({ origins: [ALLOWED_ORIGIN] })
  await failing.store.close()
})
afterAll(async () => {
  for (const one of [withoutOrigins, restricted, app]) await one.store.close()
})

const get = (path: string, headers: Headers_ = {}): Ask => [path, { headers }]
const asOwner =
  (path: string): (() => Ask) =>
  () =>
    get(path, { 'x-auth-token': owner })
const post = (query: string, headers: Headers_ = {}) => {
  return (): Ask => [
    '/graphql',
    {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-auth-token': owner, ...headers },
      body: JSON.stringify({ query }),
    },
  ]
}
const request = (method: string, path: string): Ask => [path, { method }]
const file = (folder: 'assets' | 'graphql/assets', name: string): Ask => get(`${folder}:${name}`)

const NOT_CACHED = { 'cache-control': 'no-store' }
const REFUSED = { ...NOT_CACHED, 'content-type': 'application/json' }
const UNAUTHENTICATED = { ...REFUSED, 'www-authenticate': 'Bearer' }
const VARY = { vary: 'Accept-Encoding' }
const ANSWER = { ...NOT_CACHED, ...VARY, 'content-type': 'application/json; charset=utf-8' }
const RESPONSE = {
  ...NOT_CACHED,
  'content-type': 'application/graphql-response+json; charset=utf-8',
}
const STREAM = {
  'cache-control': 'no-store, no-transform',
  'content-type': 'text/event-stream',
  'x-accel-buffering': 'no',
}
/** GraphQL clients read an error message in no other content type. */
const GRAPH_REFUSED = RESPONSE
const GRAPH_UNAUTHENTICATED = { ...RESPONSE, 'www-authenticate': 'Bearer' }
const TEXT = { ...NOT_CACHED, 'content-type': 'text/plain; charset=utf-8' }
const FILE = {
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  vary: 'Accept-Encoding',
}
const PAGE = {
  ...{ ...NOT_CACHED, ...FILE, 'content-type': 'text/html; charset=utf-8' },
  'cross-origin-opener-policy': 'same-origin',
}
const LOGS_PAGE = {
  ...PAGE,
  'content-security-policy':
    "default-src 'none'; script-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; " +
    "form-action 'none'; frame-ancestors 'none'; style-src 'self'; require-trusted-types-for 'script'; " +
    "trusted-types 'none'",
}
const GRAPHIQL = {
  ...PAGE,
  'content-security-policy':
    "default-src 'none'; script-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; " +
    "form-action 'none'; frame-ancestors 'none'; worker-src 'self'; style-src 'self' 'unsafe-inline'; " +
    "font-src 'self' data:",
}
const ASSET = {
  ...FILE,
  'cache-control': 'public, max-age=31536000, immutable',
  'cross-origin-resource-policy': 'same-origin',
}
const SCRIPT = { ...ASSET, 'content-type': 'text/javascript; charset=utf-8' }
const STYLE = { ...ASSET, 'content-type': 'text/css; charset=utf-8' }
const exported = (ending: string, type: string) => ({
  ...{ ...NOT_CACHED, ...VARY, 'content-type': type, 'x-accel-buffering': 'no' },
  'content-disposition': `attachment; filename="iam-logs-${ORGANIZATION}${ending}"`,
  'content-location': `?snapshot=${ID}`,
})
const feedPage = (type: string) => ({
  ...{ ...NOT_CACHED, ...VARY, 'content-type': type, 'x-poll-interval': '60' },
  link: `<?after=${ID}>; rel="next"`,
})
const GRAPH = '/graphql'
const SUBSCRIPTION = `subscription { eventRecorded(organizationId: "${ORGANIZATION}") { id } }`
const HTML = { accept: 'text/html' }
const ACCEPT_GZIP = { 'accept-encoding': 'gzip' }
const GZIP = { 'content-encoding': 'gzip' }

const ROWS: readonly Row[] = [
  ['a query', post('{ __typename }'), 200, ANSWER],
  ['a query that is not valid', post('{ x }'), 422, GRAPH_REFUSED],
  ['a query that does not parse', post('{'), 400, GRAPH_REFUSED],
  [
    'a query that accepts graphql-response+json',
    post('{ __typename }', { accept: 'application/graphql-response+json' }),
    200,
    { ...RESPONSE, ...VARY },
  ],
  [
    'an invalid query that accepts graphql-response+json',
    post('{ x }', { accept: 'application/graphql-response+json' }),
    422,
    GRAPH_REFUSED,
  ],
  [
    'a query without its variable',
    post('query ($a: ID!) { event(id: $a) { id } }'),
    422,
    GRAPH_REFUSED,
  ],
  [
    'a query that accepts an event stream',
    post('{ __typename }', { accept: 'text/event-stream' }),
    200,
    STREAM,
  ],
  ['a subscription', post(SUBSCRIPTION, { accept: 'text/event-stream' }), 200, STREAM],
  [
    'a subscription that does not accept an event stream',
    post(SUBSCRIPTION, { accept: 'application/json' }),
    406,
    GRAPH_REFUSED,
  ],
  [
    'a query that accepts only an unknown content type',
    post('{ __typename }', { accept: 'image/png' }),
    406,
    {
      ...NOT_CACHED,
      accept: 'text/event-stream, application/graphql-response+json, application/json',
    },
  ],
  ['a query without a token', [GRAPH, { method: 'POST' }], 401, GRAPH_UNAUTHENTICATED],
  [
    'a query with a wrong token',
    post('{ x }', { 'x-auth-token': 'ilg_no' }),
    401,
    GRAPH_UNAUTHENTICATED,
  ],
  ['a query with two tokens', post('{ x }', { authorization: 'Bearer a' }), 400, GRAPH_REFUSED],
  ['a query that is not JSON', post('', { 'content-type': 'text/plain' }), 415, GRAPH_REFUSED],
  ['a query that is too long', post('x'.repeat(300_000)), 413, GRAPH_REFUSED],
  [
    'two operations without an operation name',
    post('query A { __typename } query B { __typename }'),
    422,
    GRAPH_REFUSED,
  ],
  ['a GET of the graph', asOwner(`${GRAPH}?query=%7B__typename%7D`), 200, ANSWER],
  ['a GET of the graph without a query', asOwner(GRAPH), 422, GRAPH_REFUSED],
  ['a GET of the graph without a token', get(GRAPH), 401, GRAPH_UNAUTHENTICATED],
  ['a PUT of the graph', request('PUT', GRAPH), 405, { ...GRAPH_REFUSED, allow: 'GET, POST' }],
  [
    'OPTIONS of the graph',
    request('OPTIONS', GRAPH),
    405,
    { ...GRAPH_REFUSED, allow: 'GET, POST' },
  ],

  ['the Logs page', get('/'), 200, LOGS_PAGE],
  ['the Logs page with gzip', get('/', ACCEPT_GZIP), 200, { ...LOGS_PAGE, ...GZIP }],
  ['the script of the Logs page', file('assets', 'page.js'), 200, SCRIPT],
  ['the style sheet of the Logs page', file('assets', 'page.css'), 200, STYLE],
  [
    'the licences of the Logs page',
    file('assets', 'licences.txt'),
    200,
    { ...ASSET, 'content-type': 'text/plain; charset=utf-8' },
  ],
  ['GraphiQL', get(GRAPH, HTML), 200, GRAPHIQL],
  ['GraphiQL with gzip', get(GRAPH, { ...HTML, ...ACCEPT_GZIP }), 200, { ...GRAPHIQL, ...GZIP }],
  ...['page.js', 'yoga.js', 'editorWorkerService.js', 'graphql.js', 'json.js'].map(
    (name): Row => [`GraphiQL's ${name}`, file('graphql/assets', name), 200, SCRIPT],
  ),
  ...['page.css', 'yoga.css'].map(
    (name): Row => [`GraphiQL's ${name}`, file('graphql/assets', name), 200, STYLE],
  ),
  ['a POST of the Logs page', request('POST', '/'), 405, { ...REFUSED, allow: 'GET, HEAD' }],

  ['the liveness check', get('/health/live'), 200, TEXT],
  ['the readiness check', get('/health/ready'), 200, REFUSED],
  ['HEAD of the session', request('HEAD', '/session'), 200, REFUSED],
  ['a POST of the session', request('POST', '/session'), 405, { ...REFUSED, allow: 'GET, HEAD' }],
  [
    'the metrics',
    get('/metrics'),
    200,
    { ...NOT_CACHED, ...VARY, 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
  ],
  [
    'a DELETE of the liveness check',
    request('DELETE', '/health/live'),
    405,
    { ...REFUSED, allow: 'GET, HEAD' },
  ],
  ['an unknown path', get('/nowhere'), 404, REFUSED],
  ['a file of an earlier version', get('/assets/0000000000000000/page.js'), 404, REFUSED],
  ['a PATCH of an unknown path', request('PATCH', '/nowhere'), 404, REFUSED],
  ['an unknown host', get('http://evil.example/'), 421, REFUSED],

  ...EXPORT_FORMATS.map(({ extension, mediaType }): Row => {
    const path = `/export/${ORGANIZATION}${extension}`
    return [`an export as ${extension}`, asOwner(path), 200, exported(extension, mediaType)]
  }),
  ['an export without a token', get(`/export/${ORGANIZATION}.csv`), 401, UNAUTHENTICATED],
  ['an export of an unknown Organization', asOwner(`/export/${uuid(404)}.csv`), 404, REFUSED],
  ['an export in an unknown format', asOwner(`/export/${ORGANIZATION}.xml`), 404, REFUSED],
  [
    'an export with an invalid filter',
    asOwner(`/export/${ORGANIZATION}.csv?actions=x`),
    400,
    REFUSED,
  ],
  [
    'a POST of an export',
    request('POST', `/export/${ORGANIZATION}.csv`),
    405,
    { ...REFUSED, allow: 'GET, HEAD' },
  ],
  ...FEED_ENDINGS.map((ending): Row => {
    const name = `${ORGANIZATION}${ending}`
    const format = EXPORT_FORMATS.find(({ extension }) => extension === ending)
    const type = format?.mediaType ?? 'application/json'
    return [
      `a feed ${ending === '' ? 'without an extension' : `as ${ending}`}`,
      asOwner(`/feed/${name}`),
      200,
      feedPage(type),
    ]
  }),
  ['a feed without a token', get(`/feed/${ORGANIZATION}`), 401, UNAUTHENTICATED],
  ['a feed of an unknown Organization', asOwner(`/feed/${uuid(404)}`), 404, REFUSED],
  ['a feed after an invalid cursor', asOwner(`/feed/${ORGANIZATION}?after=x`), 400, REFUSED],
]

/** Requests to a server with restrictive settings, and to one whose database is closed. */
const OTHERS: readonly (readonly [...Row, app: () => TestApp])[] = [
  ['a document that is not persisted', post('{ x }'), 403, GRAPH_REFUSED, () => restricted],
  ['GraphiQL with persisted documents only', get(GRAPH, HTML), 200, GRAPHIQL, () => restricted],
  [
    'an export over the limit',
    asOwner(`/export/${ORGANIZATION}.csv`),
    429,
    { ...REFUSED, 'retry-after': '60' },
    () => restricted,
  ],
  ['a query with the database closed', post('{ x }'), 500, GRAPH_REFUSED, () => failing],
  [
    'the readiness check with the database closed',
    get('/health/ready'),
    503,
    REFUSED,
    () => failing,
  ],
]

/** Replaces `assets:NAME` with the path of that file, which contains a hash that only the page itself knows. */
async function withAssetPath([path, init = {}]: Ask): Promise<Ask> {
  const [folder, name] = path.split(':')
  if (name === undefined || path.startsWith('http:')) return [path, init]
  const page = await app.fetch(folder === 'assets' ? '/' : GRAPH, { headers: HTML })
  const base = new RegExp(`"(${folder}/[\\w-]+/)`).exec(await page.text())?.[1]
  return [`/${base}${name}`, init]
}

async function headersOf(on: TestApp, ask: Ask | (() => Ask), more: Headers_ = {}) {
  const [path, init = {}] = await withAssetPath(typeof ask === 'function' ? ask() : ask)
  const headers = { 'x-request-id': 'table-1', ...(init.headers as Headers_), ...more }
  const url = path.startsWith('/') ? `http://127.0.0.1${path}` : path
  const response = await on.app.fetch(new Request(url, { ...init, headers }))
  await response.body?.cancel()
  const found = [...response.headers].filter(([name]) => !TRANSPORT.includes(name))
  return { status: response.status, headers: Object.fromEntries(found) }
}

const EXPOSED =
  'content-disposition, content-location, link, retry-after, x-poll-interval, x-request-id'

function expected(status: number, headers: Headers_, more: Headers_) {
  return { status, headers: { ...headers, 'x-request-id': 'table-1', ...more } }
}

async function expectHeaders([, ask, status, headers]: Row, on: TestApp) {
  const vary = { vary: headers.vary === undefined ? 'Origin' : `${headers.vary}, Origin` }
  const shared = {
    'access-control-allow-origin': ALLOWED_ORIGIN,
    'access-control-expose-headers': EXPOSED,
  }
  for (const origin of [undefined, 'https://evil.example', 'null', `${ALLOWED_ORIGIN}.evil`]) {
    const found = await headersOf(on, ask, origin === undefined ? {} : { origin })
    expect(found, origin).toEqual(expected(status, headers, vary))
  }
  expect(await headersOf(on, ask, { origin: ALLOWED_ORIGIN })).toEqual(
    expected(status, headers, { ...vary, ...shared }),
  )
}

describe('the response headers of', () => {
  test.each(ROWS)('%s, for any origin and for an allowed origin', async (...row) => {
    await expectHeaders(row, app)
  })

  test.each(OTHERS)('%s', async (name, ask, status, headers, on) => {
    await expectHeaders([name, ask, status, headers], on())
  })

  test.each(ROWS)(
    '%s, the same for every origin if none is allowed',
    async (_, ask, status, own) => {
      for (const origin of [undefined, ALLOWED_ORIGIN]) {
        const found = await headersOf(withoutOrigins, ask, origin === undefined ? {} : { origin })
        expect(found).toEqual(expected(status, own, {}))
      }
    },
  )

  // HEAD of the graph is refused.
  const gets = ROWS.filter(([name, ask]) => {
    const [, { method = 'GET' } = {}] = typeof ask === 'function' ? ask() : ask
    return method === 'GET' && !name.includes('of the graph')
  })
  test.each(gets)('%s, the same for HEAD', async (_, ask, status, headers) => {
    const head = (): Ask => {
      const [path, init] = typeof ask === 'function' ? ask() : ask
      return [path, { ...init, method: 'HEAD' }]
    }
    expect(await headersOf(withoutOrigins, head)).toEqual(expected(status, headers, {}))
  })
})

/** Headers that GraphQL clients and tracing libraries send. */
const ALLOWED_HEADERS =
  'accept, authorization, content-type, last-event-id, x-auth-token, x-request-id, apollographql-client-name, ' +
  'apollographql-client-version, apollo-require-preflight, graphql-client-name, graphql-client-version, ' +
  'graphql-require-preflight, traceparent, tracestate, baggage, sentry-trace'

describe('a CORS preflight', () => {
  const paths = [GRAPH, '/', '/health/live', '/metrics', '/nowhere', `/feed/${ORGANIZATION}`]
  const preflight = (path: string, origin: string): Ask => [
    path,
    { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } },
  ]

  test.each(paths)('of %s from an allowed origin is answered with what is allowed', async path => {
    expect(await headersOf(app, preflight(path, ALLOWED_ORIGIN))).toEqual(
      expected(
        204,
        {},
        {
          vary: 'Origin',
          'access-control-allow-origin': ALLOWED_ORIGIN,
          'access-control-allow-methods': 'GET, HEAD, POST',
          'access-control-allow-headers': ALLOWED_HEADERS,
          'access-control-max-age': '7200',
        },
      ),
    )
  })

  test.each(paths)(
    'of %s from any other origin is answered with 403, without CORS headers',
    async path => {
      const own = path === GRAPH ? GRAPH_REFUSED : REFUSED
      const refused = expected(403, own, {})
      for (const origin of [
        'https://evil.example',
        'null',
        '',
        `${ALLOWED_ORIGIN}/`,
        ALLOWED_ORIGIN.toUpperCase(),
      ]) {
        expect(await headersOf(app, preflight(path, origin)), origin).toEqual(
          expected(403, own, { vary: 'Origin' }),
        )
        expect(await headersOf(withoutOrigins, preflight(path, origin))).toEqual(refused)
      }
      expect(await headersOf(withoutOrigins, preflight(path, ALLOWED_ORIGIN))).toEqual(refused)
    },
  )
})
