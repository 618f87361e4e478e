// Who is let in before anything is asked: the names the server answers to, other sites' pages, who asks too fast, and
// who tries one token after the other.

import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type AppOptions, createApp } from '../src/server/app.ts'
import { listen, type RunningServer } from '../src/server/listen.ts'
import { openApp, type TestApp } from './support/app.ts'

let behind: TestApp
let server: RunningServer | null = null

beforeEach(async () => {
  behind = await openApp()
})
afterEach(async () => {
  await server?.close()
  server = null
  await behind.store.close()
})

async function serve(options: Partial<AppOptions> = {}): Promise<void> {
  const reportFault = (error: unknown) => behind.faults.push(error)
  server = await listen(createApp({ store: behind.store, reportFault, ...options }), '127.0.0.1', 0)
}

interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

function send(
  path: string,
  headers: Record<string, string>,
  { method = 'GET', body = '' } = {},
): Promise<Answered> {
  const { promise, resolve, reject } = Promise.withResolvers<Answered>()
  const { port } = new URL(server?.url ?? '')
  request({ port, path, method, headers }, async answer => {
    const { statusCode: status = 0, headers } = answer
    resolve({ status, headers, body: await text(answer) })
  })
    .on('error', reject)
    .end(body)
  return promise
}

const QUESTION = { method: 'POST', body: '{"query":"{ viewer { id } }"}' }

const asking = (token: string) => ({ 'content-type': 'application/json', 'x-auth-token': token })

describe('the names it answers to', () => {
  const OWN = ['localhost', 'LOCALHOST:4000', '127.0.0.1', '127.0.0.1:1', '[::1]:4000', '10.1.2.3']
  test.each(OWN)('%s is one', async host => {
    await serve()
    expect((await send('/health/live', { host })).status).toBe(200)
  })

  const FOREIGN = ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', 'a', '1.2.3']
  test.each(FOREIGN)('%s is none', async host => {
    await serve()
    for (const path of ['/health/live', '/graphql', '/nowhere']) {
      const { status, body } = await send(path, { host, accept: 'text/html' })
      expect(status).toBe(421)
      expect(JSON.parse(body).errors[0].extensions.code).toBe('FORBIDDEN')
    }
  })

  test('whoever runs it may add some, or any', async () => {
    await serve({ hosts: ['logs.example'] })
    expect((await send('/health/live', { host: 'Logs.example:443' })).status).toBe(200)
    expect((await send('/health/live', { host: 'logs.example.' })).status).toBe(200)
    expect((await send('/health/live', { host: 'www.logs.example' })).status).toBe(421)
    await server?.close()
    await serve({ hosts: ['*'] })
    expect((await send('/health/live', { host: 'anything.example' })).status).toBe(200)
  })

  test('a whole URL, as proxies send it, names the host, whatever Host says', async () => {
    await serve({ hosts: ['logs.example'] })
    const host = 'localhost'
    expect((await send('http://logs.example/health/live', { host })).status).toBe(200)
    expect((await send('http://evil.example/health/live', { host })).status).toBe(421)
  })
})

describe("other sites' pages", () => {
  const FRIEND = 'https://logs.example'
  const preflight = (origin: string) =>
    send('/graphql', { origin, 'access-control-request-method': 'POST' }, { method: 'OPTIONS' })
  const cors = ({ headers }: Answered) =>
    Object.keys(headers).filter(name => name.startsWith('access-control-'))

  test('may not ask, unless they are listed', async () => {
    await serve()
    const token = await behind.token()
    for (const origin of [FRIEND, 'null', 'http://127.0.0.1']) {
      const asked = await preflight(origin)
      expect([asked.status, cors(asked)]).toEqual([403, []])
      expect(cors(await send('/graphql', { ...asking(token), origin }, QUESTION))).toEqual([])
    }
  })

  test('that are listed may, without cookies', async () => {
    await serve({ origins: [FRIEND] })
    const token = await behind.token()
    const { status, headers } = await preflight(FRIEND)
    expect(status).toBe(204)
    expect(headers).toMatchObject({
      'access-control-allow-origin': FRIEND,
      'access-control-allow-headers': expect.stringContaining('x-auth-token'),
      vary: 'Origin',
    })
    const answer = await send('/graphql', { ...asking(token), origin: FRIEND }, QUESTION)
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
  ])('%s is not the one that is listed', async origin => {
    await serve({ origins: [FRIEND] })
    const asked = await preflight(origin)
    expect([asked.status, cors(asked)]).toEqual([403, []])
  })

  test.each([
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain',
    '',
  ])(
    'a form of the type "%s" asks nothing, as a browser would send it without a preflight',
    async type => {
      await serve()
      const token = await behind.token()
      const { status, body } = await send(
        '/graphql',
        { 'content-type': type, 'x-auth-token': token },
        QUESTION,
      )
      expect(status).toBe(415)
      expect(body).not.toContain('"data"')
    },
  )
})

describe('who asks too fast', () => {
  test('waits, and others do not', async () => {
    await serve({ rate: { perSecond: 1, burst: 20 } })
    const [fast, slow] = [await behind.token(), await behind.token()]
    // Six points a question, and one for the viewer.
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => send('/graphql', asking(fast), QUESTION)),
    )
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused).toHaveLength(2)
    expect(Number(refused[0]?.headers['retry-after'])).toBeGreaterThan(0)
    expect(JSON.parse(refused[0]?.body ?? '').errors[0].extensions.code).toBe('LIMIT_EXCEEDED')
    expect((await send('/graphql', asking(slow), QUESTION)).status).toBe(200)
  })

  test('may again after a while', async () => {
    await serve({ rate: { perSecond: 1_000, burst: 7 } })
    const token = await behind.token()
    const statuses = new Set<number>()
    await expect
      .poll(async () => {
        statuses.add((await send('/graphql', asking(token), QUESTION)).status)
        statuses.add((await send('/graphql', asking(token), QUESTION)).status)
        return [...statuses].sort()
      })
      .toEqual([200, 429])
  })
})

test('who tries one wrong token after the other is told to wait; a right one is let in all the same', async () => {
  await serve()
  const token = await behind.token()
  const statuses: number[] = []
  for (let tried = 0; tried < 22; tried++) {
    statuses.push((await send('/graphql', asking(`ilg_${tried}`), QUESTION)).status)
  }
  expect(statuses.slice(0, 20)).toEqual(Array(20).fill(401))
  expect(statuses.slice(21)).toEqual([429])
  expect((await send('/graphql', asking(token), QUESTION)).status).toBe(200)
})

test('while the server has too much to do, who asked for much is told so at once, and others are answered', async () => {
  await serve({ rate: { perSecond: 0.001, burst: 1_000 } })
  const [token, other] = [await behind.token(), await behind.token()]
  const ask = async (who = token) => (await send('/graphql', asking(who), QUESTION)).status
  // Each costs a few points; less than half is left of what may be saved up.
  for (let asked = 0; asked < 100; asked++) expect(await ask()).toBe(200)
  const hold = () => {
    for (const until = performance.now() + 650; performance.now() < until; );
  }
  const holding = setInterval(hold, 1)
  try {
    await expect.poll(() => ask(), { interval: 1 }).toBe(503)
    expect(await ask(other)).toBe(200)
    expect((await send('/health/live', {})).status).toBe(200)
  } finally {
    clearInterval(holding)
  }
  await expect.poll(() => ask()).toBe(200)
})
