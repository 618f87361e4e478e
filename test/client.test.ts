// The client of Scaleway's API over HTTP: its requests, how it handles every kind of response, when it retries, and that
// no error contains the secret key.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createScalewayClient, type Page, type ScalewayOptions } from '../src/scaleway/client.ts'
import { at, ORGANIZATION, uuid } from './support/events.ts'

const ACCESS_KEY = 'SCWAAAAAAAAAAAAAAAAA'
const SECRET_KEY = uuid(0x5ec3e7, 'deadbeef')

type Reply = (response: ServerResponse, request: IncomingMessage) => void

/** A server that sends these replies in turn, and then repeats the last one. */
async function serve(...replies: Reply[]) {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    const reply = replies[Math.min(requests.push(request), replies.length) - 1]
    reply?.(response, request)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = async () => {
    if (!server.listening) return
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
  onTestFinished(close)
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, close }
}

function client(apiUrl: string, options: Partial<ScalewayOptions> = {}) {
  const profile = { accessKey: ACCESS_KEY, secretKey: SECRET_KEY, organizationId: null, apiUrl }
  const patience = { tries: 3, firstWait: 1, longestWait: 5, timeout: 10_000, ...options.patience }
  const signal = options.signal ?? new AbortController().signal
  return createScalewayClient(profile, { ...options, signal, patience })
}

const LOGS = { organizationId: ORGANIZATION, from: null, until: null, page: 1, pageSize: 2 }

/** Requests a page of two logs from a server with these replies. */
async function ask(replies: Reply[], options?: Partial<ScalewayOptions>) {
  const server = await serve(...replies)
  const retries: string[] = []
  const request = client(server.url, { onRetry: what => retries.push(what), ...options }).logs(LOGS)
  const outcome: { page?: Page; error?: unknown } = await request.then(
    page => ({ page }),
    error => ({ error }),
  )
  return { ...outcome, retries, requests: server.requests }
}

function json(body: unknown, status = 200, headers: Record<string, string> = {}): Reply {
  return response => {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }
}

const LOG = { id: uuid(1), created_at: '2025-11-17T17:10:30.448542Z', unknown: [null] }
const GOOD = json({ logs: [LOG], total_count: 7 })

describe('a request for a page', () => {
  test('of the log has the date bounds, and returns the items as Scaleway wrote them', async () => {
    const { url, requests } = await serve(GOOD)
    const page = await client(url).logs({
      organizationId: ORGANIZATION,
      from: at('2025-11-17T17:10:30.123Z'),
      until: at('2026-01-01T00:00:00Z'),
      page: 3,
      pageSize: 100,
    })
    expect(page).toEqual({ items: [LOG], total: 7 })
    const requested = new URL(requests[0]?.url ?? '', url)
    expect([requests[0]?.method, requested.pathname]).toEqual(['GET', '/iam/v1alpha1/logs'])
    expect(Object.fromEntries(requested.searchParams)).toEqual({
      organization_id: ORGANIZATION,
      created_after: '2025-11-17T17:10:30.123Z',
      created_before: '2026-01-01T00:00:00.000Z',
      order_by: 'created_at_asc',
      page: '3',
      page_size: '100',
    })
    expect(requests[0]?.headers).toMatchObject({
      accept: 'application/json',
      'x-auth-token': SECRET_KEY,
      'user-agent': expect.stringMatching(/^iam-logs-gateway\/\d+\.\d+\.\d+$/),
    })
  })

  test('of the log without date bounds sends none', async () => {
    const { requests } = await ask([GOOD])
    expect(requests[0]?.url).not.toMatch(/created_(after|before)/)
  })

  test.each([
    ['users', 'users'],
    ['applications', 'applications'],
    ['groups', 'groups'],
    ['policies', 'policies'],
    ['api-keys', 'api_keys'],
  ] as const)('of the %s names the Organization and the order, oldest first', async (name, key) => {
    const { url, requests } = await serve(json({ [key]: [{ id: 1 }], total_count: 101 }))
    expect(await client(url).list(name, ORGANIZATION, 2)).toEqual({
      items: [{ id: 1 }],
      total: 101,
    })
    const requested = new URL(requests[0]?.url ?? '', url)
    expect(requested.pathname).toBe(`/iam/v1alpha1/${name}`)
    expect(Object.fromEntries(requested.searchParams)).toEqual({
      organization_id: ORGANIZATION,
      order_by: 'created_at_asc',
      page: '2',
      page_size: '100',
    })
  })

  test('of the rules names their policy', async () => {
    const { url, requests } = await serve(json({ rules: [], total_count: 0 }))
    expect(await client(url).rules(uuid(5), 1)).toEqual({ items: [], total: 0 })
    const path = `/iam/v1alpha1/rules?page=1&page_size=100&policy_id=${uuid(5)}`
    expect(requests.map(request => request.url)).toEqual([path])
  })

  test.each<[string, Reply, Page]>([
    [
      'whose Content-Type has a character set',
      json({ logs: [], total_count: 9 }, 200, {
        'Content-Type': 'Application/JSON; charset=utf-8',
      }),
      { items: [], total: 9 },
    ],
    [
      'whose list is null and whose total_count is 0',
      json({ logs: null, total_count: 0 }),
      { items: [], total: 0 },
    ],
  ])('accepts a response %s', async (_, reply, page) => {
    expect(await ask([reply])).toMatchObject({ page, retries: [] })
  })
})

