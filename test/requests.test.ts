// What the operator learns about each request: its ID, one record in the log, and metrics, which reveal no more than the
// responses do.

import { Registry } from 'prom-client'
import { afterEach, describe, expect, test } from 'vitest'
import { createServingMetrics } from '../src/server/metrics.ts'
import type { Answered } from '../src/server/request-context.ts'
import { openApp, type TestApp } from './support/app.ts'
import { event, idIn, ORGANIZATION, OTHER_ORGANIZATION, uuid } from './support/events.ts'
import { user } from './support/people.ts'
import { EVENTS, subscribe } from './support/streams.ts'

let app: TestApp
let records: Answered[]
let faults: { error: unknown; requestId: string | undefined }[]

async function open(options: Parameters<typeof openApp>[0] = {}): Promise<void> {
  records = []
  faults = []
  app = await openApp({
    ...options,
    watching: {
      answered: answered => records.push(answered),
      reportFault: (error, requestId) => faults.push({ error, requestId }),
    },
  })
}
afterEach(() => app.store.close())

async function post(query: string, headers: Record<string, string> = {}): Promise<Response> {
  return app.fetch('/graphql', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...headers,
      'x-auth-token': headers['x-auth-token'] ?? (await app.token(['AuditTrailReadOnly'])),
    },
    body: JSON.stringify({ query }),
  })
}

describe('the ID of a request', () => {
  test.each(['/graphql', '/health/live', '/health/ready', '/nowhere', '/'])(
    'is in the response of %s and in its record, whether the client sent it or not',
    async path => {
      await open()
      const own = await app.fetch(path, { headers: { 'x-request-id': 'Edge-01HQ.7:a=/+' } })
      expect(own.headers.get('x-request-id')).toBe('Edge-01HQ.7:a=/+')
      const made = await app.fetch(path)
      expect(made.headers.get('x-request-id')).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/)
      expect(records.map(({ requestId }) => requestId)).toEqual([
        'Edge-01HQ.7:a=/+',
        made.headers.get('x-request-id'),
      ])
    },
  )

  test.each(['', ' ', 'a b', 'ünicode', '"', 'x'.repeat(129), '<script>', '{"a":1}'])(
    'is a new one if the client sent an invalid one: %s',
    async sent => {
      await open()
      const response = await app.fetch('/health/live', {
        headers: { 'x-request-id': encodeURI(sent) === sent ? sent : `${encodeURI(sent)}%` },
      })
      expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/)
    },
  )

  test('is reported with an error of the whole request', async () => {
    await open()
    const token = await app.token()
    await app.store.close()
    const answer = await post('{ __typename }', {
      'x-request-id': 'broken-1',
      'x-auth-token': token,
    })
    expect(answer.status).toBe(500)
    expect(faults).toEqual([{ error: expect.any(Error), requestId: 'broken-1' }])
  })

  test('is reported with an error of one field', async () => {
    let gone = false
    await open({
      onStatement(text) {
        if (gone && text.includes('FROM directory')) throw new Error('the disk is gone')
      },
    })
    await app.store.append([event()])
    gone = true
    const answer = await post(
      `{ organization(id: "${ORGANIZATION}") { events { nodes { principal { name } } } } }`,
      { 'x-request-id': 'broken-2' },
    )
    expect(answer.status).toBe(200)
    expect(records[0]?.codes).toEqual(['INTERNAL_SERVER_ERROR'])
    expect(faults).toEqual([{ error: new Error('the disk is gone'), requestId: 'broken-2' }])
  })
})

