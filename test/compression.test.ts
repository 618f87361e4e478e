// Compression of responses: which encoding a client gets, that the content stays the same, and what is never compressed.

import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import {
  brotliDecompressSync,
  constants,
  gunzipSync,
  type ZlibOptions,
  zstdDecompressSync,
} from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApp } from '../src/server/app.ts'
import { listen, type RunningServer } from '../src/server/listen.ts'
import { openApp, type TestApp } from './support/app.ts'
import { event, ORGANIZATION } from './support/events.ts'
import { EXPORT_ENDINGS } from './support/paths.ts'
import { subscribe } from './support/streams.ts'

let gateway: TestApp
let server: RunningServer
let token: string

beforeAll(async () => {
  gateway = await openApp()
  token = await gateway.token()
  await gateway.store.append(Array.from({ length: 1_500 }, () => event()))
  const app = createApp({
    store: gateway.store,
    reportFault: error => gateway.faults.push(error),
    metrics: async () => 'figure 1\n'.repeat(200),
    rate: { perSecond: 0, burst: 0 },
  })
  server = await listen(app, '127.0.0.1', 0)
})
afterAll(async () => {
  await server.close()
  await gateway.store.close()
  expect(gateway.faults).toEqual([])
})

const DECODED = {
  gzip: gunzipSync,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
} as const

const PAGE = `{ organization(id: "${ORGANIZATION}") { events(first: 50) { nodes { id userAgent } } } }`
const GRAPH = `/graphql?query=${encodeURIComponent(PAGE)}`

/** The response before decompression, which `fetch` does not show. */
async function ask(path: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  const sent = request(server.url + path, { headers: { 'x-auth-token': token, ...headers } })
  const [answer] = await once(sent.end(), 'response')
  return answer
}

const PATHS: readonly (readonly [what: string, path: string])[] = [
  ['a response of the graph', GRAPH],
  ['a page of the feed', `/feed/${ORGANIZATION}?limit=1000`],
  ...EXPORT_ENDINGS.map(
    ending => [`an export as ${ending}`, `/export/${ORGANIZATION}${ending}`] as const,
  ),
  ['the response of /metrics', '/metrics'],
  ['the Logs page', '/'],
]

describe.each(Object.entries(DECODED))('compressed with %s', (coding, decode) => {
  test.each(PATHS)('%s has the same content in fewer bytes', async (_, path) => {
    const plain = await ask(path)
    expect(plain.headers).toMatchObject({ vary: 'Accept-Encoding' })
    expect(plain.headers).not.toHaveProperty('content-encoding')
    const answer = await ask(path, { 'accept-encoding': coding })
    expect(answer.headers).toMatchObject({ vary: 'Accept-Encoding', 'content-encoding': coding })
    const [content, compressed] = [await buffer(plain), await buffer(answer)]
    expect(decode(compressed).equals(content)).toBe(true)
    expect(compressed.length).toBeLessThan(content.length)
    const { 'content-length': length = `${compressed.length}` } = answer.headers
    expect(length).toBe(`${compressed.length}`)
  })
})

test.each([
  ['gzip, deflate, br, zstd', 'zstd'],
  ['gzip, deflate, br', 'br'],
  ['gzip, deflate', 'gzip'],
  ['GZIP', 'gzip'],
  ['gzip;q=1.0, br;q=0.9, zstd;q=0', 'gzip'],
  ['*', 'zstd'],
  ['*;q=0.1, gzip', 'gzip'],
  ['br;q=0, *', 'zstd'],
  ['zstd;q=0, *', 'br'],
  ['identity, gzip;q=0.5', undefined],
  ['gzip;q=0', undefined],
  ['*;q=0', undefined],
  ['identity;q=0, *;q=0', undefined],
  ['deflate, compress, x-none', undefined],
  ['', undefined],
])(
  'Accept-Encoding "%s" selects the encoding %s, for the graph and for files of the Logs page',
  async (accept, coding) => {
    for (const path of [GRAPH, '/']) {
      const answer = await ask(path, { 'accept-encoding': accept })
      expect(answer.headers['content-encoding']).toBe(coding)
      expect(answer.headers.vary).toBe('Accept-Encoding')
      await buffer(answer)
    }
  },
)