/** A few kilobytes that decompress to 17 MiB. */
function bomb(status: number): Reply {
  const body = gzipSync(Buffer.alloc(17 * 2 ** 20, ' '))
  return response => {
    response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' })
    response.end(body)
  }
}

/** Faults that a retry may end, and how each is reported. */
const TEMPORARY_FAULTS: Readonly<Record<string, [Reply, string]>> = {
  'status 429': [json('', 429), 'status 429'],
  'status 408': [json('', 408), 'status 408'],
  'status 425': [json('', 425), 'status 425'],
  'status 500 with JSON': [json({ message: 'internal error' }, 500), 'status 500'],
  'status 502 with HTML': [json('<html>', 502, { 'Content-Type': 'text/html' }), 'status 502'],
  'status 503 with a Retry-After in the past': [
    json('', 503, { 'Retry-After': 'Thu, 01 Jan 2026 00:00:00 GMT' }),
    'status 503',
  ],
  'status 504': [json('', 504), 'status 504'],
  'a connection closed before the response': [
    response => response.destroy(),
    'the connection failed: "other side closed"',
  ],
  'a connection reset before the response': [
    response => response.socket?.resetAndDestroy(),
    'the connection failed: "read ECONNRESET"',
  ],
  'a connection closed in the middle of the response': [
    response => {
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '1000' })
      response.write('{"logs":[', () => response.destroy())
    },
    'the connection failed: "other side closed"',
  ],
  'a connection closed in the middle of a chunked response': [
    response => {
      response.writeHead(200, { 'Content-Type': 'application/json' })
      response.write('{"logs":[', () => response.destroy())
    },
    'the connection failed: "other side closed"',
  ],
  'a response that is not HTTP': [
    response => response.socket?.end('SSH-2.0-OpenSSH_9.9\r\n'),
    'the connection failed: ',
  ],
  'truncated JSON': [json('{"logs":[{"id":'), 'the JSON is incomplete or invalid'],
  'a page of HTML': [
    json('<html>', 200, { 'Content-Type': 'text/html' }),
    'the Content-Type is "text/html", not JSON',
  ],
  'a response without content': [
    response => response.writeHead(204).end(),
    'the Content-Type is missing, not JSON',
  ],
  'JSON that is not an object': [json([LOG]), 'the response is not a JSON object'],
  'a response without the list': [json({ total_count: 3 }), 'the response has no logs'],
  'a list that is null with a total_count of 3': [
    json({ logs: null, total_count: 3 }),
    'the response has no logs',
  ],
  'a response without a total_count': [
    json({ logs: [] }),
    'the total_count of the response is not a number',
  ],
  'a negative total_count': [
    json({ logs: [], total_count: -1 }),
    'the total_count of the response is not a number',
  ],
  'a total_count that is a string': [
    json({ logs: [], total_count: '1' }),
    'the total_count of the response is not a number',
  ],
  'a fractional total_count': [
    json({ logs: [], total_count: 1.5 }),
    'the total_count of the response is not a number',
  ],
  'a response that decompresses to more than 16 MiB': [
    bomb(200),
    'the response is larger than 16 MiB',
  ],
  'a refusal that decompresses to more than 16 MiB': [
    bomb(403),
    'the response is larger than 16 MiB',
  ],
  'a list longer than requested': [
    json({ logs: [LOG, LOG, LOG], total_count: 3 }),
    'the response has 3 logs, more than the 2 requested',
  ],
}