describe('the record of a request', () => {
  test('has its path, status, viewer and operation', async () => {
    await open()
    await app.store.append([event()])
    await post(`query Newest { organization(id: "${ORGANIZATION}") { name } }`)
    expect(records).toEqual([
      {
        requestId: expect.any(String),
        method: 'POST',
        path: 'graphql',
        viewerId: (await app.store.tokens.list()).find(({ name }) => name === 'AuditTrailReadOnly')
          ?.id,
        operation: 'query Newest',
        status: 200,
        codes: [],
        lasting: false,
        duration: expect.any(Number),
        traceId: null,
        address: null,
      },
    ])
    expect(records[0]?.duration).toBeGreaterThan(0)
  })

  test('has the codes of errors, also those of a response with data', async () => {
    await open()
    await app.store.append([event()])
    await post('{ nothing }')
    await post(`{ a: organizations { events(first: 0) { totalCount } } b: event(id: "x") { id }
      organization(id: "${ORGANIZATION}") { events(first: 101) { totalCount } } }`)
    await post('{ __typename }', { 'x-auth-token': 'wrong' })
    await post('{ __typename }', { 'content-type': 'text/plain' })
    expect(records.map(({ status, codes }) => [status, codes])).toEqual([
      [422, ['BAD_USER_INPUT']],
      [200, ['LIMIT_EXCEEDED']],
      [401, ['UNAUTHENTICATED']],
      [415, ['BAD_USER_INPUT']],
    ])
  })

  test('is of limited length, however long the name of the operation, the path or the method is', async () => {
    await open()
    await post(`query ${'N'.repeat(10_000)} { __typename }`)
    await app.fetch(`/export/${'x'.repeat(1000)}`)
    await app.fetch('/?token=secret', { method: 'ODD' })
    await app.fetch('/assets/0000000000000000/page.js')
    expect(records.map(({ method, path, operation }) => [method, path, operation])).toEqual([
      ['POST', 'graphql', `query ${'N'.repeat(64)}`],
      ['GET', 'export', null],
      ['OTHER', 'page', null],
      ['GET', 'page', null],
    ])
  })

  test('is made once for a subscription, at its end', async () => {
    await open()
    await app.store.append([event()])
    const token = await app.token()
    const listener = await subscribe(app.fetch, { token })
    expect(records).toEqual([])
    expect(app.app.openStreams()).toBe(1)
    const { id } = event()
    await app.store.append([event({ id })])
    expect(await listener.next()).toMatchObject({ id })
    await listener.leave()
    await expect.poll(() => records.length).toBe(1)
    expect(records[0]).toMatchObject({ lasting: true, operation: 'subscription', status: 200 })
    const last = await subscribe(app.fetch, { token, query: EVENTS })
    app.app.close()
    expect(await last.rest()).toEqual([])
    expect(records).toHaveLength(2)
    expect(app.app.openStreams()).toBe(0)
  })
})

