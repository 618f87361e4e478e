// Checks before a request is executed: the host names of the server, pages of other origins, the rate limit, too many
// wrong tokens, and overload.

import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type AppOptions, createApp } from '../src/server/app.ts'
import { listen, type RunningServer } from '../src/server/listen.ts'
import { openApp, type TestApp } from './support/app.ts'

let gateway: TestApp
let server: RunningServer | null = null

beforeEach(async () => {
  gateway = await openApp()
})
afterEach(async () => {
  await server?.close()
  server = null
  await gateway.store.close()
})

async function serve(options: Partial<AppOptions> = {}): Promise<void> {
  const reportFault = (error: unknown) => gateway.faults.push(error)
  server = await listen(
    createApp({ store: gateway.store, reportFault, ...options }),
    '127.0.0.1',
    0,
  )
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

function send(
  path: string,
  headers: Record<string, string>,
  { method = 'GET', body = '' } = {},
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const { port } = new URL(server?.url ?? '')
  request({ port, path, method, headers }, async answer => {
    const { statusCode: status = 0, headers } = answer
    resolve({ status, headers, body: await text(answer) })
  })
    .on('error', reject)
    .end(body)
  return promise
}

const QUERY = { method: 'POST', body: '{"query":"{ viewer { id } }"}' }

const headersWith = (token: string) => ({
  'content-type': 'application/json',
  'x-auth-token': token,
})

describe('the host names of the server', () => {
  const OWN = ['localhost', 'LOCALHOST:4000', '127.0.0.1', '127.0.0.1:1', '[::1]:4000', '10.1.2.3']
  test.each(OWN)('include %s', async host => {
    await serve()
    expect((await send('/health/live', { host })).status).toBe(200)
  })

  const FOREIGN = ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', 'a', '1.2.3']
  test.each(FOREIGN)('do not include %s: every path is refused with 421', async host => {
    await serve()
    for (const path of ['/health/live', '/graphql', '/nowhere']) {
      const { status, body } = await send(path, { host, accept: 'text/html' })
      expect(status).toBe(421)
      expect(JSON.parse(body).errors[0].extensions.code).toBe('FORBIDDEN')
    }
  })

  test('include those that are configured, and any with *', async () => {
    await serve({ hosts: ['logs.example'] })
    expect((await send('/health/live', { host: 'Logs.example:443' })).status).toBe(200)
    expect((await send('/health/live', { host: 'logs.example.' })).status).toBe(200)
    expect((await send('/health/live', { host: 'www.logs.example' })).status).toBe(421)
    await server?.close()
    await serve({ hosts: ['*'] })
    expect((await send('/health/live', { host: 'anything.example' })).status).toBe(200)
  })

  test('are compared with the host of the URL if the request line has one, as proxies send it, not with the Host header', async () => {
    await serve({ hosts: ['logs.example'] })
    const host = 'localhost'
    expect((await send('http://logs.example/health/live', { host })).status).toBe(200)
    expect((await send('http://evil.example/health/live', { host })).status).toBe(421)
  })
})

describe('a page of another origin', () => {
  const FRIEND = 'https://logs.example'
  const preflight = (origin: string) =>
    send('/graphql', { origin, 'access-control-request-method': 'POST' }, { method: 'OPTIONS' })
  const cors = ({ headers }: Answer) =>
    Object.keys(headers).filter(name => name.startsWith('access-control-'))

  test('gets no CORS headers if its origin is not listed, and its preflight request is refused', async () => {
    await serve()
    const token = await gateway.token()
    for (const origin of [FRIEND, 'null', 'http://127.0.0.1']) {
      const response = await preflight(origin)
      expect([response.status, cors(response)]).toEqual([403, []])
      expect(cors(await send('/graphql', { ...headersWith(token), origin }, QUERY))).toEqual([])
    }
  })

  test('may send queries if its origin is listed, but no cookies', async () => {
    await serve({ origins: [FRIEND] })
    const token = await gateway.token()
    const { status, headers } = await preflight(FRIEND)
    expect(status).toBe(204)
    expect(headers).toMatchObject({
      'access-control-allow-origin': FRIEND,
      'access-control-allow-headers': expect.stringContaining('x-auth-token'),
      vary: 'Origin',
    })
    const answer = await send('/graphql', { ...headersWith(token), origin: FRIEND }, QUERY)
    expect(answer.status).toBe(200)
    expect(answer.headers['access-control-allow-origin']).toBe(FRIEND)
    expect(answer.headers['access-control-allow-credentials']).toBeUndefined()
  })

  test.each([
    'https://logs.example.evil.example',
    'https://logs.exampl',
    'http://logs.example',
    'https://logs.example:444',
    'null',
  ])('is refused if its origin is %s and a similar one is listed', async origin => {
    await serve({ origins: [FRIEND] })
    const response = await preflight(origin)
    expect([response.status, cors(response)]).toEqual([403, []])
  })

  // Content types of forms, which a browser sends without a preflight request, too, are in attacks.test.ts.
  test('cannot send a query with an empty Content-Type, which a browser sends without a preflight request', async () => {
    await serve()
    const headers = { 'content-type': '', 'x-auth-token': await gateway.token() }
    const { status, body } = await send('/graphql', headers, QUERY)
    expect(status).toBe(415)
    expect(body).not.toContain('"data"')
  })
})

describe('a token above its rate limit', () => {
  test('is refused with the time to wait, and other tokens are not', async () => {
    await serve({ rate: { perSecond: 1, burst: 20 } })
    const [fast, slow] = [await gateway.token(), await gateway.token()]
    // Each request costs six points: five for the request, and one for the viewer.
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => send('/graphql', headersWith(fast), QUERY)),
    )
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused).toHaveLength(2)
    expect(Number(refused[0]?.headers['retry-after'])).toBeGreaterThan(0)
    expect(JSON.parse(refused[0]?.body ?? '').errors[0].extensions.code).toBe('LIMIT_EXCEEDED')
    expect((await send('/graphql', headersWith(slow), QUERY)).status).toBe(200)
  })

  test('is answered again after a while', async () => {
    await serve({ rate: { perSecond: 1_000, burst: 7 } })
    const token = await gateway.token()
    const statuses = new Set<number>()
    await expect
      .poll(async () => {
        statuses.add((await send('/graphql', headersWith(token), QUERY)).status)
        statuses.add((await send('/graphql', headersWith(token), QUERY)).status)
        return [...statuses].sort()
      })
      .toEqual([200, 429])
  })
})