describe('retries', () => {
  test.each(Object.entries(TEMPORARY_FAULTS))(
    'a request is retried after %s, and the cause is reported',
    async (_, [reply, words]) => {
      const { page, retries, requests } = await ask([reply, GOOD])
      expect(page).toEqual({ items: [LOG], total: 7 })
      expect(requests).toHaveLength(2)
      expect(retries).toHaveLength(1)
      expect(retries[0]).toContain(`the logs of Organization ${ORGANIZATION}, page 1: ${words}`)
      expect(retries[0]).toMatch(/; try 2 of 3 in \d ms$/)
    },
  )

  test.each<[string, Reply]>([
    ['no response', () => {}],
    [
      'only half a response',
      response => {
        response.writeHead(200, { 'Content-Type': 'application/json' })
        response.write('{"logs":[')
      },
    ],
  ])('a request is retried if there is %s within the timeout', async (_, reply) => {
    const { page, retries } = await ask([reply, GOOD], { patience: { timeout: 500 } })
    expect(page).toEqual({ items: [LOG], total: 7 })
    expect(retries[0]).toContain('page 1: no complete response within 0.5 s; try 2 of 3')
  })

  test('end with an error after the last try, with the number of tries and the last cause', async () => {
    const { error, retries, requests } = await ask([json('', 503), json('', 500)])
    expect(requests).toHaveLength(3)
    expect(retries).toHaveLength(2)
    expect(error).toMatchObject({
      name: 'ScalewayUnavailable',
      code: 'SCALEWAY_UNAVAILABLE',
      message: `Scaleway did not return the logs of Organization ${ORGANIZATION}, page 1, requested 3 times; the last error: status 500`,
    })
  })

  test('end with the same kind of error if no server listens', async () => {
    const closed = await serve(GOOD)
    await closed.close()
    const request = client(closed.url, { patience: { tries: 1 } }).list('groups', ORGANIZATION, 1)
    await expect(request).rejects.toMatchObject({
      code: 'SCALEWAY_UNAVAILABLE',
      message: expect.stringMatching(
        /^Scaleway did not return the groups of Organization \S+, page 1, requested once; the last error: the connection failed: "connect ECONNREFUSED 127.0.0.1:\d+"$/,
      ),
    })
  })

  test('wait as long as Scaleway asks, if that is longer', async () => {
    const busy = { type: 'too_many_requests', reset_seconds: 0.12 }
    const order: string[] = []
    const refuse: Reply = (response, request) => {
      // Of two timers of the same duration, the one set first ends first.
      setTimeout(() => order.push('its time is over'), 119)
      json(busy, 429, { 'Retry-After': '0' })(response, request)
    }
    const answer: Reply = (response, request) => {
      order.push('requested again')
      GOOD(response, request)
    }
    const { retries } = await ask([refuse, answer])
    expect(retries[0]).toMatch(/status 429; try 2 of 3 in 120 ms$/)
    expect(order).toEqual(['its time is over', 'requested again'])
  })

  test.each([
    ['a number of seconds', '600'],
    ['a date', new Date(Date.now() + 600_400).toUTCString()],
  ])('are not tried if Scaleway asks, by %s, to wait too long', async (_, after) => {
    const { error, requests, retries } = await ask([json('', 429, { 'Retry-After': after })])
    expect([requests.length, retries]).toEqual([1, []])
    expect(error).toMatchObject({
      code: 'SCALEWAY_UNAVAILABLE',
      message: `Scaleway did not return the logs of Organization ${ORGANIZATION}, page 1 (status 429) and asks to wait 10 minutes; try again then`,
    })
  })
})

