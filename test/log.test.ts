// The log of a running server: one line of JSON for each request, whatever is sent, and never a secret.

import { request } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { cleaner } from '../src/cli/log.ts'
import {
  emptyDatabase,
  type Running,
  type RunOptions,
  run,
  start,
  temporaryFolder,
} from './support/command.ts'
import { ORGANIZATION } from './support/events.ts'
import { LONG } from './support/long.ts'
import { NASTY, some } from './support/nasty.ts'

const running: Running[] = []
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop()
})

const SECRETS = {
  SCW_SECRET_KEY: 'fa4e0000-0000-4000-8000-00000000abcd',
  PGPASSWORD: 'correct horse "battery" staple',
}

async function serve(
  cwd: string,
  environment: Record<string, string> = {},
  more: Pick<RunOptions, 'unread'> = {},
) {
  await emptyDatabase(cwd)
  const made = await run(['token', 'create', '--organization', ORGANIZATION, '--owner'], { cwd })
  const server = start(['serve', '--port', '0', '--no-sample', '--no-sync'], {
    cwd,
    environment: { ...SECRETS, ...environment },
    ...more,
  })
  running.push(server)
  const url = /http:\/\/[\d.:]+/.exec(await server.line(/http:/))?.[0] ?? ''
  return { server, url, token: made.stdout.trim() }
}

/** Without audit records, which test/audit.test.ts covers. */
// biome-ignore lint/suspicious/noExplicitAny: the fields differ from line to line
function linesOf(server: Running): any[] {
  return server
    .stderr()
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))
    .filter(({ audit }) => audit !== true)
}

/** Sends header values as they are, which `fetch` would not. */
function send(url: string, headers: Record<string, string>, body = ''): Promise<number> {
  return new Promise((resolve, reject) => {
    const { hostname, port, pathname, search } = new URL(url)
    const sent = request(
      { hostname, port, path: pathname + search, method: 'POST', headers },
      answer => {
        answer.resume().once('end', () => resolve(answer.statusCode ?? 0))
      },
    )
    sent.once('error', reject)
    sent.end(body)
  })
}

test('the log has a line for each request, with the request ID of the response', async () => {
  using folder = temporaryFolder()
  const { server, url, token } = await serve(folder.path)
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-auth-token': token, 'x-request-id': 'r-1' },
    body: '{"query":"query Names { organizations { name } }"}',
  })
  expect(response.headers.get('x-request-id')).toBe('r-1')
  await fetch(`${url}/health/live`)
  await fetch(`${url}/graphql`, { method: 'POST', body: '{}' })
  await expect.poll(() => linesOf(server).length).toBe(2)
  expect(linesOf(server)).toEqual([
    {
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      pid: expect.any(Number),
      requestId: 'r-1',
      method: 'POST',
      path: 'graphql',
      status: 200,
      durationMs: expect.any(Number),
      address: '127.0.0.1',
      viewer: expect.stringMatching(/^[0-9a-f-]{36}$/),
      operation: 'query Names',
      msg: 'answered',
    },
    expect.objectContaining({ status: 401, codes: ['UNAUTHENTICATED'] }),
  ])
})

test('the log omits the lines below its level', async () => {
  using folder = temporaryFolder()
  const all = await serve(folder.path, { IAM_LOGS_LOG_LEVEL: 'debug' })
  await fetch(`${all.url}/health/live`)
  await expect.poll(() => linesOf(all.server)).toHaveLength(1)
  const few = await serve(folder.path, { IAM_LOGS_LOG_LEVEL: 'warn' })
  await fetch(`${few.url}/nowhere`)
  await few.server.stop()
  expect(few.server.stderr()).toBe('')
})

const UNPRINTABLE = [
  '\u2028\u2029',
  '\u202egnp.exe',
  '\u2066\u2069',
  '\u200b\u200f',
  '\u007f\u0085\u009b31m',
  '\r\n{"level":"error"}',
  '\0',
  '\u001b[2J',
  '\ufeff',
  '"},{"',
  '\ud800',
]

