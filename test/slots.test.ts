// Exports and subscriptions are few at a time, in all and of each token. However one was refused or ended, its place
// is free again, and nobody else's is.

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
/** Called before each statement, with how many there were since it was set; what it returns, after it. */
let before: (statement: number) => unknown
let statements: number

async function open(options: Parameters<typeof openApp>[0]): Promise<void> {
  before = () => {}
  app = await openApp({
    ...options,
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

/** From this statement on. */
function failFrom(number: number): void {
  watch(statement => {
    if (statement >= number) throw new Error('the disk failed')
  })
}

interface Door {
  /** What is open by it lasts until its body ends. */
  ask(token: string, given?: Asking): Promise<Response>
}

interface Asking {
  readonly path?: string
  readonly query?: string
  readonly variables?: object
  readonly headers?: Readonly<Record<string, string>>
  readonly method?: string
  readonly signal?: AbortSignal
  readonly hungUp?: () => void
}

function request(path: string, init: RequestInit & { hungUp?: (() => void) | undefined }) {
  const { hungUp, ...rest } = init
  return app.app.fetch(new Request(`http://127.0.0.1${path}`, rest), hungUp)
}

const EXPORTS: Door = {
  ask: (token, { path = `/export/${ORGANIZATION}.ndjson`, method = 'GET', ...given } = {}) =>
    request(path, {
      method,
      headers: { 'x-auth-token': token },
      hungUp: given.hungUp,
      ...(given.signal && { signal: given.signal }),
    }),
}

const STREAMS: Door = {
  ask: (token, { query = EVENTS, variables, headers, ...given } = {}) =>
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
      hungUp: given.hungUp,
      ...(given.signal && { signal: given.signal }),
    }),
}

/** As many as the door still opens to this token; all of them closed again. */
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

/** To one token after the other, until nobody gets in; all of them closed again. */
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

/** What happens to one that asks, more often than there are places; beside another's that stays open. */
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

/** Asks, and is refused so. */
function refused(door: Door, status: number, given: Asking) {
  return async (token: string) => {
    const response = await door.ask(token, given)
    await response.text()
    expect(response.status).toBe(status)
  }
}

/** Reads on until it ends in any way. */
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

/** Its client leaves while it is looked for what it asks: just after this statement, or when there are fewer. */
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
])('the end of one %s frees no place of another token', async (_, door) => {
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
])('over a socket, the place of one %s is free again', (_, door, line, body) => {
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

  test('after a client that left when it had asked', () =>
    expectFree((token, socket) => send(socket, token)))

  test.each([1, 2, 3, 4, 5, 6, 8])('after one that left at statement %i', number =>
    expectFree(async (token, socket) => {
      const left = new Promise<void>(resolve => {
        watch(statement => {
          if (statement !== number && statement <= 12) return
          socket.destroy()
          resolve()
        })
      })
      send(socket, token)
      // Where fewer are needed, it leaves with the answer.
      await Promise.race([left, once(socket, 'data')])
      before = () => {}
    }),
  )

  test('after one that left when the answer began', () =>
    expectFree(async (token, socket) => {
      send(socket, token)
      expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 200 OK/)
    }))
})