test('a redirect is not followed, so that the secret key is not sent elsewhere', async () => {
  const elsewhere = await serve(GOOD)
  const { error, requests } = await ask([
    response => response.writeHead(302, { Location: `${elsewhere.url}/` }).end(),
  ])
  expect(error).toMatchObject({ message: expect.stringContaining('unexpected redirect') })
  expect([requests.length, elsewhere.requests.length]).toEqual([3, 0])
})

describe('a refused request', () => {
  test.each([
    [401, { type: 'denied_authentication', reason: 'not_found' }, 'Scaleway does not accept'],
    [401, '<html>', 'Scaleway does not accept'],
    [401, { type: 'denied_authentication', reason: 'expired' }, 'has expired; create a new one'],
    [403, { type: 'expired', resource: 'token' }, 'has expired; create a new one'],
    [410, { type: 'resource_expired', resource: 'token' }, 'has expired; create a new one'],
  ])('with status %i and %o is reported as a fault of the API key', async (status, body, words) => {
    const { error, requests } = await ask([json(body, status)])
    expect(requests).toHaveLength(1)
    expect(error).toMatchObject({ name: 'UserError', code: 'UNAUTHENTICATED', status })
    expect((error as Error).message).toContain(words)
    expect((error as Error).message).toContain(`API key ${ACCESS_KEY}`)
  })

  test('for a list is reported with the list and the permission set that would allow it', async () => {
    const body = { type: 'permissions_denied', message: 'insufficient permissions', details: [] }
    const { url } = await serve(json(body, 403))
    const { logs, list, rules } = client(url)
    const calls = [
      () => logs(LOGS),
      () => list('users', ORGANIZATION, 1),
      () => list('applications', ORGANIZATION, 1),
      () => list('groups', ORGANIZATION, 1),
      () => list('policies', ORGANIZATION, 1),
      () => list('api-keys', ORGANIZATION, 1),
      () => rules(uuid(5), 1),
    ]
    const errors = await Promise.all(calls.map(call => call().catch(error => error)))
    const of = `of Organization ${ORGANIZATION}`
    expect(errors.map(error => [error.code, error.status, error.message])).toEqual(
      [
        [`logs ${of}`, 'IAMReadOnly'],
        [`users ${of}`, 'IAMUserReadOnly or IAMReadOnly'],
        [`applications ${of}`, 'IAMApplicationReadOnly or IAMReadOnly'],
        [`groups ${of}`, 'IAMGroupReadOnly or IAMReadOnly'],
        [`policies ${of}`, 'IAMPolicyReadOnly or IAMReadOnly'],
        [`API keys ${of}`, 'IAMReadOnly'],
        [`rules of policy ${uuid(5)}`, 'IAMPolicyReadOnly or IAMReadOnly'],
      ].map(([what, sets]) => [
        'FORBIDDEN',
        403,
        `the API key ${ACCESS_KEY} may not read the ${what}; give its bearer the permission set ${sets} in the whole Organization`,
      ]),
    )
  })

  test.each([
    [
      400,
      {
        type: 'invalid_arguments',
        message: 'invalid argument(s)',
        details: [{ argument_name: 'page', reason: 'constraint', help_message: 'is too large' }],
      },
      ', with status 400: "invalid argument(s): page: is too large"',
    ],
    [404, { type: 'not_found', message: 'resource is not found' }, ': "resource is not found"'],
    [418, '<html>', ', with status 418'],
    [400, { message: `a\n${'b'.repeat(200)}` }, `: "a\\n${'b'.repeat(77)}…"`],
  ])(
    "with status %i is reported with Scaleway's message, if there is one, shortened",
    async (status, body, words) => {
      const { error, requests } = await ask([json(body, status)])
      expect(requests).toHaveLength(1)
      const { message } = error as Error
      expect(error).toMatchObject({ code: 'BAD_USER_INPUT', status })
      expect(message).toMatch(/^Scaleway refuses the logs of Organization \S+, with status \d+/)
      expect(message.endsWith(words)).toBe(true)
    },
  )
})