test('short responses, errors and event streams are never compressed', async () => {
  const gzip = { 'accept-encoding': 'gzip' }
  for (const [path, headers] of [
    ['/health/live', {}],
    ['/graphql?query={__typename}', {}],
    ['/nowhere', {}],
    [GRAPH, { accept: 'text/event-stream' }],
  ] as const) {
    const answer = await ask(path, { ...gzip, ...headers })
    expect(answer.headers).not.toHaveProperty('content-encoding')
    await buffer(answer)
  }
  const listener = await subscribe(
    (path, init) => fetch(server.url + path, { ...init, headers: { ...init.headers, ...gzip } }),
    { token },
  )
  const { headers } = listener.response
  expect(headers.get('content-encoding')).toBeNull()
  expect(headers.get('cache-control')).toContain('no-transform')
  await listener.leave()
})

const FLUSHED = {
  gzip: { finishFlush: constants.Z_SYNC_FLUSH },
  br: { finishFlush: constants.BROTLI_OPERATION_FLUSH },
  zstd: { finishFlush: constants.ZSTD_e_flush },
} as const

describe.each(Object.entries(FLUSHED))('an export compressed with %s', (coding, flushed) => {
  const exported = (secret: string) =>
    gateway.fetch(`/export/${ORGANIZATION}.csv`, {
      headers: { 'x-auth-token': secret, 'accept-encoding': coding },
    })

  test('can be decompressed as far as it was received', async () => {
    const response = await exported(token)
    const reader = response.body?.getReader()
    const decode = DECODED[coding as keyof typeof DECODED] as (
      bytes: Uint8Array,
      options: ZlibOptions,
    ) => Buffer
    let received = Buffer.alloc(0)
    const lines: number[] = []
    for (let part = 0; part < 2; part++) {
      received = Buffer.concat([received, (await reader?.read())?.value ?? Buffer.alloc(0)])
      lines.push(decode(received, flushed).toString().split('\r\n').length - 1)
    }
    expect(lines[0]).toBe(1)
    expect(lines[1]).toBeGreaterThan(1)
    await reader?.cancel()
  })

  test('ends with an error, not like a complete file, if its token is revoked', async () => {
    const { app, store } = await openApp({ exports: { recheck: 0 }, store: () => gateway.store })
    const secret = await gateway.token(['IAMReadOnly'])
    const id = (await gateway.store.tokens.list()).find(({ name }) => name === 'IAMReadOnly')?.id
    const response = await app.fetch(
      new Request(`http://localhost/export/${ORGANIZATION}.csv`, {
        headers: { 'x-auth-token': secret, 'accept-encoding': coding },
      }),
    )
    await gateway.store.tokens.revoke(id ?? '')
    await expect(response.arrayBuffer()).rejects.toThrow()
    await store.close()
  })
})

test('a compressed page of the feed costs more points of the rate limit than an uncompressed one', async () => {
  /** Statuses of a page of the feed and of a small one after it, with points for both only if neither is compressed. */
  const statuses = async (accept: string) => {
    const rate = { perSecond: 1, burst: 320 }
    const { app, store } = await openApp({ rate, store: () => gateway.store })
    const get = (limit: number) =>
      app.fetch(
        new Request(`http://localhost/feed/${ORGANIZATION}?limit=${limit}`, {
          headers: { 'x-auth-token': token, 'accept-encoding': accept },
        }),
      )
    const found = [(await get(100)).status, (await get(1)).status]
    await store.close()
    return found
  }
  expect(await statuses('identity')).toEqual([200, 200])
  expect(await statuses('zstd')).toEqual([200, 429])
})
