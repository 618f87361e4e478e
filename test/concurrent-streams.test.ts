// The limits on concurrent exports and subscriptions, of the server and of each token. However one is refused or ends, its
// slot becomes free again, and no other.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { FEED_START } from '../src/event.ts'
import { listen } from '../src/server/listen.ts'
import type { Answered } from '../src/server/request-context.ts'
import { openApp, type TestApp } from './support/app.ts'
import { event, ORGANIZATION, OTHER_ORGANIZATION, uuid } from './support/events.ts'
import { EVENTS } from './support/streams.ts'

const MOST = 4
const MOST_OF_VIEWER = 2
const LIMITS = { most: MOST, mostOfViewer: MOST_OF_VIEWER }

let app: TestApp
/** Called before each statement with the number of statements since it was set; its result is called after it. */
let before: (statement: number) => unknown
let statements: number

/** Called at the end of each response or stream. */
let ended = () => {}

function nextEnd(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  ended = resolve
  return promise
}

async function open(options: Parameters<typeof openApp>[0]): Promise<void> {
  before = () => {}
  app = await openApp({
    ...options,
    watching: {
      answered(one) {
        options?.watching?.answered?.(one)
        ended()
      },
    },
    onStatement() {
      statements++
      return before(statements)
    },
  })
  // More than one page of an export, and more than one read of a subscription.
  await app.store.append(Array.from({ length: 600 }, () => event()))
  await app.store.append([event({ organizationId: OTHER_ORGANIZATION })])
}

afterEach(async () => {
  before = () => {}
  app.app.close()
  await app.store.close()
})

function watch(hook: typeof before): void {
  statements = 0
  before = hook
}

/** Lets all statements from this one on fail. */
function failFrom(number: number): void {
  watch(statement => {
    if (statement >= number) throw new Error('the disk failed')
  })
}

interface Door {
  /** The slot is taken until the body of the response ends. */
  ask(token: string, options?: Asking): Promise<Response>
}

interface Asking {
  readonly path?: string
  readonly query?: string
  readonly variables?: object
  readonly headers?: Readonly<Record<string, string>>
  readonly method?: string
  readonly signal?: AbortSignal
}

function request(path: string, init: RequestInit) {
  return app.app.fetch(new Request(`http://127.0.0.1${path}`, init))
}

const EXPORTS: Door = {
  ask: (token, { path = `/export/${ORGANIZATION}.ndjson`, method = 'GET', ...rest } = {}) =>
    request(path, {
      method,
      headers: { 'x-auth-token': token },
      ...(rest.signal && { signal: rest.signal }),
    }),
}

const STREAMS: Door = {
  ask: (token, { query = EVENTS, variables, headers, ...rest } = {}) =>
    request('/graphql', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        'x-auth-token': token,
        ...headers,
      },
      body: JSON.stringify({
        query,
        variables: { organizationId: ORGANIZATION, after: FEED_START, ...variables },
      }),
      ...(rest.signal && { signal: rest.signal }),
    }),
}

/** How many more this token can open; all of them are closed again. */
async function free(door: Door, token: string): Promise<number> {
  const opened: Response[] = []
  try {
    while (opened.length <= MOST) {
      const response = await door.ask(token)
      if (response.status === 429) {
        expect(await response.text()).toContain('LIMIT_EXCEEDED')
        break
      }
      expect(response.status).toBe(200)
      opened.push(response)
    }
    return opened.length
  } finally {
    for (const { body } of opened) await body?.cancel()
  }
}

/** How many more can be opened by several tokens together; all of them are closed again. */
async function freeInAll(door: Door): Promise<number> {
  const opened: Response[] = []
  for (let viewer = 0; viewer <= MOST; viewer++) {
    const token = await app.token()
    for (let own = 0; own < MOST_OF_VIEWER; own++) {
      const response = await door.ask(token)
      if (response.status === 200) opened.push(response)
      else await response.text()
    }
  }
  for (const { body } of opened) await body?.cancel()
  return opened.length
}

/** Does this more often than there are slots, beside an open one of another token, and expects all slots to be free. */
async function expectAllFree(door: Door, happens: (token: string) => Promise<void>): Promise<void> {
  const [token, other] = [await app.token(), await app.token()]
  const kept = await door.ask(other)
  expect(kept.status).toBe(200)
  for (let time = 0; time <= MOST; time++) {
    await happens(token)
    before = () => {}
  }
  expect(await free(door, token)).toBe(MOST_OF_VIEWER)
  expect(await free(door, other)).toBe(MOST_OF_VIEWER - 1)
  expect(await freeInAll(door)).toBe(MOST - 1)
  await kept.body?.cancel()
  expect(await freeInAll(door)).toBe(MOST)
}