describe('an abort ends a request at once with the reason of the abort', () => {
  const reason = new Error('stopping')

  test('before it began', async () => {
    const { error, requests } = await ask([GOOD], { signal: AbortSignal.abort(reason) })
    expect([error, requests.length]).toEqual([reason, 0])
  })

  test.each<[string, Reply]>([
    ['while it waits for a response', () => {}],
    [
      'while it reads a response',
      response => {
        response.writeHead(200, { 'Content-Type': 'application/json' })
        response.write('{')
      },
    ],
  ])('%s', async (_, reply) => {
    const controller = new AbortController()
    const { error, requests } = await ask(
      [
        (response, request) => {
          reply(response, request)
          setImmediate(() => controller.abort(reason))
        },
      ],
      { signal: controller.signal },
    )
    expect([error, requests.length]).toEqual([reason, 1])
  })

  test.each([
    ['before the next try', 'none', 60_000],
    ['while it waits as long as Scaleway asks', '60', 1],
  ])('%s', async (_, after, wait) => {
    const controller = new AbortController()
    const { error, requests } = await ask([json('', 429, { 'Retry-After': after })], {
      signal: controller.signal,
      patience: { firstWait: wait, longestWait: wait },
      onRetry: () => setImmediate(() => controller.abort(reason)),
    })
    expect([error, requests.length]).toEqual([reason, 1])
  })
})

test('each call requests its own page only, however many there are', async () => {
  const { url, requests } = await serve(json({ users: [{}], total_count: 300 }))
  const scaleway = client(url)
  for (const page of [1, 2, 3]) {
    await scaleway.list('users', ORGANIZATION, page)
    expect(requests).toHaveLength(page)
  }
})

describe('no error contains the secret key', () => {
  const body = {
    message: `${'x'.repeat(70)} token ${SECRET_KEY.toUpperCase()} is not known`,
    details: [{ argument_name: SECRET_KEY, help_message: SECRET_KEY, reason: SECRET_KEY }],
    token: SECRET_KEY,
  }
  const replies: Readonly<Record<string, Reply>> = {
    ...Object.fromEntries(Object.entries(TEMPORARY_FAULTS).map(([name, [reply]]) => [name, reply])),
    'a Content-Type that repeats it': json('', 200, { 'Content-Type': `text/${SECRET_KEY}` }),
    'a total_count that repeats it': json({ logs: [], total_count: SECRET_KEY }),
    'invalid JSON that repeats it': json(`{"a": ${SECRET_KEY}`),
    'a redirect that repeats it': json('', 307, { Location: `http://x.invalid/${SECRET_KEY}` }),
    ...Object.fromEntries(
      [400, 401, 403, 404, 429, 500].map(status => [`status ${status}`, json(body, status)]),
    ),
  }

  test.each(Object.entries(replies))('after %s', async (_, reply) => {
    const { error, retries } = await ask([reply], { patience: { tries: 2 } })
    expect(error).toBeInstanceOf(Error)
    const all = inspect([error, retries], { depth: Infinity, showHidden: true, getters: true })
    expect(all).not.toMatch(/deadbeef/i)
    expect((error as Error).message).not.toContain('\n')
    expect(error).not.toHaveProperty('cause')
  })

  test('if it is not a UUID', () => {
    const profile = { accessKey: ACCESS_KEY, secretKey: 'deadbeef', organizationId: null }
    const make = () =>
      createScalewayClient(
        { ...profile, apiUrl: 'https://api.scaleway.com' },
        { signal: new AbortController().signal },
      )
    expect(make).toThrow(/^the secret key is not a UUID$/)
  })
})
