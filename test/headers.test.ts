// The headers of every answer as one table: each row is a question, and all headers of its answer but those that frame
// the message. Whatever serves the routes, a browser, a cache and a client rely on these.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EXPORT_FORMATS } from '../src/transfer/export-formats.ts'
import { openApp, type TestApp } from './support/app.ts'
import { event, ORGANIZATION, uuid } from './support/events.ts'
import { FEED_ENDINGS } from './support/paths.ts'

const FRIEND = 'https://logs.example'
const ID = 'e0000000-0000-4000-8000-00000000abcd'

/** Of whoever writes the message: they may come and go. */
const FRAMING = ['connection', 'content-length', 'date', 'keep-alive', 'transfer-encoding']

type Headers_ = Readonly<Record<string, string>>
type Ask = readonly [path: string, init?: RequestInit]
type Row = readonly [what: string, ask: Ask | (() => Ask), status: number, headers: Headers_]

let app: TestApp
let owner: string
/** The same store behind other settings. */
let unlisted: TestApp
let restricted: TestApp
let failing: TestApp

beforeAll(async () => {
  const watching = { metrics: async () => 'figures 1\n' }
  const open = (options: Parameters<typeof openApp>[0] = {}) =>
    openApp({ watching, origins: [FRIEND], store: () => app?.store, ...options })
  app = await openApp({ watching, origins: [FRIEND] })
  await app.store.append([event({ id: ID })])
  owner = await app.token()
  unlisted = await open({ origins: [] })
  restricted = await open({
    persisted: new Map(),
    exports: { most: 0 },
    rate: { perSecond: 1, burst: 1 },
  })
  failing = await openApp({ origins: [FRIEND] })
  await failing.store.close()
})
afterAll(async () => {
  for (const one of [unlisted, restricted, app]) await one.store.close()
})

const get = (path: string, headers: Headers_ = {}): Ask => [path, { headers }]
const seen =
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
const by = (method: string, path: string): Ask => [path, { method }]
const file = (folder: 'assets' | 'graphql/assets', name: string): Ask => get(`${folder}:${name}`)

const UNKEPT = { 'cache-control': 'no-store' }
const REFUSED = { ...UNKEPT, 'content-type': 'application/json' }
const UNKNOWN = { ...REFUSED, 'www-authenticate': 'Bearer' }
const VARY = { vary: 'Accept-Encoding' }
const ANSWER = { ...UNKEPT, ...VARY, 'content-type': 'application/json; charset=utf-8' }
const RESPONSE = { ...UNKEPT, 'content-type': 'application/graphql-response+json; charset=utf-8' }
const STREAM = {
  'cache-control': 'no-store, no-transform',
  'content-type': 'text/event-stream',
  'x-accel-buffering': 'no',
}
/** Clients of GraphQL read the words of an error in no other type. */
const UNANSWERED = RESPONSE
const UNKNOWN_HERE = { ...RESPONSE, 'www-authenticate': 'Bearer' }
const TEXT = { ...UNKEPT, 'content-type': 'text/plain; charset=utf-8' }
const FILE = {
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  vary: 'Accept-Encoding',
}
const PAGE = {
  ...{ ...UNKEPT, ...FILE, 'content-type': 'text/html; charset=utf-8' },
  'cross-origin-opener-policy': 'same-origin',
}
const LOGS_PAGE = {
  ...PAGE,
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; " +
    "trusted-types 'none'",
}
const GRAPHIQL = {
  ...PAGE,
  'content-security-policy':
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; " +
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}
const ASSET = {
  ...FILE,
  'cache-control': 'public, max-age=31536000, immutable',
  'cross-origin-resource-policy': 'same-origin',
}
const SCRIPT = { ...ASSET, 'content-type': 'text/javascript; charset=utf-8' }
const STYLE = { ...ASSET, 'content-type': 'text/css; charset=utf-8' }
const exported = (ending: string, type: string) => ({
  ...{ ...UNKEPT, ...VARY, 'content-type': type, 'x-accel-buffering': 'no' },
  'content-disposition': `attachment; filename="iam-logs-${ORGANIZATION}${ending}"`,
  'content-location': `?snapshot=${ID}`,
})
const fed = (type: string) => ({
  ...{ ...UNKEPT, ...VARY, 'content-type': type, 'x-poll-interval': '60' },
  link: `<?after=${ID}>; rel="next"`,
})
const GRAPH = '/graphql'
const SUBSCRIPTION = `subscription { eventRecorded(organizationId: "${ORGANIZATION}") { id } }`
const HTML = { accept: 'text/html' }
const ZIPPED = { 'accept-encoding': 'gzip' }
const GZIP = { 'content-encoding': 'gzip' }