describe('the metrics', () => {
  let registry: Registry

  async function openCounting(options: Parameters<typeof openApp>[0] = {}): Promise<void> {
    registry = new Registry()
    const metrics = createServingMetrics(registry, () => app.app.openStreams())
    app = await openApp({
      ...options,
      onStatement: metrics.statement,
      store: metrics.counting,
      watching: {
        answered: metrics.answered,
        reportFault: () => {},
        metrics: () => registry.metrics(),
      },
    })
  }

  /** All metrics except measured times. */
  async function figures(): Promise<string> {
    const text = await (await app.fetch('/metrics')).text()
    return text
      .split('\n')
      .filter(line => !/^#|duration_seconds_(sum|bucket)/.test(line))
      .join('\n')
  }

  test('count requests, errors, events, statements and streams', async () => {
    await openCounting()
    await app.store.append([event(), event(), event()])
    await app.ask(
      '{ organizations { events(first: 2) { nodes { id } } eventFeed { nodes { id } } } }',
    )
    await app.ask('{ nonsense }')
    const listener = await subscribe(app.fetch, { token: await app.token() })
    const response = await app.fetch('/metrics')
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    const text = await response.text()
    expect(text).toContain('iam_logs_requests_total{path="graphql",status="200"} 1\n')
    expect(text).toContain('iam_logs_requests_total{path="graphql",status="422"} 1\n')
    expect(text).toContain('iam_logs_request_duration_seconds_count{path="graphql"} 2\n')
    expect(text).toContain('iam_logs_errors_total{code="BAD_USER_INPUT"} 1\n')
    expect(text).toContain('iam_logs_events_returned_total 5\n')
    expect(text).toContain('iam_logs_streams_open 1\n')
    expect(Number(/iam_logs_statements_total (\d+)/.exec(text)?.[1])).toBeGreaterThan(5)
    expect(text).not.toContain(ORGANIZATION)
    await listener.leave()
  })

  test('count the error that ends a subscription, and no error for one that the server ends', async () => {
    await openCounting({ streams: { recheck: 10 } })
    await app.store.append([event()])
    const revoked = await subscribe(app.fetch, { token: await app.token(['AuditTrailReadOnly']) })
    const valid = await subscribe(app.fetch, { token: await app.token() })
    expect(await figures()).not.toMatch(/errors_total\{/)
    const token = (await app.store.tokens.list()).find(({ name }) => name === 'AuditTrailReadOnly')
    await app.store.tokens.revoke(token?.id ?? '')
    const [last] = await revoked.rest()
    expect(last?.data.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }])
    app.app.close()
    await valid.rest()
    const text = await figures()
    expect(text).toContain('iam_logs_errors_total{code="UNAUTHENTICATED"} 1\n')
    expect(text.match(/errors_total\{/g)).toHaveLength(1)
    expect(text).toContain('iam_logs_requests_total{path="graphql",status="200"} 2\n')
  })

  test('have few labels, whatever clients send', async () => {
    await openCounting()
    for (let number = 0; number < 50; number++) {
      await app.fetch(`/export/${number}`, {
        method: `M${number}`,
        headers: { 'x-request-id': `${number}` },
      })
      await app.fetch(`/${number}`)
      await app.ask(`query Q${number} { organization(id: "${uuid(number)}") { name } }`)
    }
    expect((await figures()).split('\n').length).toBeLessThan(30)
  })

  test.each([
    ['principal and for a removed one', 'principal'],
    ['Organization and for one that does not exist', 'organization'],
  ])('are the same for a hidden %s', async (_, what) => {
    const texts: string[] = []
    for (const hidden of [true, false]) {
      await openCounting()
      const ADA = uuid(901)
      await app.store.append([event({ principalId: ADA }), event()])
      if (what === 'organization' && hidden) {
        await app.store.append([event({ organizationId: OTHER_ORGANIZATION })])
      }
      const entries = hidden ? [user({ id: ADA, name: 'Ada' })] : []
      if (what === 'principal') {
        await app.store.updateDirectory({
          organizationId: ORGANIZATION,
          kind: 'user',
          entries,
          complete: true,
        })
      }
      const before = await figures()
      const count = Number(/iam_logs_statements_total (\d+)/.exec(before)?.[1])
      const token = await app.token(['AuditTrailReadOnly'])
      const ask = () =>
        app.ask(
          `{ organization(id: "${ORGANIZATION}") {
              events { nodes { principal { __typename name } resource { name } } }
              principal(id: "${ADA}") { name }
              principals { nodes { name } } }
            node(id: "${idIn('principal', ADA)}") { id }
            other: organization(id: "${OTHER_ORGANIZATION}") { name events { totalCount } } }`,
          {},
          token,
        )
      // Then the key of the Organization is cached; before, one statement or several at once ask for it.
      await ask()
      const written = Number(/iam_logs_statements_total (\d+)/.exec(await figures())?.[1])
      for (let times = 0; times < 3; times++) await ask()
      const after = await figures()
      // The writes before may differ; the cost of the queries must not.
      const cost = Number(/iam_logs_statements_total (\d+)/.exec(after)?.[1]) - written
      expect(count).toBeGreaterThan(0)
      texts.push(
        after.replace(/iam_logs_statements_total \d+/, `iam_logs_statements_total ${cost}`),
      )
      if (hidden) await app.store.close()
    }
    expect(texts[0]).toBe(texts[1])
  })
})