test('after more than 20 wrong tokens an IP address is refused with 429, but a valid token is still accepted', async () => {
  await serve()
  const token = await gateway.token()
  const statuses: number[] = []
  for (let number = 0; number < 22; number++) {
    statuses.push((await send('/graphql', headersWith(`ilg_${number}`), QUERY)).status)
  }
  expect(statuses.slice(0, 20)).toEqual(Array(20).fill(401))
  expect(statuses.slice(21)).toEqual([429])
  expect((await send('/graphql', headersWith(token), QUERY)).status).toBe(200)
})

test('while the server is overloaded, a token that has used much is refused with 503, and others are answered', async () => {
  await serve({ rate: { perSecond: 0.001, burst: 1_000 } })
  const [token, other] = [await gateway.token(), await gateway.token()]
  const ask = async (as = token) => (await send('/graphql', headersWith(as), QUERY)).status
  // Afterwards the token has less than half of its points left.
  for (let number = 0; number < 100; number++) expect(await ask()).toBe(200)
  const block = () => {
    for (const until = performance.now() + 650; performance.now() < until; );
  }
  const blocking = setInterval(block, 1)
  try {
    await expect.poll(() => ask(), { interval: 1 }).toBe(503)
    expect(await ask(other)).toBe(200)
    expect((await send('/health/live', {})).status).toBe(200)
  } finally {
    clearInterval(blocking)
  }
  await expect.poll(() => ask()).toBe(200)
})