describe('the places of exports are free again', () => {
  const path = `/export/${ORGANIZATION}.ndjson`

  test.each<[string, (token: string) => Promise<void>]>([
    ['who has no token', () => refused(EXPORTS, 401, {})('ilg_wrong')],
    ['a format there is not', refused(EXPORTS, 404, { path: `/export/${ORGANIZATION}.xlsx` })],
    ['an unknown parameter', refused(EXPORTS, 400, { path: `${path}?actoins=CREATED` })],
    ['a filter without sense', refused(EXPORTS, 400, { path: `${path}?ipAddresses=home` })],
    [
      'an Organization that is not there',
      refused(EXPORTS, 404, { path: `/export/${uuid(1)}.csv` }),
    ],
    ['one that is hidden', refused(EXPORTS, 404, { path: `/export/${OTHER_ORGANIZATION}.csv` })],
    ['a snapshot that is none', refused(EXPORTS, 400, { path: `${path}?snapshot=${uuid(404)}` })],
    ['after without a snapshot', refused(EXPORTS, 400, { path: `${path}?after=${uuid(404)}` })],
    ['another method', refused(EXPORTS, 405, { method: 'POST' })],
    ['the headers alone', refused(EXPORTS, 200, { method: 'HEAD' })],
  ])('after %s', async (_, happens) => {
    await open({ exports: LIMITS })
    await expectAllFree(EXPORTS, happens)
  })

  test('after a place to go on from that is none', async () => {
    await open({ exports: LIMITS })
    const first = await EXPORTS.ask(await app.token())
    await first.body?.cancel()
    const place = `/export/${ORGANIZATION}.ndjson${first.headers.get('content-location')}&after=${uuid(404)}`
    await expectAllFree(EXPORTS, async token => {
      const response = await EXPORTS.ask(token, { path: place })
      // The answer has begun where the first page does not tell, and is broken off then.
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

  test.each([1, 3, 5, 7])('after a client that left at statement %i', async number => {
    await open({ exports: LIMITS })
    await expectAllFree(EXPORTS, async token => {
      // As a server does for a connection that is gone.
      await (await leftAt(EXPORTS, token, number)).body?.cancel()
    })
    expect(app.faults).toEqual([])
  })

  test.each<[string, (response: Response) => Promise<unknown>]>([
    ['that was taken whole', async response => expect(await response.text()).toMatch(/sha256/)],
    ['that nobody read', async ({ body }) => body?.cancel()],
    ['that was left in the middle', async response => (await readOnce(response))?.cancel()],
    [
      'that failed in the middle, and was left then',
      async response => {
        const reader = await readOnce(response)
        failFrom(1)
        await expect(reader?.read()).rejects.toThrow()
        await reader?.cancel().catch(() => {})
      },
    ],
  ])('after one %s', async (_, ends) => {
    await open({ exports: LIMITS })
    await expectAllFree(EXPORTS, async token => {
      const response = await EXPORTS.ask(token)
      expect(response.status).toBe(200)
      await ends(response)
    })
  })

  test('after rights that changed', async () => {
    await open({ exports: { ...LIMITS, recheck: -1 } })
    await expectAllFree(EXPORTS, () => revoked(EXPORTS))
  })

  test('after a client that took nothing', async () => {
    await open({ exports: { ...LIMITS, patience: 1 } })
    const token = await app.token()
    for (let time = 0; time <= MOST; time++) {
      const cut = Promise.withResolvers<void>()
      const response = await EXPORTS.ask(token, { hungUp: cut.resolve })
      const reader = await readOnce(response)
      await cut.promise
      await expect(reader?.read()).rejects.toThrow('the client read nothing')
    }
  })

  test('and one that was cut off is logged with why', async () => {
    const codes: (readonly string[])[] = []
    const watching = { answered: (one: Answered) => void codes.push(one.codes) }
    await open({ exports: { ...LIMITS, patience: 1 }, watching })
    const token = await app.token()
    const cut = Promise.withResolvers<void>()
    const slow = await EXPORTS.ask(token, { hungUp: cut.resolve })
    await readOnce(slow)
    await cut.promise
    expect(codes).toEqual([['LIMIT_EXCEEDED']])
    const failing = await readOnce(await EXPORTS.ask(token))
    failFrom(1)
    await expect(failing?.read()).rejects.toThrow()
    expect(codes[1]).toEqual(['INTERNAL_SERVER_ERROR'])
  })

  test('after one that found no place, and only when another ended', async () => {
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

describe('the places of subscriptions are free again', () => {
  const untellable = `subscription ($organizationId: ID!, $after: String) {
    eventRecorded(organizationId: $organizationId, after: $after) {
      principal { events(first: 1000) { totalCount } }
    }
  }`

  const told = (given: Asking) => refused(STREAMS, 200, given)

  test.each<[string, (token: string) => Promise<void>]>([
    ['who has no token', () => refused(STREAMS, 401, {})('ilg_wrong')],
    ['a field there is not', told({ query: 'subscription { secrets { id } }' })],
    ['a variable that is none', told({ variables: { filter: { actions: ['REMOVED'] } } })],
    ['a filter without sense', told({ variables: { filter: { ipAddresses: ['home'] } } })],
    ['a cursor that is none', told({ variables: { after: 'garbage' } })],
    ['an Organization that is not there', told({ variables: { organizationId: uuid(1) } })],
    ['one that is hidden', told({ variables: { organizationId: OTHER_ORGANIZATION } })],
    ['who takes no stream', refused(STREAMS, 406, { headers: { accept: 'application/json' } })],
    ['what is no JSON', refused(STREAMS, 415, { headers: { 'content-type': 'text/plain' } })],
    ['an event that cannot be told', told({ query: untellable })],
    ['a query that is answered as a stream', told({ query: '{ __typename }' })],
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

  test.each([1, 2, 3, 4, 5, 6])('after a client that left at statement %i', async number => {
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
    ['that nobody read', async ({ body }) => body?.cancel()],
    ['whose client hung up', async (_, leaving) => leaving.abort()],
    ['that was left in the middle', async response => (await readOnce(response))?.cancel()],
    [
      'that was left twice',
      async (response, leaving) => {
        const reader = await readOnce(response)
        leaving.abort()
        await reader?.cancel()
      },
    ],
  ])('after one %s', async (_, ends) => {
    await open({ streams: LIMITS })
    await expectAllFree(STREAMS, async token => {
      const leaving = new AbortController()
      const response = await STREAMS.ask(token, { signal: leaving.signal })
      expect(response.status).toBe(200)
      await ends(response, leaving)
    })
  })

  test('after rights that changed', async () => {
    await open({ streams: { ...LIMITS, recheck: 1 } })
    await expectAllFree(STREAMS, () => revoked(STREAMS))
  })

  test.each(['patience', 'life'])('after the end of its %s', async limit => {
    await open({ streams: { ...LIMITS, [limit]: 1 } })
    const token = await app.token()
    for (let time = 0; time <= MOST; time++) {
      const ended = Promise.withResolvers<void>()
      const response = await STREAMS.ask(token, { hungUp: ended.resolve })
      expect(response.status).toBe(200)
      await ended.promise
    }
  })

  test('after one that found no place, and only when another ended', async () => {
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