/** Sends a request that gets this status. */
function refused(door: Door, status: number, options: Asking) {
  return async (token: string) => {
    const response = await door.ask(token, options)
    await response.text()
    expect(response.status).toBe(status)
  }
}

/** Reads the response until it ends in any way. */
async function drained(response: Response): Promise<void> {
  await response.text().catch(() => {})
}

async function readOnce(response: Response) {
  const reader = response.body?.getReader()
  expect((await reader?.read())?.done).toBe(false)
  return reader
}

async function revoked(door: Door): Promise<void> {
  const token = await app.token(['AuditTrailReadOnly'])
  const response = await door.ask(token)
  expect(response.status).toBe(200)
  const kept = (await app.store.tokens.list()).filter(({ name }) => name === 'AuditTrailReadOnly')
  for (const { id } of kept) await app.store.tokens.revoke(id)
  await drained(response)
}

/** The client disconnects just after this statement, or at the response if there are fewer. */
async function leftAt(door: Door, token: string, at: number): Promise<Response> {
  const leaving = new AbortController()
  watch(statement => statement === at && (() => leaving.abort()))
  const response = await door.ask(token, { signal: leaving.signal })
  leaving.abort()
  return response
}

test.each([
  ['export', EXPORTS],
  ['subscription', STREAMS],
])('the end of one %s frees no slot of another token', async (_, door) => {
  await open({ exports: LIMITS, streams: LIMITS })
  const [first, second] = [await app.token(), await app.token()]
  const mine = await door.ask(first)
  const others = [await door.ask(second), await door.ask(second)]
  await mine.body?.cancel()
  expect(await free(door, first)).toBe(MOST_OF_VIEWER)
  expect(await free(door, second)).toBe(0)
  await others[0]?.body?.cancel()
  expect(await free(door, second)).toBe(1)
  expect(await free(door, first)).toBe(MOST_OF_VIEWER)
})

describe.each([
  ['export', EXPORTS, `GET /export/${ORGANIZATION}.ndjson HTTP/1.1`, ''],
  [
    'subscription',
    STREAMS,
    'POST /graphql HTTP/1.1',
    JSON.stringify({
      query: EVENTS,
      variables: { organizationId: ORGANIZATION, after: FEED_START },
    }),
  ],
])('the slot of one %s over a socket is free again', (_, door, line, body) => {
  function send(socket: Socket, token: string): void {
    const headers = [
      line,
      'Host: 127.0.0.1',
      `X-Auth-Token: ${token}`,
      'Accept: text/event-stream, */*;q=0.5',
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
    ]
    socket.write(`${headers.join('\r\n')}\r\n\r\n${body}`)
  }

  async function expectFree(happens: (token: string, socket: Socket) => unknown): Promise<void> {
    await open({ exports: LIMITS, streams: LIMITS })
    const token = await app.token()
    const server = await listen(app.app, '127.0.0.1', 0)
    for (let time = 0; time <= MOST; time++) {
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
      socket.on('error', () => {})
      await once(socket, 'connect')
      await happens(token, socket)
      socket.destroy()
      await expect.poll(() => free(door, token)).toBe(MOST_OF_VIEWER)
    }
    expect(await freeInAll(door)).toBe(MOST)
    await server.close()
    expect(app.faults).toEqual([])
  }

  test('after its client disconnected right after the request', () =>
    expectFree((token, socket) => send(socket, token)))

  test.each([1, 2, 3, 4, 5, 6, 8])('after its client disconnected at statement %i', number =>
    expectFree(async (token, socket) => {
      const left = new Promise<void>(resolve => {
        watch(statement => {
          if (statement !== number && statement <= 12) return
          socket.destroy()
          resolve()
        })
      })
      send(socket, token)
      // If there are fewer statements, it disconnects at the response.
      await Promise.race([left, once(socket, 'data')])
      before = () => {}
    }),
  )

  test('after its client disconnected at the beginning of the response', () =>
    expectFree(async (token, socket) => {
      send(socket, token)
      expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 200 OK/)
    }))
})

test('the records of exports that were cut off or failed have the codes of the errors', async () => {
  const codes: (readonly string[])[] = []
  const watching = { answered: (one: Answered) => void codes.push(one.codes) }
  await open({ exports: { ...LIMITS, patience: 1 }, watching })
  const token = await app.token()
  const over = nextEnd()
  const slow = await EXPORTS.ask(token)
  await readOnce(slow)
  await over
  expect(codes).toEqual([['LIMIT_EXCEEDED']])
  const failing = await readOnce(await EXPORTS.ask(token))
  failFrom(1)
  await expect(failing?.read()).rejects.toThrow()
  expect(codes[1]).toEqual(['INTERNAL_SERVER_ERROR'])
})