const ROWS: readonly Row[] = [
  ['a question', post('{ __typename }'), 200, ANSWER],
  ['one the schema does not know', post('{ x }'), 422, UNANSWERED],
  ['one that does not parse', post('{'), 400, UNANSWERED],
  [
    'a question of a newer client',
    post('{ __typename }', { accept: 'application/graphql-response+json' }),
    200,
    { ...RESPONSE, ...VARY },
  ],
  [
    'a wrong one of a newer client',
    post('{ x }', { accept: 'application/graphql-response+json' }),
    422,
    UNANSWERED,
  ],
  ['a variable that is missing', post('query ($a: ID!) { event(id: $a) { id } }'), 422, UNANSWERED],
  ['an answer as a stream', post('{ __typename }', { accept: 'text/event-stream' }), 200, STREAM],
  ['a subscription', post(SUBSCRIPTION, { accept: 'text/event-stream' }), 200, STREAM],
  [
    'a subscription for who takes no stream',
    post(SUBSCRIPTION, { accept: 'application/json' }),
    406,
    UNANSWERED,
  ],
  [
    'a form nobody offers',
    post('{ __typename }', { accept: 'image/png' }),
    406,
    {
      ...UNKEPT,
      accept: 'text/event-stream, application/graphql-response+json, application/json',
    },
  ],
  ['a question without a token', [GRAPH, { method: 'POST' }], 401, UNKNOWN_HERE],
  ['a question with a wrong one', post('{ x }', { 'x-auth-token': 'ilg_no' }), 401, UNKNOWN_HERE],
  ['a question with two', post('{ x }', { authorization: 'Bearer a' }), 400, UNANSWERED],
  ['a body that is no JSON', post('', { 'content-type': 'text/plain' }), 415, UNANSWERED],
  ['a body that is too long', post('x'.repeat(300_000)), 413, UNANSWERED],
  ['no operation', post('query A { __typename } query B { __typename }'), 422, UNANSWERED],
  ['a GET of the graph', seen(`${GRAPH}?query=%7B__typename%7D`), 200, ANSWER],
  ['a GET of nothing of the graph', seen(GRAPH), 422, UNANSWERED],
  ['a GET of the graph without a token', get(GRAPH), 401, UNKNOWN_HERE],
  ['a PUT of the graph', by('PUT', GRAPH), 405, { ...UNANSWERED, allow: 'GET, POST' }],
  ['OPTIONS of the graph', by('OPTIONS', GRAPH), 405, { ...UNANSWERED, allow: 'GET, POST' }],

  ['the Logs page', get('/'), 200, LOGS_PAGE],
  ['the Logs page by gzip', get('/', ZIPPED), 200, { ...LOGS_PAGE, ...GZIP }],
  ['its script', file('assets', 'page.js'), 200, SCRIPT],
  ['its style', file('assets', 'page.css'), 200, STYLE],
  [
    'its licences',
    file('assets', 'licences.txt'),
    200,
    { ...ASSET, 'content-type': 'text/plain; charset=utf-8' },
  ],
  ['GraphiQL', get(GRAPH, HTML), 200, GRAPHIQL],
  ['GraphiQL by gzip', get(GRAPH, { ...HTML, ...ZIPPED }), 200, { ...GRAPHIQL, ...GZIP }],
  ...['page.js', 'yoga.js', 'editorWorkerService.js', 'graphql.js', 'json.js'].map(
    (name): Row => [`GraphiQL's ${name}`, file('graphql/assets', name), 200, SCRIPT],
  ),
  ...['page.css', 'yoga.css'].map(
    (name): Row => [`GraphiQL's ${name}`, file('graphql/assets', name), 200, STYLE],
  ),
  ['a POST of a page', by('POST', '/'), 405, { ...REFUSED, allow: 'GET, HEAD' }],

  ['whether it is alive', get('/health/live'), 200, TEXT],
  ['whether it is ready', get('/health/ready'), 200, REFUSED],
  [
    'its figures',
    get('/metrics'),
    200,
    { ...UNKEPT, ...VARY, 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
  ],
  ['a DELETE of its health', by('DELETE', '/health/live'), 405, { ...REFUSED, allow: 'GET, HEAD' }],
  ['nothing', get('/nowhere'), 404, REFUSED],
  ['a file that is no more', get('/assets/0000000000000000/page.js'), 404, REFUSED],
  ['a PATCH of nothing', by('PATCH', '/nowhere'), 405, { ...REFUSED, allow: 'GET, HEAD' }],
  ['another host', get('http://evil.example/'), 421, REFUSED],

  ...EXPORT_FORMATS.map(({ extension, mediaType }): Row => {
    const path = `/export/${ORGANIZATION}${extension}`
    return [`an export as ${extension}`, seen(path), 200, exported(extension, mediaType)]
  }),
  ['an export without a token', get(`/export/${ORGANIZATION}.csv`), 401, UNKNOWN],
  ['an export of nobody', seen(`/export/${uuid(404)}.csv`), 404, REFUSED],
  ['an export of no form', seen(`/export/${ORGANIZATION}.xml`), 404, REFUSED],
  ['an export by a wrong filter', seen(`/export/${ORGANIZATION}.csv?actions=x`), 400, REFUSED],
  [
    'a POST of an export',
    by('POST', `/export/${ORGANIZATION}.csv`),
    405,
    { ...REFUSED, allow: 'GET, HEAD' },
  ],
  ...FEED_ENDINGS.map((ending): Row => {
    const name = `${ORGANIZATION}${ending}`
    const format = EXPORT_FORMATS.find(({ extension }) => extension === ending)
    const type = format?.mediaType ?? 'application/json'
    return [`a feed as "${ending}"`, seen(`/feed/${name}`), 200, fed(type)]
  }),
  ['a feed without a token', get(`/feed/${ORGANIZATION}`), 401, UNKNOWN],
  ['a feed of nobody', seen(`/feed/${uuid(404)}`), 404, REFUSED],
  ['a feed from no cursor', seen(`/feed/${ORGANIZATION}?after=x`), 400, REFUSED],
]

/** On a server that answers less, and on one whose database is gone. */
const OTHERS: readonly (readonly [...Row, app: () => TestApp])[] = [
  ['a document that is not persisted', post('{ x }'), 403, UNANSWERED, () => restricted],
  ['GraphiQL of persisted documents', get(GRAPH, HTML), 200, GRAPHIQL, () => restricted],
  [
    'one export too many',
    seen(`/export/${ORGANIZATION}.csv`),
    429,
    { ...REFUSED, 'retry-after': '60' },
    () => restricted,
  ],
  ['a question to no database', post('{ x }'), 500, UNANSWERED, () => failing],
  ['whether that is ready', get('/health/ready'), 503, REFUSED, () => failing],
]

/** The files of a page are below a path that its own text tells. */
async function placed([path, init = {}]: Ask): Promise<Ask> {
  const [folder, name] = path.split(':')
  if (name === undefined || path.startsWith('http:')) return [path, init]
  const page = await app.fetch(folder === 'assets' ? '/' : GRAPH, { headers: HTML })
  const base = new RegExp(`"(${folder}/[\\w-]+/)`).exec(await page.text())?.[1]
  return [`/${base}${name}`, init]
}

async function headersOf(on: TestApp, ask: Ask | (() => Ask), more: Headers_ = {}) {
  const [path, init = {}] = await placed(typeof ask === 'function' ? ask() : ask)
  const headers = { 'x-request-id': 'table-1', ...(init.headers as Headers_), ...more }
  const url = path.startsWith('/') ? `http://127.0.0.1${path}` : path
  const response = await on.app.fetch(new Request(url, { ...init, headers }))
  await response.body?.cancel()
  const found = [...response.headers].filter(([name]) => !FRAMING.includes(name))
  return { status: response.status, headers: Object.fromEntries(found) }
}

const EXPOSED =
  'content-disposition, content-location, link, retry-after, x-poll-interval, x-request-id'

function expected(status: number, headers: Headers_, more: Headers_) {
  return { status, headers: { ...headers, 'x-request-id': 'table-1', ...more } }
}

async function expectHeaders([, ask, status, headers]: Row, on: TestApp) {
  const vary = { vary: headers.vary === undefined ? 'Origin' : `${headers.vary}, Origin` }
  const shared = { 'access-control-allow-origin': FRIEND, 'access-control-expose-headers': EXPOSED }
  for (const origin of [undefined, 'https://evil.example', 'null', `${FRIEND}.evil`]) {
    const found = await headersOf(on, ask, origin === undefined ? {} : { origin })
    expect(found, origin).toEqual(expected(status, headers, vary))
  }
  expect(await headersOf(on, ask, { origin: FRIEND })).toEqual(
    expected(status, headers, { ...vary, ...shared }),
  )
}

describe('the headers of', () => {
  test.each(ROWS)('%s, to any page and to one that is listed', async (...row) => {
    await expectHeaders(row, app)
  })

  test.each(OTHERS)('%s', async (what, ask, status, headers, on) => {
    await expectHeaders([what, ask, status, headers], on())
  })

  test.each(ROWS)('%s where no page is listed, to any page alike', async (_, ask, status, own) => {
    for (const origin of [undefined, FRIEND]) {
      const found = await headersOf(unlisted, ask, origin === undefined ? {} : { origin })
      expect(found).toEqual(expected(status, own, {}))
    }
  })

  const gets = ROWS.filter(([what, ask]) => {
    const [, { method = 'GET' } = {}] = typeof ask === 'function' ? ask() : ask
    return method === 'GET' && !what.includes('of the graph') && !what.includes('graph without')
  })
  test.each(gets)('%s, by HEAD', async (_, ask, status, headers) => {
    const asked = (): Ask => {
      const [path, init] = typeof ask === 'function' ? ask() : ask
      return [path, { ...init, method: 'HEAD' }]
    }
    expect(await headersOf(unlisted, asked)).toEqual(expected(status, headers, {}))
  })
})

/** What clients of GraphQL and of traces send. */
const SENT =
  'accept, authorization, content-type, last-event-id, x-auth-token, x-request-id, apollographql-client-name, ' +
  'apollographql-client-version, apollo-require-preflight, graphql-client-name, graphql-client-version, ' +
  'graphql-require-preflight, traceparent, tracestate, baggage, sentry-trace'

describe('who asks whether a page may ask', () => {
  const paths = [GRAPH, '/', '/health/live', '/metrics', '/nowhere', `/feed/${ORGANIZATION}`]
  const preflight = (path: string, origin: string): Ask => [
    path,
    { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } },
  ]

  test.each(paths)('%s is told what it may where the page is listed', async path => {
    expect(await headersOf(app, preflight(path, FRIEND))).toEqual(
      expected(
        204,
        {},
        {
          vary: 'Origin',
          'access-control-allow-origin': FRIEND,
          'access-control-allow-methods': 'GET, HEAD, POST',
          'access-control-allow-headers': SENT,
          'access-control-max-age': '7200',
        },
      ),
    )
  })

  test.each(paths)('%s is told nothing where it is not', async path => {
    const own = path === GRAPH ? UNANSWERED : REFUSED
    const refused = expected(403, own, {})
    for (const origin of ['https://evil.example', 'null', '', `${FRIEND}/`, FRIEND.toUpperCase()]) {
      expect(await headersOf(app, preflight(path, origin)), origin).toEqual(
        expected(403, own, { vary: 'Origin' }),
      )
      expect(await headersOf(unlisted, preflight(path, origin))).toEqual(refused)
    }
    expect(await headersOf(unlisted, preflight(path, FRIEND))).toEqual(refused)
  })
})