test('the log has one line of printable ASCII for each request, whatever is sent', async () => {
  const texts = [...UNPRINTABLE, ...some(NASTY, 0, LONG ? 1 : 20)]
  using folder = temporaryFolder()
  const { server, url, token } = await serve(folder.path)
  const json = { 'content-type': 'application/json', 'x-auth-token': token }
  for (const hostile of texts) {
    const ask = (body: object) => send(`${url}/graphql`, json, JSON.stringify(body))
    await ask({ query: `query A { node(id: ${JSON.stringify(hostile)}) { id } }` })
    await ask({ query: hostile })
    await ask({ query: '{ __typename }', operationName: hostile })
    await ask({ query: `query a${hostile.replace(/\W/g, '_')} { __typename }` })
    await send(`${url}/${encodeURIComponent(hostile.toWellFormed())}?a=${hostile.length}`, {})
    const latin = Buffer.from(hostile.toWellFormed())
      .toString('latin1')
      .replace(/[\0-\x1f\x7f]/g, '?')
    await send(`${url}/graphql`, { ...json, 'x-request-id': latin, 'user-agent': latin })
  }
  await expect.poll(() => linesOf(server).length).toBe(texts.length * 6)
  const text = server.stderr()
  expect(text).toMatch(/^[\x20-\x7e\n]*$/)
  expect(linesOf(server).every(({ msg }) => msg === 'answered')).toBe(true)
})

test('the log contains no secret that is sent in a header or URL', async () => {
  using folder = temporaryFolder()
  const { server, url, token } = await serve(folder.path, { IAM_LOGS_LOG_LEVEL: 'trace' })
  const secrets = [
    token,
    ...Object.values(SECRETS),
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
  ]
  for (const secret of secrets) {
    const value = secret.replaceAll(/[" ]/g, '-')
    await send(`${url}/graphql?token=${encodeURIComponent(secret)}`, {
      authorization: `Bearer ${value}`,
      cookie: value,
      'x-request-id': value.slice(0, 128),
      'content-type': 'application/json',
    })
    await send(`${url}/${encodeURIComponent(secret)}`, { 'x-auth-token': value })
  }
  await expect.poll(() => linesOf(server).length).toBe(2 * secrets.length)
  await server.stop()
  for (const secret of secrets) expect(server.stderr()).not.toContain(secret)
})

describe('a log that nobody reads', () => {
  /** Each request writes a line of a few hundred bytes. */
  async function ask(url: string, count: number): Promise<void> {
    const headers = { 'x-request-id': 'x'.repeat(128) }
    const asking = Array.from({ length: 20 }, async () => {
      for (let sent = 0; sent < count / 20; sent++) {
        const { status } = await fetch(`${url}/nowhere`, { headers })
        expect(status).toBe(404)
      }
    })
    await Promise.all(asking)
  }

  test('does not block requests, and says later how many lines are lost', async () => {
    using folder = temporaryFolder()
    const { server, url } = await serve(folder.path, {}, { unread: true })
    await ask(url, 5_000)
    server.read()
    const lost = () => /"lost":(\d+),/.exec(server.stderr())?.[1]
    await expect.poll(lost).toBeDefined()
    const written = linesOf(server).filter(({ msg }) => msg === 'answered').length
    expect(written + Number(lost())).toBe(5_000)
    expect(written).toBeGreaterThan(1_000)
  })

  test.each(['1', '2'])(
    'does not prevent a server with IAM_LOGS_WORKERS=%s from stopping',
    async workers => {
      using folder = temporaryFolder()
      const environment = { IAM_LOGS_WORKERS: workers }
      const { server, url } = await serve(folder.path, environment, { unread: true })
      await ask(url, 3_000)
      expect((await server.stop()).code).toBe(0)
    },
  )
})

describe('cleaning a line of the log', () => {
  const clean = cleaner(['s3cr3t"pass', 'short'])
  const line = (text: string) => JSON.stringify({ text })

  test('removes known secrets, passwords in URLs, and tokens', () => {
    expect(clean(line('at postgres://iam:hunter2@db/x'))).toBe(line('at postgres://iam:…@db/x'))
    expect(clean(line('it is s3cr3t"pass.'))).toBe(line('it is ….'))
    expect(clean(line('ilg_0123456789abcdef0123'))).toBe(line('ilg_…'))
  })

  test('keeps words that are not secrets', () => {
    expect(clean(line('a short word, and http://host:4000/a@b'))).toBe(
      line('a short word, and http://host:4000/a@b'),
    )
  })

  test('gives JSON of the same text, in printable ASCII', () => {
    for (const text of UNPRINTABLE.filter(text => text.isWellFormed())) {
      expect(JSON.parse(clean(line(text))).text).toBe(text)
      expect(clean(line(text))).toMatch(/^[\x20-\x7e]*$/)
    }
  })
})