describe('the slots of exports are free again', () => {
  const path = `/export/${ORGANIZATION}.ndjson`

  test.each<[string, (token: string) => Promise<void>]>([
    ['a wrong token', () => refused(EXPORTS, 401, {})('ilg_wrong')],
    ['an unknown format', refused(EXPORTS, 404, { path: `/export/${ORGANIZATION}.xlsx` })],
    ['an unknown parameter', refused(EXPORTS, 400, { path: `${path}?actoins=CREATED` })],
    ['an invalid filter', refused(EXPORTS, 400, { path: `${path}?ipAddresses=home` })],
    [
      'an Organization that does not exist',
      refused(EXPORTS, 404, { path: `/export/${uuid(1)}.csv` }),
    ],
    ['a hidden Organization', refused(EXPORTS, 404, { path: `/export/${OTHER_ORGANIZATION}.csv` })],
    ['an invalid snapshot', refused(EXPORTS, 400, { path: `${path}?snapshot=${uuid(404)}` })],
    [
      'a position without a snapshot',
      refused(EXPORTS, 400, { path: `${path}?after=${uuid(404)}` }),
    ],
    ['an unsupported method', refused(EXPORTS, 405, { method: 'POST' })],
    ['a HEAD request', refused(EXPORTS, 200, { method: 'HEAD' })],
  ])('after %s', async (_, happens) => {
    await open({ exports: LIMITS })
    await expectAllFree(EXPORTS, happens)
  })

  test('after an invalid position to resume from', async () => {
    await open({ exports: LIMITS })
    const first = await EXPORTS.ask(await app.token())
    await first.body?.cancel()
    const place = `/export/${ORGANIZATION}.ndjson${first.headers.get('content-location')}&after=${uuid(404)}`
    await expectAllFree(EXPORTS, async token => {
      const response = await EXPORTS.ask(token, { path: place })
      // If the fault is not found with the first page, the response has begun and is broken off.
      expect(response.status === 400 || response.ok).toBe(true)
      await drained(response)
    })
  })

  test.each([1, 3, 5, 7, 9])('after a fault at statement %i', async number => {
    await open({ exports: LIMITS })
    await expectAllFree(EXPORTS, async token => {
      failFrom(number)
      const response = await EXPORTS.ask(token)
      await drained(response)
    })
    expect(app.faults.length).toBe(MOST + 1)
  })

  test.each([1, 3, 5, 7])('after the client disconnected at statement %i', async number => {
    await open({ exports: LIMITS })
    await expectAllFree(EXPORTS, async token => {
      // A server does this for a closed connection.
      await (await leftAt(EXPORTS, token, number)).body?.cancel()
    })
    expect(app.faults).toEqual([])
  })

  test.each<[string, (response: Response) => Promise<unknown>]>([
    ['that was read to its end', async response => expect(await response.text()).toMatch(/sha256/)],
    ['that was not read at all', async ({ body }) => body?.cancel()],
    ['that was cancelled in the middle', async response => (await readOnce(response))?.cancel()],
    [
      'that failed in the middle and was then cancelled',
      async response => {
        const reader = await readOnce(response)
        failFrom(1)
        await expect(reader?.read()).rejects.toThrow()
        await reader?.cancel().catch(() => {})
      },
    ],
  ])('after an export %s', async (_, ends) => {
    await open({ exports: LIMITS })
    await expectAllFree(EXPORTS, async token => {
      const response = await EXPORTS.ask(token)
      expect(response.status).toBe(200)
      await ends(response)
    })
  })

  test('after an export that ended because its token was revoked', async () => {
    await open({ exports: { ...LIMITS, recheck: -1 } })
    await expectAllFree(EXPORTS, () => revoked(EXPORTS))
  })

  test('after an export that was cut off because its client read nothing', async () => {
    await open({ exports: { ...LIMITS, patience: 1 } })
    const token = await app.token()
    for (let time = 0; time <= MOST; time++) {
      const over = nextEnd()
      const response = await EXPORTS.ask(token)
      const reader = await readOnce(response)
      await over
      await expect(reader?.read()).rejects.toThrow('the client read nothing')
    }
  })

  test('after an export ended, but not after one that was refused because all slots were taken', async () => {
    await open({ exports: LIMITS })
    const [token, other] = [await app.token(), await app.token()]
    const mine = [await EXPORTS.ask(token), await EXPORTS.ask(token)]
    for (let time = 0; time <= MOST; time++) await refused(EXPORTS, 429, {})(token)
    expect(await free(EXPORTS, other)).toBe(MOST_OF_VIEWER)
    await mine[0]?.body?.cancel()
    expect(await free(EXPORTS, token)).toBe(1)
    await mine[1]?.text()
    expect(await free(EXPORTS, token)).toBe(MOST_OF_VIEWER)
    expect(await freeInAll(EXPORTS)).toBe(MOST)
  })
})

