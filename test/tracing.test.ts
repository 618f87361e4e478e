// Traces, as a collector receives them. The collector of this test takes them over HTTP as JSON.

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { emptyDatabase, type Running, run, start, temporaryFolder } from './support/command.ts'
import { ORGANIZATION } from './support/events.ts'

interface Span {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly kind: number
  readonly attributes: readonly { readonly key: string; readonly value: unknown }[]
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
}

let collector: Server
let bodies: string[]
let spans: Span[]
let services: Set<unknown>
const running: Running[] = []

beforeEach(async () => {
  bodies = []
  spans = []
  services = new Set()
  collector = createServer(async (request, response) => {
    const body = await text(request)
    expect([request.method, request.url]).toEqual(['POST', '/v1/traces'])
    expect(request.headers['x-collector-key']).toBe('let-me-in')
    bodies.push(body)
    for (const { resource, scopeSpans } of JSON.parse(body).resourceSpans) {
      services.add(attributeOf(resource, 'service.name'))
      for (const scope of scopeSpans) spans.push(...scope.spans)
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  }).listen(0, '127.0.0.1')
  await once(collector, 'listening')
})
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop()
  collector.closeAllConnections()
  collector.close()
})

function attributeOf({ attributes }: Pick<Span, 'attributes'>, key: string): unknown {
  const value = attributes.find(attribute => attribute.key === key)?.value
  return value === undefined ? undefined : Object.values(value as object)[0]
}

async function serve(cwd: string, environment: Record<string, string> = {}) {
  await emptyDatabase(cwd)
  const made = await run(['token', 'create', '--organization', ORGANIZATION, '--owner'], { cwd })
  const { port } = collector.address() as AddressInfo
  const server = start(['serve', '--port', '0', '--no-sample'], {
    cwd,
    environment: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-collector-key=let-me-in',
      ...environment,
    },
  })
  running.push(server)
  const url = /http:\/\/[\d.:]+/.exec(await server.line(/http:/))?.[0] ?? ''
  const token = made.stdout.trim()
  const ask = (query: string, headers: Record<string, string> = {}) =>
    fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-auth-token': token, ...headers },
      body: JSON.stringify({ query }),
    })
  return { server, token, ask }
}

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = '00f067aa0ba902b7'

test.each(['1', '2'])(
  'a query has spans for its parts and statements, in the trace of the client, with %s process(es)',
  async workers => {
    using folder = temporaryFolder()
    const { server, ask, token } = await serve(folder.path, { IAM_LOGS_WORKERS: workers })
    const query = `query Mine { organization(id: "${ORGANIZATION}") { events { totalCount } } }`
    await ask(query, { traceparent: `00-${TRACE}-${PARENT}-01`, 'x-request-id': 'traced-1' })
    await server.stop()

    expect(services).toEqual(new Set(['iam-logs-gateway']))
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]))
    const root = spans.find(({ parentSpanId }) => parentSpanId === PARENT)
    if (root === undefined) throw new Error(`no root: ${JSON.stringify(spans)}`)
    expect(root).toMatchObject({ name: 'POST graphql', kind: 2 })
    expect(attributeOf(root, 'http.response.status_code')).toBe(200)
    expect(attributeOf(root, 'graphql.operation.name')).toBe('Mine')
    expect(attributeOf(root, 'iam_logs.request_id')).toBe('traced-1')
    const inside = spans.filter(({ parentSpanId }) => parentSpanId === root.spanId)
    expect(inside.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['graphql.parse', 'graphql.validate', 'graphql.execute', 'SELECT']),
    )
    const execute = inside.find(({ name }) => name === 'graphql.execute')
    const statements = spans.filter(({ parentSpanId }) => parentSpanId === execute?.spanId)
    expect(statements.length).toBeGreaterThan(0)
    for (const statement of statements) {
      expect(attributeOf(statement, 'db.system.name')).toBe('sqlite')
      expect(attributeOf(statement, 'db.query.text')).toMatch(/^SELECT .*\?/is)
    }
    for (const { startTimeUnixNano, endTimeUnixNano } of spans) {
      expect(BigInt(endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(startTimeUnixNano))
    }
    const sent = bodies.join()
    expect(sent).not.toContain(token)
    expect(sent).not.toContain(ORGANIZATION)
    expect(sent).not.toContain('--no-sample')
    const line = JSON.parse(
      server
        .stderr()
        .split('\n')
        .find(line => line.includes('traced-1')) ?? '',
    )
    expect(line.traceId).toBe(TRACE)
  },
)

test('a request is not traced if its client or a setting says so', async () => {
  using folder = temporaryFolder()
  const { server, ask } = await serve(folder.path)
  await ask('{ __typename }', { traceparent: `00-${TRACE}-${PARENT}-00` })
  await server.stop()
  const never = await serve(folder.path, { OTEL_TRACES_SAMPLER: 'always_off' })
  await never.ask('{ __typename }')
  await never.server.stop()
  const off = await serve(folder.path, { OTEL_SDK_DISABLED: 'true' })
  await off.ask('{ __typename }', { traceparent: `00-${TRACE}-${PARENT}-01` })
  await off.server.stop()
  expect(spans).toEqual([])
})

test('an invalid traceparent begins a new trace', async () => {
  using folder = temporaryFolder()
  const { server, ask } = await serve(folder.path)
  expect((await ask('{ __typename }', { traceparent: '00-zzz-1-01' })).status).toBe(200)
  await server.stop()
  const [root] = spans.filter(({ name }) => name === 'POST graphql')
  expect(root?.parentSpanId ?? '').toBe('')
  expect(root?.traceId).toMatch(/^[0-9a-f]{32}$/)
})

test('a collector that cannot be reached affects no response, and does not delay the end of the server', async () => {
  using folder = temporaryFolder()
  const { server, ask } = await serve(folder.path, {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
  })
  expect((await ask('{ __typename }')).status).toBe(200)
  expect((await server.stop()).code).toBe(0)
})

test('an endpoint that is not a URL is refused', async () => {
  using folder = temporaryFolder()
  const { code, stderr } = await run(['serve'], {
    cwd: folder.path,
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' },
  })
  expect(code).toBe(1)
  expect(stderr).toMatch(
    /^error: OTEL_EXPORTER_OTLP_ENDPOINT \("collector:4318"\) is not a valid URL; .*\n$/,
  )
})

test('a warning of the SDK about its settings is in the log', async () => {
  using folder = temporaryFolder()
  const { server } = await serve(folder.path, { OTEL_TRACES_SAMPLER: 'sometimes' })
  await server.stop()
  const warned = server
    .stderr()
    .split('\n')
    .find(line => line.includes('OTEL_TRACES_SAMPLER'))
  expect(JSON.parse(warned ?? '').text).toContain('"sometimes"')
})
