// A server below a path of its public URL, behind a proxy that removes the path and behind one that keeps it: pages and
// their files, the graph, streams, and the URLs in responses and messages.

import { once } from 'node:events'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApp } from '../src/server/app.ts'
import { listen, type RunningServer } from '../src/server/listen.ts'
import { openApp, type TestApp } from './support/app.ts'
import { run, start, temporaryFolder } from './support/command.ts'
import { event, ORGANIZATION } from './support/events.ts'
import { subscribe } from './support/streams.ts'

const BASE = '/iam'

let behind: TestApp
let server: RunningServer
let token: string
const events = Array.from({ length: 5 }, () => event())

beforeAll(async () => {
  behind = await openApp()
  token = await behind.token()
  await behind.store.append(events)
  const reportFault = (error: unknown) => behind.faults.push(error)
  server = await listen(createApp({ store: behind.store, reportFault, base: BASE }), '127.0.0.1', 0)
})
afterAll(async () => {
  await server.close()
  await behind.store.close()
  expect(behind.faults).toEqual([])
})

/** A proxy that passes only what is below `/iam`. */
async function proxy(removesPath: boolean): Promise<Server> {
  const proxy = createServer((incoming, answer) => {
    const { url = '', method, headers } = incoming
    if (!url.startsWith(BASE)) return void answer.writeHead(418).end()
    const path = removesPath ? url.slice(BASE.length) || '/' : url
    const passed = request(new URL(path, server.url), { method, headers }, found => {
      answer.writeHead(found.statusCode ?? 0, found.headers)
      found.pipe(answer)
    })
    answer.once('close', () => passed.destroy())
    passed.on('error', () => {})
    incoming.pipe(passed)
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  return proxy
}

describe.each([
  ['removes the path', true],
  ['keeps the path', false],
])('behind a proxy that %s', (_, removesPath) => {
  let before: Server
  let url: string
  beforeAll(async () => {
    before = await proxy(removesPath)
    url = `http://127.0.0.1:${(before.address() as AddressInfo).port}${BASE}`
  })
  afterAll(() => {
    before.closeAllConnections()
    before.close()
  })
  const get = (at: string, headers = {}) =>
    fetch(at, { headers: { 'x-auth-token': token, ...headers } })

  test.each(['/', '/graphql'])('the page at %s and its files are served', async path => {
    const page = await get(url + path, { accept: 'text/html' })
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    const named = [...(await page.text()).matchAll(/(?:src|href)="(?!data:)([^"]*)"/g)]
    expect(named.length).toBeGreaterThan(1)
    for (const [, name = ''] of named) {
      const found = await get(new URL(name, page.url).href, { accept: 'text/html, */*' })
      await found.text()
      expect(found.status, name).toBe(200)
    }
  })

  test('queries and subscriptions work', async () => {
    const door = (path: string, init: RequestInit) => fetch(url + path, init)
    const listener = await subscribe(door, { token, variables: { after: events[3]?.id } })
    expect(await listener.next()).toMatchObject({ id: events[4]?.id })
    await listener.leave()
    expect((await get(`${url}/graphql?query={__typename}`)).status).toBe(200)
  })

  test('the links of the feed lead to every event, and the Content-Location of an export to the same file', async () => {
    const seen: string[] = []
    for (let at = `${url}/feed/${ORGANIZATION}?limit=2`; ; ) {
      const page = await get(at)
      const { logs, has_more: more } = (await page.json()) as Feed
      seen.push(...logs.map(({ id }) => id))
      if (!more) break
      const [, next = ''] = /^<(.*)>; rel="next"$/.exec(page.headers.get('link') ?? '') ?? []
      at = new URL(next, at).href
    }
    expect(seen).toEqual(events.map(({ id }) => id))
    const file = await get(`${url}/export/${ORGANIZATION}.csv?actions=CREATED`)
    const same = await get(new URL(file.headers.get('content-location') ?? '', file.url).href)
    expect(await same.text()).toBe(await file.text())
  })

  test('the error for an unknown path names the path of the graph', async () => {
    for (const path of ['/graphql/', '/nowhere']) {
      const answer = await get(url + path)
      const { errors } = (await answer.json()) as { errors: [{ message: string }] }
      expect([answer.status, errors[0].message]).toEqual([
        404,
        expect.stringContaining(`GraphQL is at ${BASE}/graphql`),
      ])
    }
    const posted = await fetch(`${url}/graphql/`, { method: 'POST', body: '{}' })
    expect([posted.status, await posted.text()]).toEqual([
      404,
      expect.stringContaining(
        `path not found; GraphQL is at ${BASE}/graphql, without a slash at the end`,
      ),
    ])
  })
})

interface Feed {
  readonly logs: readonly { readonly id: string }[]
  readonly has_more: boolean
}

test('the path without a slash redirects to the page, and keeps the query string', async () => {
  const answer = await fetch(`${server.url}${BASE}?view=1`, { redirect: 'manual' })
  expect([answer.status, answer.headers.get('location')]).toEqual([308, `${BASE}/?view=1`])
})

test.each(['/iamx/graphql', '/iam//graphql', '/iam/\\graphql', '/iam/iam/graphql'])(
  '%s, which is not a path below the public URL, is not found',
  async path => {
    const answer = await fetch(server.url + path, { headers: { 'x-auth-token': token } })
    expect(answer.status).toBe(404)
  },
)

test('app.fetch accepts paths with and without the path of the public URL', async () => {
  const { app } = await openApp({ base: BASE, store: () => behind.store })
  const ask = (path: string) =>
    app.fetch(
      new Request(`http://localhost${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-auth-token': token },
        body: '{"query":"{ __typename }"}',
      }),
    )
  for (const path of ['/graphql', '/iam/graphql']) {
    expect(await (await ask(path)).json()).toEqual({ data: { __typename: 'Query' } })
  }
})

test('serve and token create print the public URL', async () => {
  using folder = temporaryFolder()
  const environment = { IAM_LOGS_PORT: '0', IAM_LOGS_PUBLIC_URL: 'https://logs.example/iam/' }
  const options = { cwd: folder.path, environment }
  const first = start(['serve'], options)
  const links = [await first.line(/^Logs: /), await first.line(/^GraphiQL: /)]
  await first.stop()
  expect(links).toEqual([
    expect.stringMatching(/^Logs: https:\/\/logs\.example\/iam\/#token=\S+$/),
    expect.stringMatching(/^GraphiQL: https:\/\/logs\.example\/iam\/graphql#token=\S+$/),
  ])
  const args = ['token', 'create', '--organization', ORGANIZATION, '--owner']
  const { stdout, stderr } = await run(args, options)
  expect(stderr).toContain(' for https://logs.example/iam/;')
  expect(stderr).not.toContain(stdout.trim())
})

test.each(['1', '2'])(
  'the public URL, keep-alive and trusted proxies are those of a server of %s processes',
  async workers => {
    using folder = temporaryFolder()
    const server = start(['serve', '--database', './log.db'], {
      cwd: folder.path,
      environment: {
        ...{ IAM_LOGS_PORT: '0', IAM_LOGS_WORKERS: workers },
        ...{ IAM_LOGS_PUBLIC_URL: 'https://logs.example/iam', IAM_LOGS_KEEP_ALIVE: '620' },
        IAM_LOGS_TRUSTED_PROXIES: '127.0.0.0/8',
      },
    })
    const line = await server.line(/^listening on /)
    const [, url = ''] =
      /^listening on (http:\S+) for https:\/\/logs\.example\/iam\/$/.exec(line) ?? []
    const headers = {
      host: 'logs.example',
      'x-forwarded-for': '192.0.2.1',
      connection: 'keep-alive',
    }
    const [answer] = await once(request(`${url}/iam/nowhere`, { headers }).end(), 'response')
    answer.resume()
    expect(answer.statusCode).toBe(404)
    expect(answer.headers['keep-alive']).toBe('timeout=620')
    const { stderr } = await server.stop()
    expect(stderr).toContain('"address":"192.0.2.1"')
  },
)