describe('the slots of subscriptions are free again', () => {
  const unresolvable = `subscription ($organizationId: ID!, $after: String) {
    eventRecorded(organizationId: $organizationId, after: $after) {
      principal { events(first: 1000) { totalCount } }
    }
  }`

  const failed = (options: Asking) => refused(STREAMS, 200, options)

  test.each<[string, (token: string) => Promise<void>]>([
    ['a wrong token', () => refused(STREAMS, 401, {})('ilg_wrong')],
    ['an unknown field', failed({ query: 'subscription { secrets { id } }' })],
    ['an invalid variable', failed({ variables: { filter: { actions: ['REMOVED'] } } })],
    ['an invalid filter', failed({ variables: { filter: { ipAddresses: ['home'] } } })],
    ['an invalid cursor', failed({ variables: { after: 'garbage' } })],
    ['an Organization that does not exist', failed({ variables: { organizationId: uuid(1) } })],
    ['a hidden Organization', failed({ variables: { organizationId: OTHER_ORGANIZATION } })],
    [
      'a client that does not accept event streams',
      refused(STREAMS, 406, { headers: { accept: 'application/json' } }),
    ],
    [
      'a body that is not JSON',
      refused(STREAMS, 415, { headers: { 'content-type': 'text/plain' } }),
    ],
    ['an event whose fields cannot be resolved', failed({ query: unresolvable })],
    ['a query that is answered as an event stream', failed({ query: '{ __typename }' })],
  ])('after %s', async (_, happens) => {
    await open({ streams: LIMITS })
    await expectAllFree(STREAMS, happens)
    expect(app.faults).toEqual([])
  })

  test.each([1, 2, 3, 4, 5])('after a fault at statement %i', async number => {
    await open({ streams: LIMITS })
    await expectAllFree(STREAMS, async token => {
      failFrom(number)
      await drained(await STREAMS.ask(token))
    })
    expect(app.faults.length).toBeGreaterThan(0)
  })

  test.each([1, 2, 3, 4, 5, 6])('after the client disconnected at statement %i', async number => {
    await open({ streams: LIMITS })
    const turns = async () => {
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
    }
    await expectAllFree(STREAMS, async token => {
      await leftAt(STREAMS, token, number)
      await turns()
    })
    expect(app.faults).toEqual([])
  })

  test.each<[string, (response: Response, leaving: AbortController) => Promise<unknown>]>([
    ['that was not read at all', async ({ body }) => body?.cancel()],
    ['whose client disconnected', async (_, leaving) => leaving.abort()],
    ['that was cancelled in the middle', async response => (await readOnce(response))?.cancel()],
    [
      'whose client disconnected and that was then cancelled',
      async (response, leaving) => {
        const reader = await readOnce(response)
        leaving.abort()
        await reader?.cancel()
      },
    ],
  ])('after a subscription %s', async (_, ends) => {
    await open({ streams: LIMITS })
    await expectAllFree(STREAMS, async token => {
      const leaving = new AbortController()
      const response = await STREAMS.ask(token, { signal: leaving.signal })
      expect(response.status).toBe(200)
      await ends(response, leaving)
    })
  })

  test('after a subscription that ended because its token was revoked', async () => {
    await open({ streams: { ...LIMITS, recheck: 1 } })
    await expectAllFree(STREAMS, () => revoked(STREAMS))
  })

  test.each(['patience', 'life'])(
    'after a subscription that ended by the limit “%s”',
    async limit => {
      await open({ streams: { ...LIMITS, [limit]: 1 } })
      const token = await app.token()
      for (let time = 0; time <= MOST; time++) {
        const over = nextEnd()
        const response = await STREAMS.ask(token)
        expect(response.status).toBe(200)
        await over
      }
    },
  )

  test('after a subscription ended, but not after one that was refused because all slots were taken', async () => {
    await open({ streams: LIMITS })
    const [token, other] = [await app.token(), await app.token()]
    const mine = [await STREAMS.ask(token), await STREAMS.ask(token)]
    for (let time = 0; time <= MOST; time++) await refused(STREAMS, 429, {})(token)
    expect(await free(STREAMS, other)).toBe(MOST_OF_VIEWER)
    await mine[0]?.body?.cancel()
    expect(await free(STREAMS, token)).toBe(1)
    await mine[1]?.body?.cancel()
    expect(await free(STREAMS, token)).toBe(MOST_OF_VIEWER)
    expect(await freeInAll(STREAMS)).toBe(MOST)
  })
})
